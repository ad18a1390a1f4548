"""Daemons for tests: one that is shared by a module's tests, and ones of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pyaudiobus.client.remote import Remote
from tests.daemon.bench import Daemon

TWO_SINKS = """
sinks:
  first: {kind: null}
  second: {kind: null}
sources:
  tone: {kind: null, tone: 1000}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with two sinks that nobody hears, and a tone to record; at the end it still lives."""
    with Daemon(tmp_path_factory.mktemp("daemon"), TWO_SINKS) as daemon:
        yield daemon
        assert daemon.process.poll() is None, daemon.log()
        assert "mistake of the daemon" not in daemon.log(), daemon.log()


@pytest.fixture
def remote(shared: Daemon) -> Iterator[Remote]:
    """A connection to it."""
    with shared.remote() as made:
        yield made


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[[str], Daemon]]:
    """What starts a daemon of the test's own with a configuration."""
    with ExitStack() as stack:

        def start(yaml: str) -> Daemon:
            return stack.enter_context(Daemon(tmp_path, yaml))

        yield start
