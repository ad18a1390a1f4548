"""`audiobus session`: the session manager: who it is, its scripts, what it remembers; read its files again, forget."""

from __future__ import annotations

import argparse
import json

from pyaudiobus.cli.asking import ask_session
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError

ACTIONS = ("status", "hooks", "state", "reload", "forget")
_STATES = {
    "governs": "it decides who plays where",
    "away": "it does not answer, and the bus decides by itself",
    "none": "there is none, and the bus decides by itself",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("action", choices=ACTIONS, nargs="?", default="status", metavar="|".join(ACTIONS))
    parser.add_argument("kind", metavar="KIND", nargs="?", help="forget only: defaults, volumes, targets, ...")


def command(arguments: argparse.Namespace) -> int:
    """Do it."""
    if arguments.kind and arguments.action != "forget":
        raise UserError(f"write: audiobus session {arguments.action}")
    with connect(arguments, "session") as remote:
        if arguments.action == "status":
            return _status(remote, is_json=arguments.json)
        question = {"forget": "reset-state"}.get(arguments.action, arguments.action)
        lines = ask_session(remote, question, kind=arguments.kind or "")
    if arguments.action == "hooks" and not arguments.json:
        told = [word for line in lines for word in _hook(json.loads(line))]
        lines = tuple(told) or ("no hook of a script was asked so far",)
    for line in lines:
        put_line(line)
    return 0


def _status(remote: Remote, *, is_json: bool) -> int:
    """Say who is the session manager; exit 1 where nobody governs."""
    bus = look(remote)
    (core,) = bus.of_kind("core")
    state = str(core.facts.get("session_state", "none"))
    holder = bus.items.get(core.number("session"))
    if is_json:
        name = None if holder is None else holder.name
        put_json({"state": state, "client": core.number("session"), "name": name})
    else:
        who = "" if holder is None else f"{holder.name} (client {holder.serial}, pid {holder.number('pid')}): "
        put_line(f"{who}{_STATES.get(state, state)}")
        for line in ask_session(remote, "status") if state == "governs" else ():
            put_line(line)
    return 0 if state == "governs" else 1


def _hook(words: dict[str, object]) -> list[str]:
    if "left_out" in words:
        return [f"left out: {words['left_out']}"]
    told = f"{words['hook']}: asked {words['asked']} times, failed {words['failed']}, slowest {words['slowest_ms']} ms"
    off = ", switched off" if words["off"] else ""
    return [f"{told}{off}  [{words['source']}]", *([f"    {words['reason']}"] if words["reason"] else [])]
