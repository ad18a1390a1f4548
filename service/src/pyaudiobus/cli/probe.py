"""`audiobus probe`: what is in a file, and what would be sent to a DSP."""

from __future__ import annotations

import argparse
import json
import sys

from pyaudiobus.cli.report import clock_time, complain
from pyaudiobus.errors import MediaError
from pyaudiobus.media.probe import Probe, probe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def command(arguments: argparse.Namespace) -> int:
    """Probe every file; a bad one does not keep the next from being told."""
    worst = 0
    for path in arguments.files:
        try:
            found = probe(path)
        except MediaError as error:
            complain("audiobus", error)
            worst = error.exit_code
            continue
        text = json.dumps(found.as_json(), ensure_ascii=False) if arguments.json else _for_people(found)
        sys.stdout.write(text + "\n")
    return worst


def _for_people(found: Probe) -> str:
    fields = dict(found.as_json())
    fields.pop("file", None)
    seconds = fields.get("seconds")
    if isinstance(seconds, float | int):
        fields["seconds"] = f"{seconds:.6f} ({clock_time(seconds)})"
    known = {key: value for key, value in fields.items() if value not in ("", None, [], ())}
    return "\n".join([found.path, *(f"    {key.replace('_', ' '):20} {value}" for key, value in known.items())])
