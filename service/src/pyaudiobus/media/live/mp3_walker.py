"""MP3 frames out of a stream that may begin, and break, anywhere."""

from __future__ import annotations

import re

from pyaudiobus.media.live.seek_table import Point, SeekTable, in_order
from pyaudiobus.media.live.walker import Framed
from pyaudiobus.media.mp3 import ANY_SYNC, confirmed
from pyaudiobus.media.mp3_header import HEADER, FrameSizes, parse_header
from pyaudiobus.media.tags import ID3_HEADER, id3_length
from pyaudiobus.media.xing import parse_info_frame
from pyaudiobus.model.format import Codec, EncodedFormat

_ENOUGH = 3 * 2048
"""Bytes behind a place that tell whether frames begin there: three of the longest."""
_HEADERS_AT_START = 2
_HEADERS_AFTER_JUNK = 3


class Mp3Walker:
    """A Walker of MP3. The frame with the encoder's facts (Xing, Info, VBRI) is left out and read."""

    header = b""
    is_placed = True

    def __init__(self) -> None:
        self.form: EncodedFormat | None = None
        self.total_frames = 0
        self.skipped = 0
        self.prologue = b""
        self.table = SeekTable([])
        self._mode = ""
        self._data = bytearray()
        self._pass_over = 0
        """Bytes of a tag still to come."""
        self._sizes: FrameSizes | None = None
        self._in_sync = False
        self._is_start = True
        self._has_ended = False

    @property
    def pending(self) -> int:
        """Bytes that were fed and are not accounted for yet."""
        return len(self._data) - self._pass_over

    @property
    def samples(self) -> int:
        """PCM frames of an encoded frame."""
        return 0 if self._sizes is None else self._sizes.first.samples

    @property
    def steady(self) -> float:
        """Bytes of an encoded frame, on the average, where all that came have one bit rate; else 0."""
        sizes = self._sizes
        if sizes is None or self._mode not in ("", "cbr") or len(sizes.bit_rates) != 1:
            return 0.0
        return sizes.first.samples / 8 * sizes.first.bit_rate / sizes.first.rate

    def feed(self, data: bytes) -> None:
        """Take some more of the stream."""
        over = min(self._pass_over, len(data))
        self._pass_over -= over
        self._data += memoryview(data)[over:]

    def finish(self) -> None:
        """No more comes."""
        self._has_ended = True

    def begin_again(self) -> None:
        """What is fed next comes from another place in the stream."""
        self._data.clear()
        self._pass_over = 0
        self._in_sync = self._is_start = self._has_ended = False

    def take(self) -> Framed | None:
        """Return the next frame."""
        while self._skip_tag():
            if not self._in_sync and not self._find():
                return None
            data, sizes = self._data, self._sizes
            assert sizes is not None  # noqa: S101  # in sync
            head = bytes(data[:HEADER])
            size = sizes[head]
            if size and size <= len(data):
                frame = bytes(data[:size])
                del data[:size]
                if self._is_start and self._is_info(frame):
                    continue
                self._is_start = False
                return Framed(frame, sizes.first.samples, -1)
            if size or len(head) < HEADER:
                return None
            self._in_sync = False
        return None

    def _skip_tag(self) -> bool:
        """Pass over an ID3v2 tag; False where it takes more bytes to tell."""
        data = self._data
        while data.startswith(b"ID3"):
            length = id3_length(bytes(data[:ID3_HEADER]))
            if not length:
                break
            self._pass_over = max(0, length - len(data))
            del data[:length]
        return not (b"ID3".startswith(bytes(data[:3])) or (data.startswith(b"ID3") and len(data) < ID3_HEADER))

    def _find(self) -> bool:
        """Throw away what comes before the next frame that others follow; False where it takes more bytes to tell."""
        data = bytes(self._data)
        at = 0
        headers = _HEADERS_AT_START if self._is_start else _HEADERS_AFTER_JUNK
        while (match := re.compile(ANY_SYNC).search(data, at)) is not None:
            at = match.start()
            if len(data) - at < _ENOUGH and not self._has_ended:
                break
            found = confirmed(data, at, headers, is_all=self._has_ended)
            if found is not None and self._belongs(found):
                self._drop(at)
                self._in_sync = True
                return True
            at += 1
            headers = _HEADERS_AFTER_JUNK
        else:
            at = max(at, len(data) - HEADER)
        self._drop(at)
        return False

    def _belongs(self, found: FrameSizes) -> bool:
        first = found.first
        if self._sizes is None:
            self._sizes = found
            self.form = EncodedFormat(Codec.MP3, first.rate, first.channels, bit_rate=first.bit_rate)
        return self._sizes.first[:3] == first[:3]

    def _drop(self, count: int) -> None:
        del self._data[:count]
        self.skipped += count

    def _is_info(self, frame: bytes) -> bool:
        """Read the frame with the encoder's facts, if it is one. What it says of length is a hint and no more."""
        header = parse_header(frame)
        info = parse_info_frame(frame, header) if header else None
        self._is_start = False
        if info is None or header is None or self.form is None:
            return False
        self.prologue = frame
        self.total_frames = info.frames * header.samples
        self._mode = info.mode
        places = [Point(place * header.samples, byte - len(frame)) for place, byte in info.table if byte > len(frame)]
        self.table = SeekTable(in_order(places), resolution=self.total_frames // 100 * info.is_coarse)
        rate = self.form.bit_rate
        if info.frames and info.audio_bytes:
            rate = round(info.audio_bytes * 8 * header.rate / self.total_frames)
        padding = info.padding if info.frames else 0
        self.form = self.form.replace(bit_rate=rate, encoder_delay=info.delay, encoder_padding=padding)
        return True
