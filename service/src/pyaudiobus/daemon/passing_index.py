"""Where the frames of a stream lie that comes through a ring: found as it passes, kept while it may be needed again.

A player knows its file's frames; the bus sees bytes. Of MP3 and FLAC it reads the frames' headers as they are handed to
the device, so that position, sleep, watchdog and replay are exact. Of all else it knows the bit rate.
"""

from __future__ import annotations

from pyaudiobus.engine.frame_log import FrameLog, FramePattern
from pyaudiobus.media.flac_header import (
    BLOCK_HEADER,
    STREAMINFO,
    StreamInfo,
    parse_frame_header,
    parse_stream_info,
)
from pyaudiobus.media.mp3_header import HEADER, parse_header
from pyaudiobus.media.sniff import FLAC_MAGIC
from pyaudiobus.model.format import Codec, EncodedFormat

ENDLESS = 1 << 62
FLAC_HEADER = len(FLAC_MAGIC) + BLOCK_HEADER + STREAMINFO
"""Bytes: what a native stream with no other metadata begins with."""
ASSUMED_BIT_RATE = 320_000
"""Of streams that do not tell theirs."""
LEAST_BIT_RATE = 1_000
MOST_BIT_RATE = 50_000_000


def has_header(data: memoryview) -> bool:
    """Whether a stream begins here by telling what it is (FLAC)."""
    return bytes(data[: len(FLAC_MAGIC)]) == FLAC_MAGIC


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
        self.first_frame = 0
        """The PCM frame before which nothing is kept."""
        self._form = form
        self._info: StreamInfo | None = None
        self._first: bytes | None = None
        """The header of an MP3 frame, like which the next ones are."""
        self._samples = 0
        """PCM frames in each of those."""
        bit_rate = min(max(form.bit_rate or ASSUMED_BIT_RATE, LEAST_BIT_RATE), MOST_BIT_RATE)
        self.log = FrameLog(form.rate, bit_rate / 8)
        """The frames that were followed and are kept."""
        self.frames_at = self.log.frames_at
        """PCM frames before a byte: exact between encoded frames that were followed, linear inside one."""
        self.byte_at = self.log.byte_at
        """First byte of the encoded frame that holds a PCM frame; of one that was not followed, about."""
        if header:
            self._take_header(header)

    # ---- following ----

    @property
    def pattern(self) -> FramePattern | None:
        """By what its frames are followed; None while that is not known, or cannot be done."""
        if not self.is_exact or self.total_frames < ENDLESS:
            return None
        if self._first is not None:
            return FramePattern(self._first, self._samples)
        return None if self._info is None else FramePattern(shape=_shape(self._info))

    def follow(self, data: memoryview) -> None:
        """Look at the bytes from `followed` on."""
        if not self.is_exact or len(data) < HEADER:
            return
        if self._form.codec is Codec.MP3:
            self._follow_mp3(data)
        elif self._form.codec is Codec.FLAC:
            self._follow_flac(data)
        else:
            self.is_exact = False

    def finish(self, data: memoryview) -> None:
        """Count all that there is: `data`, from `followed` to the end of the stream, may be FLAC's last frame."""
        if not self.is_exact or self.total_frames < ENDLESS:
            return
        info, header = self._info, parse_frame_header(bytes(data[:_LONGEST_FLAC_HEADER]), 0)
        if info is not None and header is not None and header.agrees_with(info) and len(data) <= info.max_frame:
            self.log.add(len(data), header.samples)
            self.followed += len(data)
        if self.followed == self.total_bytes:
            self.total_frames = self.frames_at(self.followed)

    def restart(self) -> None:
        """Forget the header that was given: the stream brings its own. To be called before any follow()."""
        self.header, self._info = b"", None
        self._begin(0)

    def _take_header(self, header: bytes) -> None:
        self.header = header
        self._info = parse_stream_info(header[-STREAMINFO:])
        self._begin(len(header))

    def _begin(self, byte: int) -> None:
        self.followed = byte
        self.log.begin(byte)

    def _follow_mp3(self, data: memoryview) -> None:
        if self._first is None:
            self._meet(bytes(data[:HEADER]))
        if self._first is None:
            return
        taken, is_at_other = self.log.follow_mp3(data, self._first, self._samples)
        self.followed += taken
        if is_at_other:
            self._meet(bytes(data[taken : taken + HEADER]))

    def _meet(self, first: bytes) -> None:
        """Take the header of a frame for that of those that come."""
        header = parse_header(first)
        if header is None or header.rate != self._form.rate or not header.bit_rate:
            self.is_exact = False
            return
        self._first, self._samples = first, header.samples

    def _follow_flac(self, data: memoryview) -> None:
        if self._info is None:
            if len(data) < FLAC_HEADER:
                return
            if not has_header(data):
                self.is_exact = False
                return
            self._take_header(bytes(data[:FLAC_HEADER]))
            data = data[FLAC_HEADER:]
        info = self._info
        if info is None or not info.is_sound:
            self.is_exact = False
            return
        taken = self.log.follow_flac(data, _shape(info))
        self.followed += taken
        if not taken and len(data) > _LONGEST_FLAC_FRAME:
            self.is_exact = False

    def forget(self, byte: int) -> int:
        """Let go of the frames that end at or before `byte`; return where the first that is kept begins."""
        begin = self.log.forget(byte)
        self.first_frame = self.log.frames_at(begin)
        return begin

    def learn(self, size: int, seconds: float) -> None:
        """Follow a stream whose frames cannot be read, and which needs more than it told."""
        if not self.is_exact and seconds > LEARNING_SECONDS:
            self.log.byte_rate = min(max(self.log.byte_rate, size / seconds), MOST_BIT_RATE / 8)


def _shape(info: StreamInfo) -> tuple[int, int, int, int, int]:
    return info.max_block, info.rate, info.channels, info.bit_depth, info.min_frame


LEARNING_SECONDS = 5.0
"""What a device fetches ahead at the start says nothing of a stream's rate."""
_LONGEST_FLAC_HEADER = 16
"""Bytes (RFC 9639 9.1)."""
_LONGEST_FLAC_FRAME = 8 * 65536 * 5
"""Bytes: eight channels of the largest block."""
