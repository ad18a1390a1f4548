"""Guests for the tests of this folder: each kind is booted once, when a test first asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qemu.guest import Guest


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """A guest in real time, with the virtual DSP at card 0 and a writable folder at `guest.share`."""
    with Guest(share=tmp_path_factory.mktemp("share")) as booted:
        yield booted


@pytest.fixture(scope="session")
def wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sound card of `virtual_guest` plays to; whole only when that guest has ended."""
    return tmp_path_factory.mktemp("wav") / "out.wav"


@pytest.fixture(scope="session")
def virtual_guest(wav: Path) -> Iterator[Guest]:
    """A guest in virtual time, with the virtual DSP at card 0 and an HDA card, card 1, that plays into `wav`."""
    with Guest(virtual_time=True, wav=wav) as booted:
        yield booted
