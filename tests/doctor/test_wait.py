"""Waiting for a board that comes up late, with time turned by hand."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pyaudiobus.doctor.diagnosis import Diagnosis
from pyaudiobus.doctor.wait import Events, wait_until_well
from tests.doctor.bench import Dragonboard
from tests.doctor.failures import spoil


class TurnedByHand(Events):
    """A clock that moves only while somebody waits, and no events."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def listen(self) -> socket.socket:
        raise PermissionError

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds


class LateBoard:
    """A board whose card comes at a certain time."""

    def __init__(self, folder: Path, clock: TurnedByHand, comes_at: float) -> None:
        self.clock = clock
        self.comes_at = comes_at
        self.bare, self.complete = Dragonboard(folder / "bare"), Dragonboard(folder / "complete")
        spoil(self.bare, "the card's driver gives up")
        self.looks = 0

    def look(self) -> Diagnosis:
        """Ask the doctor now."""
        self.looks += 1
        return (self.complete if self.clock.time >= self.comes_at else self.bare).examine()


@pytest.fixture
def told() -> list[Diagnosis]:
    return []


def test_a_card_that_comes_late_is_waited_for(tmp_path: Path, told: list[Diagnosis]) -> None:
    clock = TurnedByHand()
    board = LateBoard(tmp_path, clock, comes_at=7.0)
    assert wait_until_well(board.look, 30.0, told.append, clock).is_well
    assert clock.time == pytest.approx(8.0)
    assert len(told) == 1


def test_a_card_that_never_comes_is_not_waited_for_any_longer_than_was_asked(
    tmp_path: Path, told: list[Diagnosis]
) -> None:
    clock = TurnedByHand()
    board = LateBoard(tmp_path, clock, comes_at=float("inf"))
    assert not wait_until_well(board.look, 9.0, told.append, clock).is_well
    assert clock.time == pytest.approx(9.0)
    assert board.looks <= 6


def test_without_being_asked_nothing_is_waited_for(tmp_path: Path, told: list[Diagnosis]) -> None:
    clock = TurnedByHand()
    board = LateBoard(tmp_path, clock, comes_at=1.0)
    assert not wait_until_well(board.look, 0.0, told.append, clock).is_well
    assert (board.looks, told) == (1, [])


def test_what_time_does_not_mend_is_not_waited_for(tmp_path: Path, told: list[Diagnosis]) -> None:
    board, clock = Dragonboard(tmp_path), TurnedByHand()
    spoil(board, "its board file has a mistake")
    wait_until_well(board.examine, 30.0, told.append, clock)
    assert (clock.time, told) == (0.0, [])


class Joined(Events):
    """Events that come from the other end of a pair of sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel, self.mine = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def listen(self) -> socket.socket:
        return self.mine


def test_an_event_ends_the_wait_and_is_forgotten() -> None:
    with Joined() as events:
        for word in (b"add@/devices/sound/card0", b"change@/devices/sound/card0"):
            events.kernel.send(word)
        events.wait(3600.0)
        with pytest.raises(BlockingIOError):
            events.mine.recv(1)
        events.kernel.close()


class Storm(Joined):
    """A quarter of a second passes with each look at the clock, and another event comes."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def now(self) -> float:
        self.time += 0.25
        self.kernel.send(b"change@/devices/virtual/tty/tty1")
        return self.time


def test_a_storm_of_events_is_waited_out_no_longer_than_was_asked() -> None:
    with Storm() as events:
        events.wait(2.0)
        assert events.time == pytest.approx(2.25)
        events.kernel.close()
