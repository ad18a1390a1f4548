"""The native data plane, or one sentence where the package was installed without a compiler."""

from __future__ import annotations

from pyaudiobus.errors import UserError

try:
    from pyaudiobus.engine._engine import ffi, lib
except ImportError as error:
    raise UserError(
        "the bus needs the native part of pyaudiobus, which is not installed",
        facts=[str(error)],
        advice="With a C compiler and Python's headers on the machine, install pyaudiobus again. "
        "Files play without it: audiobus play --private FILE.",
    ) from None

__all__ = ["ffi", "lib"]
