"""A virtual DSP at the ready: opened, configured, its clock in the test's hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from tests.devices.virtual.bench import SHAPES, MakeDsp, Tone, Worker


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def mp3() -> Tone:
    return Tone("tone-128k.mp3")


@pytest.fixture
def tone() -> Callable[[str], Tone]:
    return Tone


@pytest.fixture
def work(clock: ManualClock) -> Callable[[Callable[[], object]], Worker]:
    return lambda call: Worker(clock, call)


@pytest.fixture
def make_dsp(clock: ManualClock) -> Iterator[MakeDsp]:
    """Make DSPs that are open and configured for the first tone."""
    made: list[VirtualDsp] = []

    def make(
        profile: str = "generic", geometry: Geometry | None = None, render: str | None = None, tap: str | None = None
    ) -> VirtualDsp:
        dsp = VirtualDsp(profile, clock, render, tap)
        made.append(dsp)
        dsp.open()
        usual = Geometry(1024, 4) if profile == "generic" else Geometry(8192, 4)
        dsp.set_params(SHAPES["tone-128k.mp3"], geometry or usual)
        return dsp

    yield make
    for dsp in made:
        dsp.close()
