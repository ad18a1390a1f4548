"""Words on standard output and standard error, whatever they are joined to and whatever a file's name holds."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from pyaudiobus.errors import AudiobusError

_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), 127) if chr(code) != "\n"}
"""Control characters as text: a name or a title must not move the cursor or colour the screen."""


def prepare_streams() -> None:
    """Put something in the place of a stream that was closed, and let odd bytes in names be printed somehow."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def put_line(text: str, stream: TextIO | None = None) -> None:
    """Print one line at once, on stdout unless told otherwise. AudiobusError if that cannot be written to."""
    put(text.translate(_VISIBLE) + "\n", stream)


def put(text: str, stream: TextIO | None = None) -> None:
    """Print text as it is."""
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_output()
        words = (error.strerror or str(error)).lower()
        raise AudiobusError(f"cannot write to standard output: {words}", advice="Send it elsewhere.") from None


def discard_output() -> None:
    """Let what is still to be printed go nowhere: the flush at exit would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # lives as long as the program
