"""One daemon for the tests of a module, and a connection for each."""

from collections.abc import Iterator

import pytest

from pyaudiobus.client.remote import Remote
from tests.client.live_bus import LiveBus


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def remote(bus: LiveBus) -> Iterator[Remote]:
    with Remote("tester", bus.path) as connection:
        yield connection
