"""alsa-lib's explanations turned into our errors."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from pyaudiobus.errors import DeviceError

_STDERR = 2
_ERRNO_OF_WORDS = {os.strerror(code): code for code in errno.errorcode}
"""pyalsaaudio raises alsa-lib's words, which are the C library's, without the number."""


def explained(operation: str, device: str, error: Exception, said: list[str]) -> DeviceError:
    """Build the error of a failed call from pyalsaaudio's exception and the last line alsa-lib printed."""
    words = str(error).partition(" [")[0]
    last = said[-1].rpartition(") ")[2] if said else ""
    code = _ERRNO_OF_WORDS.get(words, 0)
    if code:
        return DeviceError.from_errno(operation, device, code, said=last)
    return DeviceError(f"cannot {operation} {device}: {words}", facts=[last] if last else [])


@contextmanager
def captured_stderr() -> Iterator[list[str]]:
    """Keep what alsa-lib prints off the terminal; the lines are there when the block has ended.

    alsa-lib explains itself on descriptor 2 only, and pyalsaaudio cannot tell it otherwise.
    """
    lines: list[str] = []
    with open(os.memfd_create("alsa-lib"), "w+b") as sink:  # there may be no folder to write in
        terminal = os.dup(_STDERR)
        os.dup2(sink.fileno(), _STDERR)
        try:
            yield lines
        finally:
            os.dup2(terminal, _STDERR)
            os.close(terminal)
            sink.seek(0)
            lines += sink.read().decode(errors="replace").splitlines()
