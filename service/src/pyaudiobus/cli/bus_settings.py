"""`audiobus settings`: what can be changed of the policy while everything runs. What `play` is asked is elsewhere."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pyaudiobus.cli.asking import ask_session
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.client.mirror import Change, follow
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import Entry

ACTIONS = ("list", "describe", "get", "set", "save", "reset", "watch")
PREFIX = "settings."
"""How the keys begin under which the session manager publishes them."""
_WORDS = {"list": (0, 0), "describe": (0, 1), "get": (1, 1), "set": (2, 2), "save": (0, 1), "reset": (0, 1)}
"""How many words may follow an action."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print one JSON object a line")
    parser.add_argument("action", choices=ACTIONS, nargs="?", default="list", metavar="|".join(ACTIONS))
    parser.add_argument("name", metavar="SETTING", nargs="?")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="set only; it is kept until the next start, or saved")


def command(arguments: argparse.Namespace) -> int:
    """Do it."""
    _check(arguments)
    with connect(arguments, "settings") as remote:
        if arguments.action == "watch":
            return _watch(remote, arguments)
        if arguments.action in ("list", "describe", "get"):
            for line in ask_session(remote, "settings", name=arguments.name or ""):
                _show(json.loads(line), arguments)
        else:
            question = f"{arguments.action}-setting"
            lines = ask_session(remote, question, name=arguments.name or "", value=arguments.value or "")
            for line in lines:
                _tell(*line.split(" = ", 1), is_json=arguments.json)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """UserError where the words do not fit the action."""
    given = sum(word is not None for word in (arguments.name, arguments.value))
    least, most = _WORDS.get(arguments.action, (0, 1))
    if not least <= given <= most:
        forms = {"set": "SETTING VALUE", "get": "SETTING", "list": ""}
        form = forms.get(arguments.action, "[SETTING]")
        raise UserError(f"write: audiobus settings {arguments.action} {form}".rstrip())


def _show(words: dict[str, Any], arguments: argparse.Namespace) -> None:
    if arguments.json:
        put_json(words)
    elif arguments.action == "get":
        put_line(words["value"])
    elif arguments.action == "list":
        mark = "  (saved)" if words["saved"] else "" if words["value"] == words["default"] else "  (set)"
        put_line(f"{words['name']:<30} {words['value']}{mark}")
    else:
        allowed = " or ".join(words["allowed"]) or "{} to {}".format(*words["range"])
        unit = f" {words['unit']}" if words["unit"] else ""
        put_line(f"{words['name']} = {words['value']}")
        put_line(f"    {words['description']}")
        put_line(f"    {allowed}{unit}; default: {words['default']}")


def _tell(name: str, value: str, *, is_json: bool) -> None:
    if is_json:
        put_json({"name": name, "value": value})
    else:
        put_line(f"{name} = {value}")


def _watch(remote: Remote, arguments: argparse.Namespace) -> int:
    """Tell all settings, then each change, until interrupted."""
    changes: list[Change] = []
    follow(remote, ("metadata",), changes.append)
    while True:
        for change in changes:
            entry = change.after
            if isinstance(entry, Entry) and entry.key.startswith(PREFIX):
                name = entry.key.removeprefix(PREFIX)
                if arguments.name in (None, name):
                    _tell(name, entry.value, is_json=arguments.json)
        changes.clear()
        remote.wait()
