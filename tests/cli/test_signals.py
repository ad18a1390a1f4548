"""Signals that come where an exception would get lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pyaudiobus.cli.signals import TERMINATED, end_if_asked, listen

_ASK = "import os\nos.kill(os.getpid(), number)\nos.getpid()\nsteps.append('left')\n"


@pytest.fixture
def _listening() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    listen()
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def ask(number: int, file: str, steps: list[str]) -> None:
    """Send this process a signal from within a source file."""
    exec(compile(_ASK, file, "exec"), {"number": number, "steps": steps})


@pytest.mark.usefixtures("_listening")
@pytest.mark.parametrize("file", ["av/error.py", "/usr/lib/python3/dist-packages/av/error.py"])
def test_inside_pyav_nothing_is_raised_but_right_after_it(file: str) -> None:
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        ask_and_go_on(signal.SIGINT, file, steps)
    assert steps == ["left"]
    end_if_asked()


def ask_and_go_on(number: int, file: str, steps: list[str]) -> None:
    """The timer may be quicker than the next step."""
    ask(number, file, steps)
    end_if_asked()


@pytest.mark.usefixtures("_listening")
def test_elsewhere_it_is_raised_at_once() -> None:
    steps: list[str] = []
    with pytest.raises(SystemExit) as ending:
        ask(signal.SIGTERM, "pyaudiobus/client/player.py", steps)
    assert ending.value.code == TERMINATED
    assert steps == []
