"""Fixtures for tests in a guest with systemd. It is booted once, when a test first asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qemu.guest import Guest
from system.booted import System
from system.installed import install

_MEMORY = 1024
"""MiB: files that are written in the guest are in its memory."""


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """A guest in real time with the virtual DSP, booted by systemd, the service installed."""
    with Guest(memory=_MEMORY) as guest:
        system = System(guest)
        install(guest)
        system.boot()
        yield system
