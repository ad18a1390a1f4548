"""Runs a sound server and its clients in the guest and prints, as JSON, what they cost in a span of the guest's time.

The first argument is a JSON object:
`server`, `clients`: lists of commands; a command is `argv`, `env`, `root` (a folder to chroot to, or empty).
`socket`: appears when the server is ready. `afterwards`: commands to be run, again and again until they succeed.
`pids`: a file in which the one client tells the ids of its children, which are measured in its place; or empty.
`settle`, `measure`: seconds. `beside`: a command that is run to its end before the measurement; or null.
`told`: a command that is run before and after; or null. What these two say is handed back.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

PATIENCE = 60
"""Seconds of the guest's clock."""


def main() -> None:
    """Do what the first argument says."""
    plan: dict[str, Any] = json.loads(sys.argv[1])
    started: list[int] = []
    try:
        json.dump(run(plan, started), sys.stdout)
    finally:
        for pid in reversed(started):
            os.kill(pid, signal.SIGKILL)


def run(plan: dict[str, Any], started: list[int]) -> dict[str, Any]:
    """Start all, wait, and measure."""
    servers = [start(command, "server", started) for command in plan["server"]]
    until(lambda: os.path.exists(plan["socket"]), "the server made no socket")
    clients = [start(command, "client", started) for command in plan["clients"]]
    for command in plan["afterwards"]:
        until(lambda command=command: succeeds(command), f"{command['argv']} does not succeed")
    if plan["pids"]:
        until(lambda: os.path.exists(plan["pids"]), "the players do not start")
        with open(plan["pids"], encoding="ascii") as file:
            clients = json.load(file)
        started += clients
    time.sleep(plan["settle"])
    before = said_by(plan["told"]) if plan["told"] else ""
    said = said_by(plan["beside"]) if plan["beside"] else ""
    told = measure(servers, clients, plan["measure"]) | {"said": said}
    return told | {"before": before, "after": said_by(plan["told"]) if plan["told"] else ""}


def measure(servers: list[int], clients: list[int], span: float) -> dict[str, Any]:
    """Return instructions and sleeps of servers and clients in `span` seconds."""
    begin, before = time.monotonic(), [look(pids) for pids in (servers, clients)]
    time.sleep(span)
    end, after = time.monotonic(), [look(pids) for pids in (servers, clients)]
    costs = [[new - old for old, new in zip(*pair, strict=True)] for pair in zip(before, after, strict=True)]
    return {
        "seconds": end - begin,
        "daemon": costs[0],
        "clients": costs[1],
        "resident_kib": sum(resident(pid) for pid in servers),
    }


def look(pids: list[int]) -> tuple[int, int]:
    """Return the instructions and the voluntary switches of processes, all their threads together."""
    # The kernel's clock of another process (clock_getcpuclockid(3)): scheduled time, which is a count here.
    return sum(time.clock_gettime_ns(~pid << 3 | 2) for pid in pids), sum(switches(pid) for pid in pids)


def switches(pid: int) -> int:
    """Return how often a process's threads went to sleep."""
    tasks = os.listdir(f"/proc/{pid}/task")
    return sum(fact(f"/proc/{pid}/task/{task}/status", "voluntary_ctxt_switches") for task in tasks)


def resident(pid: int) -> int:
    """Return KiB."""
    return fact(f"/proc/{pid}/status", "VmRSS")


def fact(path: str, name: str) -> int:
    """Return a number of a status file."""
    with open(path, encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name + ":"))


def start(command: dict[str, Any], name: str, started: list[int]) -> int:
    """Start a command; its words go to a file named after it."""
    pid = os.fork()
    if pid == 0:
        become(command, os.open(f"/tmp/{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    started.append(pid)
    return pid


def succeeds(command: dict[str, Any]) -> bool:
    """Run a command to its end."""
    pid = os.fork()
    if pid == 0:
        become(command, os.open("/tmp/afterwards.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    return os.waitpid(pid, 0)[1] == 0


def said_by(command: dict[str, Any]) -> str:
    """Run a command and return its standard output."""
    path = "/tmp/told"
    pid = os.fork()
    if pid == 0:
        become(command, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    if os.waitpid(pid, 0)[1]:
        raise SystemExit(f"{command['argv']} failed: {text(path)}")
    return text(path)


def become(command: dict[str, Any], output: int) -> None:
    """Be another program."""
    silent = os.open("/dev/null", os.O_RDONLY)
    for number, descriptor in enumerate((silent, output, output)):
        os.dup2(descriptor, number)
    if command["root"]:
        os.chroot(command["root"])
        os.chdir("/")
    try:
        os.execve(command["argv"][0], command["argv"], command["env"])
    except OSError as error:
        os.write(2, f"{command['argv'][0]}: {error.strerror}\n".encode())
    os._exit(127)


def until(condition: Any, failure: str) -> None:  # noqa: ANN401
    """Wait for something."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{failure}: {text('/tmp/server.log')} {text('/tmp/client.log')}")
        time.sleep(0.02)


def text(path: str) -> str:
    """Return the end of a file."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]
    except FileNotFoundError:
        return ""


main()
