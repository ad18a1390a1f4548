"""`audiobus dump`: all that can be known of the bus, as JSON. What a bug report needs, and what --from reads."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

from pyaudiobus import __version__
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect
from pyaudiobus.cli.printing import put
from pyaudiobus.client.commands import params, permissions, profile
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.model.snapshot import Item, Snapshot

PARAMS = ("EnumFormat", "Format", "Buffers", "IO", "Latency", "Props")
CYCLES = 32
"""The last cycles of each device."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print JSON, as it does anyway")
    parser.add_argument("--compact", action="store_true", help="all on one line")


def command(arguments: argparse.Namespace) -> int:
    """Print it."""
    with connect(arguments, "dump") as remote:
        found = everything(remote)
    put(json.dumps(found, indent=None if arguments.compact else 2) + "\n")
    return 0


def everything(remote: Remote) -> dict[str, Any]:
    """Return the dump."""
    bus = look(remote)
    welcome, machine = remote.welcome, os.uname()
    return {
        "audiobus": __version__,
        "daemon": {
            "version": welcome.daemon,
            "host": welcome.host,
            "protocol": welcome.version,
            "features": sorted(welcome.features),
        },
        "machine": {"kernel": f"{machine.sysname} {machine.release}", "architecture": machine.machine},
        "python": sys.version.split()[0],
        "taken_at": time.time(),
        "asked_by": welcome.client,
        "bus": bus.as_words(),
        "params": {str(item.serial): known for item in bus.items.values() if (known := _params(remote, item))},
        "permissions": _permissions(remote, bus),
        "cycles": {str(node.serial): cycles for node in bus.nodes() if (cycles := cycles_of(remote, node.serial))},
    }


def params_of(remote: Remote, serial: int) -> dict[str, list[Any]]:
    """Return the params of a node or port, as far as it has them."""
    found: dict[str, list[Any]] = {}
    for param in PARAMS:
        answer = ask_if_there(remote, params(serial, param))
        if answer is not None and answer.values:
            found[param] = [json.loads(value) for value in answer.values]
    return found


def cycles_of(remote: Remote, serial: int, most: int = CYCLES) -> list[dict[str, int]]:
    """Return a device's last cycles, oldest first; none where it has none."""
    answer = ask_if_there(remote, profile(serial, most))
    if answer is None:
        return []
    return [{name: getattr(cycle, name) for name in cycle.__struct_fields__} for cycle in answer.cycles]


def ask_if_there(remote: Remote, request: Any) -> Any:  # noqa: ANN401
    """Ask for what an object may not have, may not tell, or has gone with. None: it was refused."""
    try:
        return remote.do(request)
    except PeerError:
        raise
    except AudiobusError:
        return None


def _params(remote: Remote, item: Item) -> dict[str, list[str]]:
    return params_of(remote, item.serial) if item.kind in ("node", "port") else {}


def _permissions(remote: Remote, bus: Snapshot) -> dict[str, dict[str, int]]:
    found = {}
    for client in bus.of_kind("client"):
        answer = ask_if_there(remote, permissions(client.serial))
        if answer is not None:
            found[str(client.serial)] = {str(one.object): one.bits for one in answer.permissions}
    return found
