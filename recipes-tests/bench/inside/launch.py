"""Runs one program in the guest and prints, as JSON, what it cost and what the virtual DSP saw of it.

The first argument is a JSON object: `argv`, `env`, `output` (a file for standard output), `dsp` (a folder of debugfs,
or empty), `timeout` (seconds of the guest's clock after which the program is killed), `daemon` (a command line that is
started before, or empty; it is ready when `socket` is there, and what it costs meanwhile is added).
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from typing import Any


def main() -> None:
    """Do what the first argument says."""
    plan: dict[str, Any] = json.loads(sys.argv[1])
    if plan["dsp"]:
        write(f"{plan['dsp']}/ctl", "reset\n")
    daemon = start_daemon(plan) if plan["daemon"] else 0
    try:
        told = run(plan, daemon)
    finally:
        if daemon:
            os.kill(daemon, signal.SIGTERM)
            os.waitpid(daemon, 0)
    if plan["dsp"]:
        told["events"] = read(f"{plan['dsp']}/events").splitlines()
        told["state"] = dict(line.split(" ", 1) for line in read(f"{plan['dsp']}/state").splitlines())
    json.dump(told, sys.stdout)


def start_daemon(plan: dict[str, Any]) -> int:
    """Start it and wait until it listens and has asked its devices what they can do."""
    actions = [(os.POSIX_SPAWN_OPEN, 2, f"{plan['output']}.daemon", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    pid = os.posix_spawn(plan["daemon"][0], plan["daemon"], plan["env"], file_actions=actions)
    for _ in range(600):
        if os.path.exists(plan["socket"]):
            break
        time.sleep(0.1)
    time.sleep(2)
    return pid


def spent(pid: int) -> tuple[int, int]:
    """Return the instructions and the voluntary switches of a process, all its threads together; 0: of nobody."""
    if not pid:
        return 0, 0
    tasks = [read(f"/proc/{pid}/task/{task}/status") for task in os.listdir(f"/proc/{pid}/task")]
    switches = sum(int(text.partition("voluntary_ctxt_switches:")[2].split()[0]) for text in tasks)
    return time.clock_gettime_ns(~pid << 3 | 2), switches  # the kernel's clock of another (clock_getcpuclockid(3))


def run(plan: dict[str, Any], daemon: int) -> dict[str, Any]:
    """Run the program; times are of CLOCK_MONOTONIC, as in the events."""
    errors = f"{plan['output']}.errors"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, plan["output"], flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, flags, 0o600),
    ]
    before = spent(daemon)
    began = time.monotonic_ns()
    pid = os.posix_spawn(plan["argv"][0], plan["argv"], plan["env"], file_actions=actions)
    watch = os.pidfd_open(pid)
    if not select.select([watch], [], [], plan["timeout"])[0]:
        os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    after = spent(daemon)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "instructions": round((usage.ru_utime + usage.ru_stime) * 1e9) + after[0] - before[0],
        "of_daemon": after[0] - before[0],
        "voluntary": usage.ru_nvcsw + after[1] - before[1],
        "max_rss_kib": usage.ru_maxrss,
        "began_ns": began,
        "wall_ns": time.monotonic_ns() - began,
        "errors": read(errors),
    }


def read(path: str) -> str:
    """Return the text of a file."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def write(path: str, text: str) -> None:
    """Write to a control file in one write."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


main()
