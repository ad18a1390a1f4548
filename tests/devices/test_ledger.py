"""What a driver that rounds up at a change of tracks has really taken, and the room that is really there."""

from __future__ import annotations

from pyaudiobus.devices.ledger import Ledger
from pyaudiobus.devices.node import CompressNode


class Driver(CompressNode):
    """A node whose counter is set by hand."""

    def __init__(self) -> None:
        super().__init__("/dev/null", "driver")
        self.protocol = 0x200
        self.taken = 0

    def copied(self, operation: str) -> int:
        del operation
        return self.taken

    def timestamp(self) -> tuple[int, int, int]:
        return self.taken, 0, 0


def test_without_a_change_of_tracks_what_the_driver_says_is_what_it_took() -> None:
    driver = Driver()
    ledger = Ledger(driver, 64)
    ledger.written, driver.taken = 40, 24
    assert ledger.room("ask") == 64 - 16
    assert ledger.progress().taken == 24


def test_what_a_driver_rounds_up_between_tracks_is_neither_taken_nor_room() -> None:
    driver = Driver()
    ledger = Ledger(driver, 64)
    for track, rounded in ((20, 32), (16, 48), (5, 64)):
        before = ledger.written
        ledger.written += track
        driver.taken += track
        assert ledger.progress().taken == ledger.written
        ledger.begin_track(16)
        driver.taken = rounded
        assert ledger.progress().taken == ledger.written
        assert ledger.room("ask") == 64
        ledger.written += 10
        assert ledger.progress().taken == before + track
        assert ledger.room("ask") == 54
        ledger.written -= 10


def test_a_stream_that_was_stopped_begins_without_the_rest_of_old_tracks() -> None:
    driver = Driver()
    ledger = Ledger(driver, 64)
    ledger.written, driver.taken = 20, 20
    ledger.begin_track(16)
    driver.taken = 32
    ledger.restart()
    ledger.written, driver.taken = 30, 42
    assert ledger.progress().taken == 10
