"""A stream that plays, for programs: write, seek, cork, drain, ask what time it is. PulseAudio's semantics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyaudiobus.client.blocking_stream import BlockingStream
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.stream_state import StreamKilled, StreamReformed, pcm_wish
from pyaudiobus.client.write_queue import Seek, WriteQueue
from pyaudiobus.engine.ring import Timing
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import CreateStream

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

__all__ = ["PlaybackStream", "Seek", "StreamKilled", "StreamReformed", "play"]


class PlaybackStream(BlockingStream):
    """One stream on the bus, blocking. `with play(...) as stream: stream.write(...); stream.drain()`."""

    state: Playing

    def __init__(self, remote: Remote, wish: CreateStream) -> None:
        """Create it. Refused where the bus says no."""
        super().__init__(remote, Playing(*remote.ask_with_descriptors("create-stream", wish)), is_corked=wish.corked)
        if wish.sync_group:
            self.state.join(remote.group(wish.sync_group))

    @property
    def queue(self) -> WriteQueue:
        """What was written and not played yet."""
        return self.state.queue

    # ---- writing ----

    def write(self, data: Buffer) -> None:
        """Write all, sleeping while the bus has enough. StreamKilled, StreamReformed, PeerError.

        A corked stream takes tlength bytes; whoever writes more waits until another thread's remote uncorks it.
        """
        self._check_mine()
        rest = memoryview(data).cast("B")
        self.state.queue.check_whole(len(rest))
        while len(rest):
            rest = self.state.put(rest, self._wait_for_room(None))

    def write_at(self, data: Buffer, offset: int, seek: Seek = Seek.RELATIVE) -> bool:
        """Write at a place, at once; False: it was more than maxlength and is lost."""
        self._check_mine()
        self.state.check()
        return self.state.queue.write(data, offset, seek)

    def wait_writable(self, timeout: float | None = None) -> int:
        """Sleep until the bus wants at least minreq bytes; return how many. 0: the time (in seconds) is up."""
        self._check_mine()
        return self._wait_for_room(timeout)

    def writable(self) -> int:
        """Return how many bytes the bus wants now; 0 until it is at least minreq."""
        self._check_mine()
        return self.state.room()

    def _wait_for_room(self, timeout: float | None) -> int:
        deadline = self._deadline(timeout)
        while not (room := self.state.room()):
            if self.state.may_sleep() and not self._sleep(deadline):
                return 0
        return room

    # ---- control ----

    def close(self) -> None:
        """End it; what is queued is lost. Legal twice."""
        if self._is_open:
            self.state.leave()
        super().close()

    def trigger(self) -> None:
        """Play what is there without waiting for prebuf."""
        self._do(self.state.naming("trigger"))

    def prebuf(self) -> None:
        """Wait for prebuf again."""
        self._do(self.state.naming("prebuf"))

    def flush(self) -> None:
        """Drop all that waits, in its sync group too; the next byte is the next one heard."""
        self._check_mine()
        self.state.flush()
        self._do(self.state.naming("flush"))
        self.state.flush()

    def drain(self) -> None:
        """Return when all that was written has been heard. A corked stream is heard when it is uncorked."""
        self._do(self.state.naming("drain"))

    # ---- time ----

    def timing(self) -> Timing | None:
        """Return what the bus last told of the stream's clock; no message is needed. None before it has."""
        self._check_mine()
        return self.state.ring.timing()

    def time(self) -> int:
        """Return what is being heard, in microseconds since the beginning; never less than before."""
        self._check_mine()
        return self.state.time()

    def latency(self) -> int:
        """Return how long it takes until what is written now is heard, in microseconds."""
        self._check_mine()
        return self.state.latency()


def play(remote: Remote, form: PcmFormat, name: str, **wish: Any) -> PlaybackStream:  # noqa: ANN401
    """Make a playback stream; `wish` as the fields of CreateStream.

    Refused where the sink does not take the format: converting.play_converted() makes it fit.
    """
    return PlaybackStream(remote, pcm_wish("playback", form, name, **wish))
