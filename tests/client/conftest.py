"""One daemon for the tests of a module, and a connection for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pyaudiobus.client import playing
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.write_queue import Seek, WriteQueue
from tests.client.live_bus import LiveBus

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def remote(bus: LiveBus) -> Iterator[Remote]:
    with Remote("tester", bus.path) as connection:
        yield connection


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> bytearray:
    """All that a client stores decoded."""
    kept = bytearray()

    class Kept(WriteQueue):
        def write(self, data: ReadableBuffer, offset: int = 0, seek: Seek = Seek.RELATIVE) -> bool:
            kept.extend(memoryview(data))
            return super().write(data, offset, seek)

    monkeypatch.setattr(playing, "WriteQueue", Kept)
    return kept
