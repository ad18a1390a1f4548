"""The tools as a person runs them, in this process, against a real daemon."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from pyaudiobus.cli import audiobus
from tests.client.live_bus import LiveBus
from tests.daemon.dsp_bus import DspBus


@dataclass
class Told:
    """What one command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What --json printed on one line."""
        return json.loads(self.out)


class BusDesk:
    """Runs tools on one bus."""

    def __init__(self, bus: LiveBus | DspBus) -> None:
        self.path = bus.path

    def run(self, *words: str, stdin: bytes = b"") -> Told:
        """Run one command to its end; it has to end by itself."""
        out, err = io.StringIO(), io.StringIO()
        before = sys.argv, sys.stdin
        sys.argv = ["audiobus", words[0], "--remote", self.path, *words[1:]]
        try:
            with (
                tempfile.TemporaryFile("w+") as typed,
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                os.pwrite(typed.fileno(), stdin, 0)
                sys.stdin = typed
                code = audiobus.main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        finally:
            sys.argv, sys.stdin = before
        return Told(code, out.getvalue(), err.getvalue())

    def told(self, *words: str) -> Any:
        """Run one that has to succeed; return its JSON."""
        done = self.run(*words, "--json")
        assert done.code == 0, done.err
        return done.json
