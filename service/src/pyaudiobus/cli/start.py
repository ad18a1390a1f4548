"""Where the programs begin: what a signal does is settled before anything that takes time to load."""

from __future__ import annotations

from importlib import import_module

from pyaudiobus.cli.signals import INTERRUPTED, listen


def audiobus() -> int:
    """Run `audiobus` and return its exit code."""
    return _run("pyaudiobus.cli.audiobus")


def pyfcplay() -> int:
    """Run `pyfcplay` and return its exit code."""
    return _run("pyaudiobus.cli.pyfcplay")


def audiobusd() -> int:
    """Run `audiobusd` and return its exit code."""
    return _run("pyaudiobus.cli.audiobusd")


def audiobus_session() -> int:
    """Run `audiobus-session` and return its exit code."""
    return _run("pyaudiobus.cli.audiobus_session")


def _run(module: str) -> int:
    listen()
    try:
        code: int = import_module(module).main()
    except KeyboardInterrupt:
        return INTERRUPTED
    return code
