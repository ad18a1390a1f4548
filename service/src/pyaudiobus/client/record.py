"""A stream that records, for programs: read, or look and drop, from a source, a sink's monitor or one stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyaudiobus.client.blocking_stream import BlockingStream
from pyaudiobus.client.recording import Recording
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.stream_state import StreamKilled, pcm_wish
from pyaudiobus.engine.ring import Timing
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.model.snapshot import SOURCE
from pyaudiobus.protocol.messages import CreateStream, Named

__all__ = ["RecordStream", "StreamKilled", "record"]


class RecordStream(BlockingStream):
    """One stream on the bus, blocking. `format` tells what arrives: the channels are those of what is heard."""

    state: Recording

    def __init__(self, remote: Remote, wish: CreateStream) -> None:
        """Create it. Refused where the bus says no."""
        super().__init__(remote, Recording(*remote.ask_with_descriptors("create-stream", wish)), is_corked=wish.corked)
        heard = remote.ask("get", Named(self.state.device_serial))
        self.state.hears_device = heard.properties.get("media.class") == SOURCE

    # ---- reading ----

    def readable(self) -> int:
        """Return how many bytes wait now."""
        self._check_mine()
        return self.state.readable()

    def wait_readable(self, timeout: float | None = None, size: int = 0) -> int:
        """Sleep until a fragment, or `size` bytes, are there; return how many wait. 0: the time (in seconds) is up.

        StreamKilled when it is over and nothing is left to read.
        """
        self._check_mine()
        deadline = self._deadline(timeout)
        while self.state.may_sleep(size):
            if self.state.killed:
                return self._rest()
            if not self._sleep(deadline):
                return 0
        return self.state.readable()

    def read(self, size: int | None = None) -> bytes:
        """Return `size` bytes, whole frames of them, sleeping until they are there; without a size what comes next.

        What is left of a stream that somebody ended comes before StreamKilled does.
        """
        if size is None:
            self.wait_readable(size=self.state.ring.frame_size)
            return self.state.take(max(self.attributes.fragsize, self.state.ring.frame_size))
        pieces: list[bytes] = []
        while (missing := size - size % self.state.ring.frame_size - sum(map(len, pieces))) > 0:
            self.wait_readable(size=missing)
            pieces.append(self.state.take(missing))
            if self.state.killed and not self.state.readable():
                break
        return b"".join(pieces)

    def peek(self) -> memoryview:
        """Return the next bytes, at most fragsize of them, without copying; drop() lets go of them. Empty: none."""
        self._check_mine()
        return self.state.fragment()

    def drop(self, size: int | None = None) -> None:
        """Let go of the next bytes; without a size, of what peek() shows."""
        self._check_mine()
        self.state.drop(len(self.state.fragment()) if size is None else size)

    def __iter__(self) -> Iterator[bytes]:
        """Return piece after piece, until somebody ends the stream."""
        while True:
            try:
                yield self.read()
            except StreamKilled:
                return

    def _rest(self) -> int:
        if not self.state.readable():
            self.state.check()
        return self.state.readable()

    # ---- control and time ----

    def flush(self) -> None:
        """Drop all that waits."""
        self._check_mine()
        self.state.flush()
        self._do(self.state.naming("flush"))

    def timing(self) -> Timing | None:
        """Return what the bus last told of the stream's clock; no message is needed. None before it has."""
        self._check_mine()
        return self.state.ring.timing()

    def time(self) -> int:
        """Return the time of what is captured, or heard, at this moment: microseconds since the beginning."""
        self._check_mine()
        return self.state.time()

    def latency(self) -> int:
        """Return how old the next byte to be read is, in microseconds; below zero: it will be heard then."""
        self._check_mine()
        return self.state.latency()


def record(remote: Remote, form: PcmFormat, name: str, target: str = "", **wish: Any) -> RecordStream:  # noqa: ANN401
    """Record from a source, from a sink or from one stream, by name or serial; `wish` as the fields of CreateStream."""
    return RecordStream(remote, pcm_wish("record", form, name, target=target, **wish))
