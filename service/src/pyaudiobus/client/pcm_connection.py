"""A decoded file on a sink of the bus that mixes, and those that follow it in the same stream.

Past 300 lines because all of it turns on the state of one stream; what is decoded is in decoded_reader.py.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from msgspec import structs

from pyaudiobus.client.bus import Terms
from pyaudiobus.client.decoded_reader import DecodedReader
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.happenings import Happening, close_all
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.remote_bus import end_stream, hear_from_now_on, names_of
from pyaudiobus.client.remote_clock import RemoteClock
from pyaudiobus.client.stream_volume import set_volume_of, volume_of
from pyaudiobus.errors import AudiobusError, DeviceError, NotSupported
from pyaudiobus.graph.node import ParamId
from pyaudiobus.graph.source import ReplayableSource
from pyaudiobus.model.changes import Change, Joined
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.protocol.messages import Cork, FormatGained, FormatLost, Killed, Named, SetProperties


class Gained(NamedTuple):
    """What has become of a stream that goes on undecoded."""

    told: FormatGained
    descriptors: tuple[int, ...]


Follows = Callable[[FileNode], object]
"""Tells by what it returns whether a file is to follow in the same stream, and not to be tried on a DSP."""


class Behind(NamedTuple):
    """A file that is being stored behind the one that is heard."""

    node: FileNode
    begin: int
    """Its first byte in the stream."""


class PcmConnection:
    """A stream of decoded sound."""

    def __init__(
        self,
        remote: Remote,
        clock: RemoteClock,
        playing: Playing,
        node: FileNode,
        *,
        reason: str,
        first: int | None = None,
        follows: Follows | None = None,
    ) -> None:
        """Play a file from a frame of what it decodes to, from its beginning if that is None.

        With `follows` somebody answers wants_next.
        """
        self._remote = remote
        self._clock = clock
        self._state = playing
        self._form = node.pcm_format
        self.node = node
        """The file that is heard."""
        self._first = first or 0
        self._began = 0
        """The stream's time, in microseconds, at which the frame `first` was to be heard."""
        self._drains = 0
        """How often a drain that was asked for does not count any more."""
        self._duration = node.duration
        self.terms = Terms("pcm", playing.device, self._form, reason)
        self.signal = clock.signal()
        source = node.source()
        self._reader = DecodedReader(source, self._form, playing.format)
        self._follows = follows
        self._is_answered = False
        """What follows the file that is heard is known."""
        self._behind: Behind | None = None
        self._news: tuple[Change, ...] = ()
        self._begin = 0
        """The first byte of the file that is heard, in the stream."""
        self._triggered_at = 0
        self._is_drained = self._is_draining = False
        self._failure: AudiobusError | None = None
        self._is_open = True
        self._wakeups = 0
        self._gained: Gained | None = None
        clock.ring = playing.ring
        if first is not None and isinstance(source, ReplayableSource):
            self._first = self._reader.begin_at(source, first)
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
        source = self.node.source()
        if not isinstance(source, ReplayableSource):
            raise NotSupported(f"{self.node.name} comes once only: it cannot go to {seconds:g} s")
        frame = min(round(max(0.0, seconds) * self._form.rate), source.index.total_frames)
        self._first = self._reader.begin_at(source, frame)
        self._behind, self._is_answered = None, False
        self._state.queue.flush()
        self._remote.ask("flush", Named(self._state.serial))
        self._state.queue.flush()
        self._began = self._state.time()
        self._is_draining = self._is_drained = False
        self._drains += 1
        if self._gained is not None:  # what the bus has told of the place before this one does not count any more
            self._gained = Gained(structs.replace(self._gained.told, index=0), self._gained.descriptors)
        self.signal.set()

    # ---- what follows ----

    @property
    def wants_next(self) -> bool:
        """Whether all of the file was decoded, and queue() has not told what follows."""
        if self._follows is None or self._is_answered or self._is_draining:
            return False
        return self._behind is None and self._reader.has_ended

    def queue(self, node: FileNode | None) -> bool:
        """Let a file follow in the same stream, where it decodes to the same form and no DSP is to have it."""
        self._is_answered = True
        if node is None or self._follows is None or node.pcm_format != self._form or not self._follows(node):
            return False
        node.set_param(ParamId.FORMAT, self._form)
        self._behind = Behind(node, self._state.queue.index + self._reader.kept)
        self._reader.follow(node.source())
        return True

    def _turn_if_due(self) -> None:
        """Turn to the file that follows once it is heard."""
        if self._behind is not None and self._is_open and self._seconds_to(self._behind) <= 0:
            self._turn(self._behind)

    def _turn(self, behind: Behind) -> None:
        self._began = self._time_at(behind.begin)
        size = behind.begin - self._begin
        self._news = (*self._news, Joined(Counters(size, size, self._wakeups, self._underruns())))
        self.node, self._begin = behind.node, behind.begin
        self._duration, self._first, self._wakeups = behind.node.duration, 0, 0
        self._behind, self._is_answered = None, False
        changes: dict[str, str | None] = {**names_of(self.node)}
        self._remote.ask_later("set-properties", SetProperties(self._state.serial, changes), lambda _: None)
        self.signal.set()  # what comes behind it is asked for

    def _time_at(self, index: int) -> int:
        clock = self._state.clock
        assert clock is not None  # noqa: S101  # PCM has one
        return clock.usec(index)

    def _seconds_to(self, behind: Behind) -> float:
        return (self._time_at(behind.begin) - self._state.time()) / 1e6

    # ---- what is stored ----

    def latency(self) -> float:
        """Seconds of sound that are stored and not heard."""
        form = self._state.format
        return 0.0 if self._is_drained else self._state.queue.queued() / form.frame_size / form.rate

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
        if self._behind is None or self._state.is_corked:
            return inf
        return self._clock.now() + max(0.0, self._seconds_to(self._behind))

    def _store(self, room: int) -> bool:
        """Store some; False where nothing is there now."""
        data = self._reader.take(room)
        if not len(data) and not self._is_last():
            if self._reader.has_ended:
                self._trigger()
            return False
        if not len(data):
            data = self._reader.finish()
        if not len(data):
            self._is_draining = True
            drain = self._drains
            self._remote.ask_later("drain", Named(self._state.serial), lambda answer: self._drained(answer, drain))
            return True
        frame = self._state.format.frame_size
        take = data[: room // frame * frame]
        self._state.queue.write(take)
        self._reader.give_back(data[len(take) :])
        return True

    def _trigger(self) -> None:
        """Have what is stored played, though it is less than a stream likes to begin with: no more comes for now."""
        if self._triggered_at != self._state.queue.index:
            self._triggered_at = self._state.queue.index
            self._remote.ask_later("trigger", Named(self._state.serial), lambda _: None)

    def _is_last(self) -> bool:
        """Tell whether the source has ended, and it is known that nothing follows."""
        if not self._reader.has_ended or self._behind is not None:
            return False
        return self._follows is None or self._is_answered

    # ---- what can be asked at any time ----

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
        """Which file is heard now, if that is another one than before."""
        self._turn_if_due()
        news, self._news = self._news, ()
        return news

    def counters(self) -> Counters:
        """What the file has carried, in the sink's bytes, and how often this program woke for it."""
        end = self._state.queue.index if self._behind is None else self._behind.begin
        taken = end if self._is_drained else min(end, self._state.queue.taken)
        return Counters(end - self._begin, max(0, taken - self._begin), self._wakeups, self._underruns())

    def _underruns(self) -> int:
        timing = self._state.ring.timing()
        return 0 if timing is None else timing.underruns

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

    # ---- going on undecoded ----

    def take_gained(self) -> Gained | None:
        """Return where the stream goes on undecoded, and its descriptors, which are the caller's; it is over here then.

        What is told of it is heard by whoever listens to it next.
        """
        gained, self._gained = self._gained, None
        if gained is not None:
            if self._behind is not None and gained.told.index >= self._behind.begin:
                self._turn(self._behind)
            self._is_open = False
            self._clock.ring = None
            self._state.ring.close()
        return gained

    def heard_at(self, index: int) -> float:
        """Return the media time of what lies at an index of the stream, in seconds."""
        seconds = self._first / self._form.rate + max(0, self._time_at(index) - self._began) / 1e6
        return min(seconds, self._duration)

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
