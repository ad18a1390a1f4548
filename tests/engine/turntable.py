"""One playback stream whose cycle is turned by hand: both ends of its ring, what it plays, what it tells."""

from __future__ import annotations

import fcntl
import mmap
import struct
from typing import TYPE_CHECKING, Self

from pyaudiobus.engine._engine import ffi, lib
from pyaudiobus.engine.driver import EventKind, SampleCode
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer

if TYPE_CHECKING:
    from types import TracebackType

    from pyaudiobus.engine._engine import CData

FRAME = 2
"""Bytes: one channel of 16 bits, so that sample n of a count is n."""


def copies(descriptors: RingDescriptors) -> RingDescriptors:
    """What a client gets by SCM_RIGHTS."""
    return RingDescriptors(*(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3) for descriptor in descriptors))


class Turntable:
    """A stream, its client, and the hand that turns. Counts are frames."""

    def __init__(self, prebuf: int = 0, capacity: int = 2048, *, is_corked: bool = False, group: int = 0) -> None:
        self.daemon = RingConsumer.create(capacity * FRAME, FRAME)
        self.client = RingProducer.attach(copies(self.daemon.descriptors))
        self.told: list[tuple[EventKind, int]] = []
        """Events and their indexes (frames), or tags."""
        self.rendered = 0
        self.stream: CData = ffi.new("struct playback *")
        self.stream.ring = self.daemon.handle[0]
        self.stream.encoding, self.stream.channels = SampleCode.S16, 1
        self.stream.prebuf, self.stream.is_corked, self.stream.group = prebuf * FRAME, is_corked, group
        self.stream.ramp.now.gain[0][0] = 1
        lib.playback_init(self.stream)
        self._hear = ffi.callback("void(void *, const struct playback *, enum playback_event, uint64_t)", self._heard)
        self._ear = ffi.new("struct playback_ear *", {"hear": self._hear})
        self._written = 0

    def write(self, *samples: int) -> None:
        """Store samples after those that were stored."""
        data = struct.pack(f"<{len(samples)}h", *samples)
        self.client.view(self._written, len(data))[:] = data
        self._written += len(data)
        self.client.publish(self._written)

    def rewind(self, index: int) -> None:
        """Move the write index, back or forward."""
        self._written = index * FRAME
        self.client.publish(self._written)

    def gap(self, frames: int) -> None:
        """Let silence follow what is stored."""
        self.client.publish(self._written, self._written + frames * FRAME)

    def end(self) -> None:
        """Mark the end after what was written."""
        self.client.mark_end(self._written)

    def turn(self, frames: int) -> list[int]:
        """Render; return what was heard."""
        total, scratch = ffi.new("float[]", frames), ffi.new("float[]", frames)
        lib.playback_mix(self.stream, total, 1, frames, scratch, self.rendered, self._ear)
        self.rendered += frames
        return [round(total[at] * 32768) for at in range(frames)]

    def settle(self, heard: int) -> int:
        """Say how much the device has sounded; return when to ask again."""
        return int(lib.playback_settle(self.stream, heard, self._ear))

    def poke(self, now: int) -> None:
        """Have the client wake the cycle at a time."""
        lib.playback_poke(self.stream, now, self._ear)

    def overwrite(self, at: int, value: int) -> None:
        """Write into the page as a hostile client does."""
        with mmap.mmap(self.client.descriptors.page, mmap.PAGESIZE) as page:
            page[at : at + 8] = struct.pack("<Q", value)

    @property
    def is_active(self) -> bool:
        """Whether the stream needs the next cycle."""
        return bool(lib.playback_is_active(self.stream))

    @property
    def read_index(self) -> int:
        """In frames."""
        return int(self.stream.ring.taken) // FRAME

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self.daemon.close()

    def _heard(self, _self: CData, _stream: CData, event: int, index: int) -> None:
        kind = EventKind(event)
        self.told.append((kind, index if kind is EventKind.DRAINED else index // FRAME))
