"""Frames of a stream that is still coming, as a graph source: they go to a DSP undecoded. It never waits."""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.client.stream.prefetch import PIECE, Prefetch
from pyaudiobus.devices.clock import Signal
from pyaudiobus.errors import AudiobusError, MediaError
from pyaudiobus.graph.source import Passage
from pyaudiobus.media.live.index import LiveIndex
from pyaudiobus.media.live.walker import Framed, Walker
from pyaudiobus.model.format import Codec

MEMORY = 1024 * 1024
"""Bytes behind the place of reading that can be read once more: more than the ring of any DSP."""
PREFILL = 4.0
"""Seconds that are enough for a device to begin with."""
_PROBE = 1024 * 1024
"""Bytes in which a first frame must be found."""
_AHEAD = 64 * 1024
"""Bytes that are cut into frames ahead of what is asked for."""
_SETTLING = 10 * 1152
"""PCM frames before a place in an MP3 after which a decoder's output is what it would be anyway."""


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
        self._is_searching = False
        self.error: AudiobusError | None = None
        """Why the origin ended before its time; what came before is played."""
        self._append(first)
        self._load(_AHEAD)

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
        behind = self._position - self._begin - MEMORY
        if behind > MEMORY // 4:
            del self._bytes[:behind]
            self._begin += behind

    # ---- going elsewhere ----

    def check_seek(self, seconds: float) -> None:
        """NotSupported, with the reason, where the stream cannot go to a media time."""
        if not self._prefetch.can_seek and not self._is_kept(self._frame_of(seconds)):
            self._prefetch.seek(0)

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Return the bytes to be sent so that PCM frame `frame` is heard. NotSupported, MediaError."""
        first = max(0, frame - (_SETTLING if settled and self.form.codec is Codec.MP3 else 0))
        if not self._is_kept(first):
            first = frame
        if not self._is_kept(first):
            self._fetch(self.index.byte_at(first))
        else:
            self._position = max(self._begin, self.index.byte_at(first))
        before = self.index.frames_at(self._position)
        is_start = not before and not self._begin
        if is_start:
            self._position = 0
        return Passage(LivePassage(self, b"" if is_start else self.header, self._position), before)

    def _frame_of(self, seconds: float) -> int:
        return int(seconds * self.form.rate) + self.form.encoder_delay

    def _is_kept(self, frame: int) -> bool:
        """Tell whether a PCM frame is in memory: of what was read and is not forgotten, or was not read at all yet."""
        index = self.index
        kept = max(index.frames_at(self._begin), index.first_remembered)
        return kept <= frame <= index.known_frames

    def _fetch(self, byte: int) -> None:
        """Have the origin go on elsewhere, and wait for a frame from there."""
        offset = self._first_offset + max(0, byte - len(self.header))
        size = self._prefetch.size
        self._prefetch.seek(offset if size is None else min(offset, size))
        self._walker.begin_again()
        self._fed = offset
        self._titles.clear()
        self._is_searching = True
        self._is_over = size is not None and offset >= size
        self._restart(byte, self.index.frames_at(byte))
        while self._is_searching and not self._is_over:
            self._load(1)
            if self._is_searching and not self._is_over:
                self._prefetch.wait(1)
        if self._is_over:
            self.index.end()

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
            framed = self._walker.take()
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
        if self._is_searching:
            self._is_searching = False
            if framed.first >= 0:  # the stream itself tells what came of a guess
                self._restart(self.index.known_bytes, framed.first)
        begins = self._fed - self._walker.pending - len(framed.data)
        while self._titles and self._titles[0][0] <= begins:
            self._timed.append(TimedTitle(self.index.known_frames, self._titles.pop(0)[1]))
        self.index.append(len(framed.data), framed.frames)
        self._bytes += framed.data

    def _restart(self, byte: int, frame: int) -> None:
        self._bytes.clear()
        self._begin = self._position = self._frontier = byte
        self.index.begin_again(byte, frame)


class LivePassage:
    """The rest of a live stream from an encoded frame on, behind the header that a decoder needs."""

    def __init__(self, whole: LiveSource, header: bytes, byte: int) -> None:
        self.index = PassageIndex(whole.index, len(header), byte)
        self._whole = whole
        self._header = memoryview(header)

    @property
    def ended(self) -> bool:
        """True once every byte was taken and no more will come."""
        return not len(self._header) and self._whole.ended

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes; fewer where no more came yet."""
        return self._header[:size] if len(self._header) else self._whole.peek(size)

    @property
    def prefill(self) -> int:
        """Bytes that are enough for a device to begin with."""
        return self._whole.prefill

    def advance(self, count: int) -> None:
        """Take bytes."""
        if len(self._header):
            self._header = self._header[count:]
        else:
            self._whole.advance(count)


class PassageIndex:
    """Where the bytes of a passage lie in time, counted from its first."""

    def __init__(self, index: LiveIndex, header: int, byte: int) -> None:
        self._index = index
        self._shift = byte - header
        """Stream bytes before its first."""
        self._header = header
        self._before = index.frames_at(byte)

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole passage."""
        return self._index.total_bytes - self._shift

    @property
    def total_frames(self) -> int:
        """PCM frames of the whole passage."""
        return self._index.total_frames - self._before

    def frames_at(self, byte: int) -> int:
        """PCM frames that the bytes before `byte` decode to."""
        return 0 if byte <= self._header else self._index.frames_at(byte + self._shift) - self._before

    def byte_at(self, frame: int) -> int:
        """First byte of the encoded frame that holds PCM frame `frame`."""
        return self._index.byte_at(frame + self._before) - self._shift
