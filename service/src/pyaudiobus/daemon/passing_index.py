"""Where the frames of a stream lie that comes through a ring: found as it passes, kept while it may be needed again.

A player knows its file's frames; the bus sees bytes. Of MP3 and FLAC it reads the frames' headers as they are handed to
the device, so that position, sleep, watchdog and replay are exact. Of all else it knows the bit rate.
"""

from __future__ import annotations

from array import array

from pyaudiobus.engine.frame_runs import native_runs
from pyaudiobus.media.flac_header import (
    BLOCK_HEADER,
    MAGIC,
    STREAMINFO,
    StreamInfo,
    parse_frame_header,
    parse_stream_info,
)
from pyaudiobus.media.index import STEP, TimeIndex, running_sums
from pyaudiobus.media.mp3_header import HEADER, Mp3Header, parse_header
from pyaudiobus.model.format import Codec, EncodedFormat

ENDLESS = 1 << 62
FLAC_HEADER = len(MAGIC) + BLOCK_HEADER + STREAMINFO
"""Bytes: what a native stream with no other metadata begins with."""
ASSUMED_BIT_RATE = 320_000
"""Of streams that do not tell theirs."""
LEAST_BIT_RATE = 1_000
MOST_BIT_RATE = 50_000_000


def has_header(data: memoryview) -> bool:
    """Whether a stream begins here by telling what it is (FLAC)."""
    return bytes(data[: len(MAGIC)]) == MAGIC


class PassingIndex:
    """Where bytes lie in time, counted from the first byte of a source.

    What was not followed yet is reckoned by the mean rate of what was, and at the start by the stream's own word.
    """

    def __init__(self, form: EncodedFormat, header: bytes = b"") -> None:
        """Begin; with a header behind it, else with what follow() gets first."""
        self.total_bytes = ENDLESS
        self.total_frames = ENDLESS
        self.is_exact = True
        """Whether every byte up to `followed` is known; not so behind what cannot be read."""
        self.followed = 0
        """Source bytes that were looked at."""
        self.header = b""
        """What a decoder needs before any frame; empty where a stream begins with a frame."""
        self._form = form
        self._native = native_runs()
        self._info: StreamInfo | None = None
        self._sizes = array("I" if form.codec is Codec.FLAC else "H")
        self._durations = array("I")
        self._step = 0
        self._forgotten = (0, 0)
        """Bytes and PCM frames before what is kept."""
        self._kept = TimeIndex(self._sizes, 1)
        bit_rate = min(max(form.bit_rate or ASSUMED_BIT_RATE, LEAST_BIT_RATE), MOST_BIT_RATE)
        self._byte_rate = bit_rate / 8
        if header:
            self._take_header(header)

    @property
    def first_frame(self) -> int:
        """The PCM frame before which nothing is kept."""
        return self._forgotten[1]

    # ---- following ----

    def follow(self, data: memoryview) -> None:
        """Look at the bytes from `followed` on."""
        if not self.is_exact or len(data) < HEADER:
            return
        if self._native is None or self._form.codec not in _FOLLOWED:
            self.is_exact = False
            return
        if self._form.codec is Codec.FLAC and self._info is None:
            if not self._find_header(data):
                return
            data = data[FLAC_HEADER:]
        taken = self._mp3(data) if self._form.codec is Codec.MP3 else self._flac(data)
        if not taken:
            return
        self.followed += taken
        self._sum_up()

    def finish(self, data: memoryview) -> None:
        """Count all that there is: `data`, from `followed` to the end of the stream, may be FLAC's last frame."""
        if not self.is_exact or self.total_frames < ENDLESS:
            return
        info, header = self._info, parse_frame_header(bytes(data[:_LONGEST_FLAC_HEADER]), 0)
        if info is not None and header is not None and header.agrees_with(info) and len(data) <= info.max_frame:
            self._sizes.append(len(data))
            self._durations.append(header.samples)
            self.followed += len(data)
            self._sum_up()
        if self.followed == self.total_bytes:
            self.total_frames = self.frames_at(self.followed)

    def _find_header(self, data: memoryview) -> bool:
        if len(data) < FLAC_HEADER:
            return False
        self.is_exact = has_header(data)
        if self.is_exact:
            self._take_header(bytes(data[:FLAC_HEADER]))
        return self.is_exact

    def _take_header(self, header: bytes) -> None:
        self.header = header
        self._info = parse_stream_info(header[-STREAMINFO:])
        self.followed = len(header)
        self._forgotten = (len(header), 0)

    def restart(self) -> None:
        """Forget the header that was given: the stream brings its own. To be called before any follow()."""
        self.header, self._info = b"", None
        self.followed, self._forgotten = 0, (0, 0)

    def _mp3(self, data: memoryview) -> int:
        assert self._native is not None  # noqa: S101  # follow() has looked
        first = bytes(data[:HEADER])
        header = parse_header(first)
        if not self._is_ours(header):
            self.is_exact = False
            return 0
        assert header is not None  # noqa: S101  # it is ours
        self._step = header.samples
        taken, _ = self._native.mp3(data, first, header.rate, 0, self._sizes)
        if len(data) - taken >= HEADER and not self._is_ours(parse_header(bytes(data[taken : taken + HEADER]))):
            self.is_exact = False
        return taken

    def _is_ours(self, header: Mp3Header | None) -> bool:
        return header is not None and header.rate == self._form.rate and header.bit_rate > 0

    def _flac(self, data: memoryview) -> int:
        assert self._native is not None  # noqa: S101
        info = self._info
        if info is None or not info.is_sound:
            self.is_exact = False
            return 0
        shape = (info.max_block, info.rate, info.channels, info.bit_depth, info.min_frame)
        taken = self._native.flac(data, shape, self._sizes, self._durations)
        if not taken and len(data) > _LONGEST_FLAC_FRAME:
            self.is_exact = False
        return taken

    def _sum_up(self) -> None:
        assert self._native is not None  # noqa: S101
        if self._form.codec is Codec.MP3:
            summed = self._native.running_sums(self._sizes, STEP)
            self._kept = TimeIndex(self._sizes, self._step, summed=summed)
        else:
            self._kept = TimeIndex(self._sizes, self._durations, summed=running_sums(self._sizes))
        if self._kept.total_frames:
            self._byte_rate = max(1.0, self._kept.total_bytes * self._form.rate / self._kept.total_frames)

    def forget(self, byte: int) -> int:
        """Let go of the frames that end at or before `byte`; return where the first that is kept begins."""
        first_byte, first_frame = self._forgotten
        if byte <= first_byte:
            return first_byte
        kept = self._kept
        count, gone = kept.count_at(byte - first_byte), kept.boundary_at(byte - first_byte)
        if not count:
            return first_byte
        self._forgotten = (first_byte + gone, first_frame + kept.frames_at(gone))
        del self._sizes[:count]
        del self._durations[:count]
        self._sum_up()
        return self._forgotten[0]

    def learn(self, size: int, seconds: float) -> None:
        """Follow a stream whose frames cannot be read, and which needs more than it told."""
        if not self.is_exact and seconds > LEARNING_SECONDS:
            self._byte_rate = min(max(self._byte_rate, size / seconds), MOST_BIT_RATE / 8)

    # ---- asking ----

    def frames_at(self, byte: int) -> int:
        """PCM frames before `byte`: exact between encoded frames that were followed, linear inside one."""
        first_byte, first_frame = self._forgotten
        within = min(byte - first_byte, self._kept.total_bytes)
        if within < 0:
            return max(0, first_frame + int(within * self._form.rate / self._byte_rate))
        known = first_frame + self._kept.frames_at(within)
        return known + int((byte - first_byte - within) * self._form.rate / self._byte_rate)

    def byte_at(self, frame: int) -> int:
        """First byte of the encoded frame that holds PCM frame `frame`; of one that was not followed, about."""
        first_byte, first_frame = self._forgotten
        within = frame - first_frame
        if 0 <= within < self._kept.total_frames:
            return first_byte + self._kept.byte_at(within)
        beyond = within - self._kept.total_frames if within > 0 else within
        start = self.followed if within > 0 else first_byte
        return max(0, start + int(beyond * self._byte_rate / self._form.rate))


LEARNING_SECONDS = 5.0
"""What a device fetches ahead at the start says nothing of a stream's rate."""
_FOLLOWED = frozenset({Codec.MP3, Codec.FLAC})
_LONGEST_FLAC_HEADER = 16
"""Bytes (RFC 9639 9.1)."""
_LONGEST_FLAC_FRAME = 8 * 65536 * 5
"""Bytes: eight channels of the largest block."""
