"""Runs one program in the guest and prints, as JSON, what it cost and what the virtual DSP saw of it.

The first argument is a JSON object: `argv`, `env`, `output` (a file for standard output), `dsp` (a folder of debugfs,
or empty), `timeout` (seconds of the guest's clock after which the program is killed).
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
    told = run(plan)
    if plan["dsp"]:
        told["events"] = read(f"{plan['dsp']}/events").splitlines()
        told["state"] = dict(line.split(" ", 1) for line in read(f"{plan['dsp']}/state").splitlines())
    json.dump(told, sys.stdout)


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Run the program; times are of CLOCK_MONOTONIC, as in the events."""
    errors = f"{plan['output']}.errors"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, plan["output"], flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, flags, 0o600),
    ]
    began = time.monotonic_ns()
    pid = os.posix_spawn(plan["argv"][0], plan["argv"], plan["env"], file_actions=actions)
    watch = os.pidfd_open(pid)
    if not select.select([watch], [], [], plan["timeout"])[0]:
        os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "instructions": round((usage.ru_utime + usage.ru_stime) * 1e9),
        "voluntary": usage.ru_nvcsw,
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
