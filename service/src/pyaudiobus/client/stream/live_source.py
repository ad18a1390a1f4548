"""Frames of a stream that is still coming, as a graph source: they go to a DSP undecoded. It never waits.

Past 300 lines because playing, seeking and searching turn on the same place in the same bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from pyaudiobus.client.stream.live_passage import Kept, LivePassage
from pyaudiobus.client.stream.prefetch import PIECE, Prefetch
from pyaudiobus.client.stream.seeking import search
from pyaudiobus.devices.clock import Signal
from pyaudiobus.errors import AudiobusError, MediaError, NotSupported
from pyaudiobus.graph.source import Passage
from pyaudiobus.media.entry import Entry, find_entry, find_settled
from pyaudiobus.media.live.index import LiveIndex
from pyaudiobus.media.live.seek_table import Point
from pyaudiobus.media.live.walker import Framed, Walker
from pyaudiobus.model.format import Codec, Encoding, PcmFormat

MEMORY = 1024 * 1024
"""Bytes behind the place of reading that can be read once more: more than the ring of any DSP."""
PREFILL = 4.0
"""Seconds that are enough for a device to begin with."""
_PROBE = 1024 * 1024
"""Bytes in which a first frame must be found."""
_AHEAD = 64 * 1024
"""Bytes that are cut into frames ahead of what is asked for."""
_SETTLING = 32 * 1152
"""PCM frames before a place in an MP3 among which all lies that a decoder needs for it."""
_BETWEEN = 64
"""Encoded frames from one place that is kept in mind to the next."""


class TimedTitle(NamedTuple):
    """What a station says is playing from a PCM frame on."""

    frame: int
    text: str


class LiveSource:
    """The bytes of one stream: header, then encoded frames as they come.

    Where the stream can be sought in, a stream byte is the byte of the origin, shifted so that the first frame
    follows the header.
    """

    def __init__(self, prefetch: Prefetch, walker: Walker) -> None:
        """Wait for the first frame. MediaError where there is none."""
        self._prefetch = prefetch
        self._walker = walker
        self._fed = 0
        """Bytes of the origin before what the walker was not fed."""
        self._titles: list[tuple[int, str]] = []
        self._timed: list[TimedTitle] = []
        first = self._wait_for_first()
        form = walker.form
        assert form is not None  # noqa: S101  # there is a frame
        self.form = form
        self.header = walker.header
        self._first_offset = self._fed - walker.pending - len(first.data)
        self.index = LiveIndex(len(self.header), (form.bit_rate or 128_000) / 8 / form.rate, MEMORY)
        self._bytes = bytearray(self.header)
        self._begin = 0
        """The stream byte that _bytes begins with."""
        self._position = self._frontier = 0
        """What is taken next, and the first byte that was never taken."""
        self._is_over = False
        self._number: Callable[[int], int] | None = None
        """While the first frame behind a jump is waited for: which one it is, by where it lies."""
        self._first_number = max(0, first.first)
        self.doubt = 0
        """PCM frames by which the place may be wrong that a search has found."""
        self._places = [Point(0, 0)]
        self.error: AudiobusError | None = None
        """Why the origin ended before its time; what came before is played."""
        self._append(first)
        self._load(_AHEAD)

    @property
    def pcm_format(self) -> PcmFormat:
        """What it decodes to."""
        deep = self.form.bit_depth > 8 * Encoding.S16.width
        return PcmFormat(Encoding.S32 if deep else Encoding.S16, self.form.rate, self.form.channels)

    # ---- what a sink asks for ----

    @property
    def ended(self) -> bool:
        """True once every byte was taken and no more will come."""
        return self._is_over and self._position >= self.index.known_bytes

    @property
    def prologue(self) -> bytes:
        """What a decoder of the whole likes to have before the first byte: an MP3's frame with the encoder's facts."""
        return self._walker.prologue

    @property
    def prefill(self) -> int:
        """Bytes that are enough for a device to begin with."""
        return int(PREFILL * self.byte_rate)

    @property
    def position(self) -> int:
        """The stream byte that is read next."""
        return self._position

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes; fewer where no more came yet."""
        self._load(size)
        at = self._position - self._begin
        return memoryview(bytes(memoryview(self._bytes)[at : at + size]))

    def advance(self, count: int) -> None:
        """Take bytes."""
        self._position += count
        self._frontier = max(self._frontier, self._position)
        self._forget()

    def _forget(self) -> None:
        behind = self._position - self._begin - MEMORY
        if behind > MEMORY // 4:
            del self._bytes[:behind]
            self._begin += behind

    # ---- going elsewhere ----

    def check_seek(self, seconds: float) -> None:
        """NotSupported, with the reason, where the stream cannot go to a media time."""
        if self._can_jump or self._is_kept(self._frame_of(seconds)):
            return
        if self._prefetch.can_seek:
            raise NotSupported(f"{self._prefetch.name} is FLAC in Ogg: of that one can only go where it was just heard")
        self._prefetch.seek(0)

    @property
    def _can_jump(self) -> bool:
        return self._prefetch.can_seek and self._walker.is_placed

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Return the bytes to be sent so that PCM frame `frame` is heard. NotSupported, MediaError."""
        first = max(0, frame - _SETTLING) if self.form.codec is Codec.MP3 else frame
        if not self._is_kept(first) and (self._can_jump or not self._is_kept(frame)):
            search(self, first)
        self.count_to(frame)
        entry = (find_settled if settled else find_entry)(self, frame)
        if entry.byte < self._begin:  # a pipe does not remember all that a decoder would like to hear
            entry = Entry(self.header if self._begin else b"", self._begin, self.index.frames_at(self._begin), 0)
        self._position = entry.byte
        return Passage(LivePassage(self, entry, self.doubt), entry.frame)

    def reader(self) -> Kept:
        """Return a cursor over what is in memory."""
        return Kept(memoryview(bytes(self._bytes)), self._begin)

    def _frame_of(self, seconds: float) -> int:
        return int(seconds * self.form.rate) + self.form.encoder_delay

    def _is_kept(self, frame: int) -> bool:
        """Tell whether a PCM frame is in memory: of what was read and is not forgotten, or was not read at all yet."""
        index = self.index
        kept = max(index.frames_at(self._begin), index.first_remembered)
        return kept <= frame <= index.known_frames

    # ---- what a search asks for ----

    @property
    def walker(self) -> Walker:
        """What takes the stream apart."""
        return self._walker

    @property
    def length(self) -> int | None:
        """Bytes behind the first frame's place, if the origin's size is known."""
        size = self._prefetch.size
        return None if size is None else size - self._first_offset

    @property
    def bytes_per_frame(self) -> float:
        """Bytes of a PCM frame, on the average of what came."""
        return self.index.bytes_per_frame

    @property
    def _is_searching(self) -> bool:
        return self._number is not None

    def byte_of(self, frame: int) -> int | None:
        """Return where a PCM frame's encoded frame begins, behind the first, if it was counted and is remembered."""
        if self.doubt or not self.index.first_remembered <= frame < self.index.known_frames:
            return None
        return self.index.byte_at(frame) - len(self.header)

    def counted(self, frame: int) -> Point:
        """Return the last place at or before a PCM frame whose number is known because all before it were counted."""
        return self._places[bisect_right(self._places, frame, key=lambda point: point.frame) - 1]

    def jump(self, byte: int, number: Callable[[int], int]) -> Point | None:
        """Have the origin go on so many bytes behind its first frame, and wait for a frame; None where none comes.

        `number` says which PCM frame it is by where it lies, unless the stream itself tells.
        """
        offset, size = self._first_offset + max(0, byte), self._prefetch.size
        self._prefetch.seek(offset if size is None else min(offset, size))
        self._walker.begin_again()
        self._fed = offset
        self._titles.clear()
        self._number, self.doubt = number, 0
        self._is_over = size is not None and offset >= size
        self._restart(len(self.header) + max(0, byte), number(max(0, byte)))
        while self._is_searching and not self._is_over:
            self._load(1)
            if self._is_searching and not self._is_over:
                self._prefetch.wait(1)
        if self._is_searching:
            self._number = None
            self.index.end()
            return None
        return Point(self.index.first_remembered, self._begin - len(self.header))

    def count_to(self, frame: int) -> None:
        """Read on until a PCM frame came, or the stream has ended."""
        while self.index.known_frames <= frame and not self._is_over:
            self._position = max(self._position, self.index.known_bytes - MEMORY // 2)
            self._forget()
            before = self.index.known_bytes
            self._load(before - self._position + 1)
            if self.index.known_bytes == before and not self._is_over:
                self._prefetch.wait(1)

    # ---- what a patient player asks for ----

    @property
    def available(self) -> int:
        """Bytes that can be had now without waiting, as far as is known before they are cut into frames."""
        return self.index.known_bytes - self._position + self._prefetch.stored

    @property
    def is_complete(self) -> bool:
        """Nothing will be available that is not: the stream has ended, or there is no room to read more ahead."""
        return self._prefetch.is_complete

    @property
    def delivered(self) -> float:
        """Media time up to which bytes were taken, in seconds."""
        return (self.index.frames_at(self._position) - self.form.encoder_delay) / self.form.rate

    @property
    def fresh(self) -> int:
        """Bytes that can be had now and were never taken: after a long pause, some are taken once more."""
        return self.index.known_bytes - self._frontier + self._prefetch.stored

    def wake_at(self, fresh: float, signal: Signal) -> None:
        """Raise a signal once so many bytes are fresh, or no more will be."""
        self._prefetch.wake_at(fresh - (self.index.known_bytes - self._frontier), signal)

    @property
    def byte_rate(self) -> float:
        """Bytes that sound for a second."""
        return self.index.bytes_per_frame * self.form.rate

    @property
    def duration(self) -> float:
        """Seconds in all, as far as the stream or its size tells; 0 where nobody knows."""
        if self._prefetch.is_live:
            return 0.0
        silent = self.form.encoder_delay + self.form.encoder_padding
        if self._walker.total_frames:
            return max(0, self._walker.total_frames - silent) / self.form.rate
        size = self._prefetch.size
        return 0.0 if size is None else (size - self._first_offset) / self.byte_rate

    @property
    def prefetch(self) -> Prefetch:
        """Where its bytes come from."""
        return self._prefetch

    def titles_at(self, seconds: float) -> tuple[str, ...]:
        """Take the titles that begin at or before a media time."""
        frame = seconds * self.form.rate
        due = [title for title in self._timed if title.frame <= frame]
        self._timed = self._timed[len(due) :]
        return tuple(title.text for title in due)

    def news(self) -> tuple[str, ...]:
        """Take what a person should know of the stream."""
        return self._prefetch.news()

    def close(self) -> None:
        """Let go of the origin."""
        self._prefetch.close()

    # ---- bytes into frames ----

    def _wait_for_first(self) -> Framed:
        while True:
            first = self._walker.take()
            if first is not None:
                return first
            if self._walker.skipped + self._walker.pending > _PROBE or self._prefetch.is_drained:
                self._walker.finish()
                first = self._walker.take()
                if first is not None:
                    return first
                raise self._prefetch.error or MediaError(
                    f"{self._prefetch.name} holds no MP3 or FLAC frame in its first {self._fed} bytes",
                    advice="Check what it is: it may be of another kind than it says.",
                )
            self._prefetch.wait(1)
            self._feed()

    def _feed(self) -> bool:
        """Hand the walker what is there; False where nothing is."""
        piece = self._prefetch.take(PIECE)
        for title in self._prefetch.titles():
            self._titles.append((title.offset, title.text))
        self._fed += len(piece)
        if piece:
            self._walker.feed(piece)
        return bool(piece)

    def _load(self, size: int) -> None:
        """Cut what is there into frames until `size` bytes are ready beyond the position."""
        while self.index.known_bytes - self._position < size and not self._is_over:
            try:
                framed = self._walker.take()
            except MediaError as error:  # what came before it is heard first
                self.error, self._is_over = error, True
                self.index.end()
                return
            if framed is not None:
                self._append(framed)
            elif not self._feed():
                if not self._prefetch.is_drained:
                    return
                self._finish()

    def _finish(self) -> None:
        self.error = self._prefetch.error
        self._walker.finish()
        while (framed := self._walker.take()) is not None:
            self._append(framed)
        self._is_over = True
        self.index.end()

    def _append(self, framed: Framed) -> None:
        begins = self._fed - self._walker.pending - len(framed.data)
        if self._number is not None:
            behind = begins - self._first_offset
            frame = self._number(behind) if framed.first < 0 else framed.first - self._first_number
            self._number = None
            self._restart(len(self.header) + behind, frame)
        while self._titles and self._titles[0][0] <= begins:
            self._timed.append(TimedTitle(self.index.known_frames, self._titles.pop(0)[1]))
        self.index.append(len(framed.data), framed.frames)
        self._bytes += framed.data
        known = self.index.known_frames
        if not self.doubt and known > self._places[-1].frame + _BETWEEN * framed.frames:
            self._places.append(Point(known, begins + len(framed.data) - self._first_offset))

    def _restart(self, byte: int, frame: int) -> None:
        self._bytes.clear()
        self._begin = self._position = self._frontier = byte
        self.index.begin_again(byte, frame)
