"""Libraries the service reaches for: whether they load here, and which release they are."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from pyaudiobus.devices.tinycompress_library import has_call, load_library
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.record import Record

_NEW_CALL = "compress_get_hpointer64"
"""Came with 1.2.16; the library has no call that tells its release."""


class Program(Record):
    """One library."""

    release: str
    """Empty if it does not load."""
    problem: str = ""
    """Why it does not load."""


class Programs(Record):
    """Those that can be missing while the service itself is there."""

    tinycompress: Program
    decoder: Program
    """PyAV, and FFmpeg below it."""
    tag_reader: Program
    """mutagen."""
    mixer: Program
    """pyalsaaudio."""


def find_programs() -> Programs:
    """Load each, as playing would."""
    return Programs(
        tinycompress=_tinycompress(),
        decoder=_python("pyaudiobus.media.decode.container", "av"),
        tag_reader=_python("mutagen", "mutagen"),
        mixer=_python("alsaaudio", "pyalsaaudio"),
    )


def _tinycompress() -> Program:
    try:
        library = load_library()
    except AudiobusError as error:
        return Program("", "; ".join(error.facts) or error.what)
    return Program("1.2.16 or newer" if has_call(library, _NEW_CALL) else "older than 1.2.16")


def _python(module: str, package: str) -> Program:
    try:
        import_module(module)
    except ImportError as error:
        return Program("", str(error))
    try:
        return Program(version(package))
    except PackageNotFoundError:
        return Program("unknown release")
