"""An origin whose bytes come when a script says, by a clock that only moves while everybody sleeps."""

from __future__ import annotations

from collections.abc import Sequence

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.stream.live_decoded import LiveDecoded
from pyaudiobus.client.stream.patient_bus import PatientBus
from pyaudiobus.client.stream.track import LiveTrack
from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import MediaError, NotSupported
from pyaudiobus.media.origin.origin import Title
from tests.client.studio import Studio

Delivery = tuple[float, bytes]
"""When, in seconds of the clock, and what."""


class ScriptedOrigin:
    """Brings each delivery at its time, then ends, or fails."""

    kind = ""

    def __init__(
        self,
        clock: Clock,
        deliveries: Sequence[Delivery],
        *,
        error: MediaError | None = None,
        whole: bytes = b"",
        titles: Sequence[Title] = (),
        is_live: bool = False,
    ) -> None:
        """With `whole` it can be sought in, and everything behind a seek comes at once."""
        self.name = "script"
        self.size = len(whole) if whole else None
        self.can_seek = bool(whole)
        self.is_live = is_live
        self.is_closed = False
        self.given = 0
        """Bytes that were read of it."""
        self.asked: list[int] = []
        """Where it was sought to."""
        self._clock = clock
        self._deliveries = list(deliveries)
        self._error = error
        self._whole = whole
        self._titles = tuple(titles)
        self._never = clock.signal()

    def read(self, most: int) -> bytes:
        if not self._deliveries:
            if self._error is not None:
                raise self._error
            return b""
        due, data = self._deliveries[0]
        self._clock.wait(self._never, due)
        self._deliveries[0] = (due, data[most:])
        if not data[most:]:
            self._deliveries.pop(0)
        self.given += len(data[:most])
        return data[:most]

    def seek(self, offset: int) -> None:
        if not self.can_seek:
            raise NotSupported(f"{self.name} comes in order")
        self.asked.append(offset)
        self._deliveries = [(0.0, self._whole[offset:])] if self._whole[offset:] else []

    def titles(self) -> tuple[Title, ...]:
        titles, self._titles = self._titles, ()
        return titles

    def news(self) -> tuple[str, ...]:
        return ()

    def interrupt(self) -> None:
        self._never.set()

    def close(self) -> None:
        self.is_closed = True


def track(origin: ScriptedOrigin, studio: Studio) -> LiveTrack:
    return LiveTrack("script", lambda: origin, studio.clock, LiveDecoded, holds_time=True)


def player(studio: Studio, report_every: float | None = None) -> Player:
    return Player(PatientBus(studio.bus), DecodedFile, report_every)
