"""A decoded file on a sink of the bus that mixes. Loaded only where something is decoded: it brings FFmpeg."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from msgspec import structs

from pyaudiobus.client.bus import RATES, Terms
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.happenings import Happening, close_all
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.remote_bus import RemoteClock, end_stream, hear_from_now_on
from pyaudiobus.client.stream_volume import set_volume_of, volume_of
from pyaudiobus.errors import AudiobusError, DeviceError, NotSupported
from pyaudiobus.graph.source import ReplayableSource, Source
from pyaudiobus.media.decode.convert import Converter
from pyaudiobus.model.changes import Change
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.protocol.messages import (
    Code,
    Cork,
    CreateStream,
    FormatGained,
    FormatLost,
    Killed,
    Named,
    StreamCreated,
)
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, PcmShape

AHEAD = 4
"""Seconds that are stored ahead."""
PIECE = 0.5
"""Seconds that are decoded at a time."""


class Gained(NamedTuple):
    """What has become of a stream that goes on undecoded."""

    told: FormatGained
    descriptors: tuple[int, ...]


class PcmConnection:
    """A stream of decoded sound."""

    def __init__(
        self, remote: Remote, clock: RemoteClock, playing: Playing, node: FileNode, *, reason: str, first: int = 0
    ) -> None:
        """Play a file from a frame of what it decodes to."""
        self._remote = remote
        self._clock = clock
        self._state = playing
        self._source: Source = node.source()
        self._form = node.pcm_format
        self._node = node
        self._first = first
        self._began = 0
        """The stream's time, in microseconds, at which the frame `first` was to be heard."""
        self._drains = 0
        """How often a drain that was asked for does not count any more."""
        self._duration = node.duration
        self.terms = Terms("pcm", playing.device, self._form, reason)
        self.signal = clock.signal()
        own = playing.format
        is_same = (own.encoding, own.rate, own.channels) == (self._form.encoding, self._form.rate, self._form.channels)
        self._converter = None if is_same else Converter(self._form, own)
        self._ready = memoryview(b"")
        self._is_drained = self._is_draining = False
        self._failure: AudiobusError | None = None
        self._is_open = True
        self._wakeups = 0
        self._gained: Gained | None = None
        clock.ring = playing.ring
        if first and isinstance(self._source, ReplayableSource):
            self._begin_at(self._source, first)
        hear_from_now_on(remote, playing.serial, self._hear)

    def start(self) -> None:
        """Let it play: the first call has nothing to do, what is stored plays."""
        if self._state.is_corked:
            self._cork(is_corked=False)

    def pause(self) -> None:
        """Hold."""
        self._cork(is_corked=True)

    def seek(self, seconds: float) -> None:
        """Let the frame at this media time be heard next. NotSupported where the source comes once only."""
        source = self._node.source()
        if not isinstance(source, ReplayableSource):
            raise NotSupported(f"{self._node.name} comes once only: it cannot go to {seconds:g} s")
        frame = min(round(max(0.0, seconds) * self._form.rate), source.index.total_frames)
        self._begin_at(source, frame)
        self._state.queue.flush()
        self._remote.ask("flush", Named(self._state.serial))
        self._state.queue.flush()
        self._began = self._state.time()
        self._converter = None if self._converter is None else Converter(self._form, self._state.format)
        self._ready = memoryview(b"")
        self._is_draining = self._is_drained = False
        self._drains += 1
        if self._gained is not None:  # what the bus has told of the place before this one does not count any more
            self._gained = Gained(structs.replace(self._gained.told, index=0), self._gained.descriptors)
        self.signal.set()

    @property
    def wants_next(self) -> bool:
        """Whether it is to be told what follows: each file is a stream of its own."""
        return False

    def queue(self, node: FileNode | None) -> bool:
        """Refuse."""
        del node
        return False

    def latency(self) -> float:
        """Seconds of sound that are stored and not heard."""
        return (
            0.0
            if self._is_drained
            else self._state.queue.queued() / self._state.format.frame_size / self._state.format.rate
        )

    def volume(self) -> float:
        """The stream's linear gain. NotSupported."""
        return volume_of(self._remote, self._state.serial)

    def set_volume(self, gain: float) -> None:
        """Have another. NotSupported."""
        set_volume_of(self._remote, self._state.serial, gain)

    def step(self) -> float | None:
        """Decode and store what the bus wants; return the instant of the next call, None when all was heard."""
        self.signal.clear()
        if self._failure is not None:
            raise self._failure
        if self._is_drained:
            return None
        self._wakeups += 1
        while not self._is_draining:
            room = self._state.room()
            if room:
                if not self._store(room):
                    break
            elif self._state.may_sleep():
                break
        return inf

    def _store(self, room: int) -> bool:
        """Store some; False where nothing is there now."""
        data = self._next(room)
        if not len(data):
            if not self._source.ended:
                return False
            self._is_draining = True
            drain = self._drains
            self._remote.ask_later("drain", Named(self._state.serial), lambda answer: self._drained(answer, drain))
            return True
        frame = self._state.format.frame_size
        take = data[: room // frame * frame]
        self._state.queue.write(take)
        self._ready = data[len(take) :]
        return True

    def _next(self, room: int) -> memoryview:
        """Return what is to be stored next, in the sink's format; nothing at the end."""
        if len(self._ready):
            return self._ready
        piece = int(self._form.rate * PIECE) * self._form.frame_size
        while not self._source.ended:
            data = self._source.peek(piece if self._converter is not None else min(piece, max(room, 1)))
            if not len(data):
                break
            done = bytes(data) if self._converter is None else self._converter.convert(data)
            self._source.advance(len(data))
            if done:
                return memoryview(done)
        if not self._source.ended:
            return memoryview(b"")
        return memoryview(b"" if self._converter is None else self._converter.finish())

    def _begin_at(self, source: ReplayableSource, frame: int) -> None:
        """Read from a PCM frame of the file on, or from the first behind it that there still is."""
        passage = source.passage(frame, settled=True)
        self._source, self._first = passage.source, max(frame, passage.frame)
        self._skip(self._first - passage.frame)

    def _skip(self, frames: int) -> None:
        left = frames * self._form.frame_size
        while left and not self._source.ended:
            data = self._source.peek(min(left, int(self._form.rate * PIECE) * self._form.frame_size))
            if not len(data):
                return
            self._source.advance(len(data))
            left -= len(data)

    def position(self) -> Position:
        """Media time being heard."""
        if self._is_drained:
            return Position(self._duration, 0.0)
        seconds = self._first / self._form.rate + max(0, self._state.time() - self._began) / 1e6
        return Position(min(seconds, self._duration), 0.0)

    def queued(self) -> tuple[int, int]:
        """Bytes stored and not taken, and how many the bus likes to have."""
        return (0 if self._is_drained else self._state.queue.queued()), self._state.attributes.tlength

    def fragment_size(self) -> int:
        """Bytes of one frame."""
        return self._state.format.frame_size

    def news(self) -> tuple[str | Change, ...]:
        """Nothing; it plays, or fails."""
        return ()

    def counters(self) -> Counters:
        """What the stream has carried, in the sink's bytes, and how often this program woke for it."""
        timing = self._state.ring.timing()
        written = self._state.queue.index
        taken = written if self._is_drained else self._state.queue.taken
        return Counters(written, taken, self._wakeups, 0 if timing is None else timing.underruns)

    def close(self) -> None:
        """Stop and part; legal at any moment and twice."""
        if not self._is_open:
            return
        self._is_open = False
        if self._gained is not None:
            close_all(self._gained.descriptors)
        end_stream(self._remote, self._state.serial, is_there=not self._state.killed)
        self._clock.ring = None
        self._state.ring.close()

    def take_gained(self) -> Gained | None:
        """Return where the stream goes on undecoded, and its descriptors, which are the caller's; it is over here then.

        What is told of it is heard by whoever listens to it next.
        """
        gained, self._gained = self._gained, None
        if gained is not None:
            self._is_open = False
            self._clock.ring = None
            self._state.ring.close()
        return gained

    def heard_at(self, index: int) -> float:
        """Return the media time of what lies at an index of the stream, in seconds."""
        form = self._state.format
        usec = index // form.frame_size * 1_000_000 // form.rate
        return min(self._first / self._form.rate + max(0, usec - self._began) / 1e6, self._duration)

    def _cork(self, *, is_corked: bool) -> None:
        self._remote.ask("cork", Cork(self._state.serial, is_corked))
        self._state.is_corked = is_corked

    def _drained(self, answer: object, drain: int) -> None:
        if drain != self._drains or self._gained is not None or not self._is_open:
            return  # it was for what was to be heard before a seek, or before it went on undecoded
        if isinstance(answer, AudiobusError):
            self._failure = self._failure or answer
        else:
            self._is_drained = True
        self.signal.set()

    def _hear(self, happening: Happening) -> None:
        if isinstance(happening.body, FormatLost):
            close_all(happening.descriptors)
            return
        if isinstance(happening.body, FormatGained):
            self._gained = Gained(happening.body, happening.descriptors)
            self.signal.set()
            return
        self._state.hear(happening)
        if isinstance(happening.body, Killed):
            self._failure = DeviceError(f"{self._state.device} plays no more: {happening.body.reason}")
        self.signal.set()


def connect(remote: Remote, clock: RemoteClock, node: FileNode, reason: str, target: str) -> PcmConnection:
    """Play a decoded file on the bus, at its own rate or one that a sink takes. Refused in the words for its own."""
    form = node.pcm_format
    refused: Refused | None = None
    for rate in (form.rate, *(rate for rate in RATES if rate != form.rate)):
        try:
            answer = remote.ask_with_descriptors("create-stream", _wish(node.name, form.replace(rate=rate), target))
        except Refused as error:
            if error.code is not Code.INVALID:
                raise
            refused = refused or error
        else:
            return PcmConnection(remote, clock, Playing(*answer), node, reason=reason)
    raise refused or AudiobusError(f"no sink takes {form}")


def accept(
    remote: Remote, clock: RemoteClock, created: StreamCreated, descriptors: tuple[int, ...], node: FileNode
) -> PcmConnection:
    """Play a file decoded because the bus has chosen that."""
    return PcmConnection(remote, clock, Playing(created, descriptors), node, reason=created.reason)


def go_on(
    remote: Remote,
    clock: RemoteClock,
    lost: FormatLost,
    descriptors: tuple[int, ...],
    node: FileNode,
    *,
    frame: int,
    paused: bool,
) -> PcmConnection:
    """Play the rest of a file, from a frame on, where its device could not; corked as the other stream was."""
    why = lost.reason
    created = StreamCreated(lost.serial, lost.shape, lost.attributes, 0, "the bus", 0, suspended=False, reason=why)
    playing = Playing(created, descriptors)
    playing.is_corked = paused
    return PcmConnection(remote, clock, playing, node, reason=lost.reason, first=frame)


def _wish(path: str, form: PcmFormat, target: str) -> CreateStream:
    name = path.encode("utf-8", "replace").decode("utf-8", "replace")
    ahead = AHEAD * form.rate * form.frame_size
    return CreateStream(
        "playback",
        name[:256],
        (PcmShape(form.encoding.value, form.rate, form.channels, form.channel_map),),
        attributes=Attributes(maxlength=ahead, tlength=ahead, prebuf=-1, minreq=ahead // 4),
        target=target,
        properties={"media.filename": name[:4096]},
    )
