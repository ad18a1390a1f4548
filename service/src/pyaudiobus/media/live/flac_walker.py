"""FLAC frames out of a stream that comes in pieces. It must begin with STREAMINFO; it may break anywhere after."""

from __future__ import annotations

from pyaudiobus.errors import MediaError
from pyaudiobus.media.flac import LONGEST_HEADER, NUMBER_AT, longest_frame, mend, native_header
from pyaudiobus.media.flac_frame import frame_length
from pyaudiobus.media.flac_header import (
    BLOCK_HEADER,
    LAST_BLOCK,
    STREAMINFO,
    FrameHeader,
    StreamInfo,
    coded_number,
    parse_frame_header,
    parse_stream_info,
)
from pyaudiobus.media.live.seek_table import SEEK_POINT, SeekTable, parse_flac
from pyaudiobus.media.live.walker import Framed
from pyaudiobus.media.sniff import FLAC_MAGIC
from pyaudiobus.model.format import Codec, EncodedFormat

_ASSUMED_SHARE = 0.6
"""What lossless packing leaves of PCM, usually; a first guess at the bit rate."""
SEEKTABLE = 3
"""The type of the block."""
_MOST_TABLE = 10_000 * SEEK_POINT
"""Bytes of one that is read; a longer one is not what an encoder makes."""


class FlacWalker:
    """A Walker of native FLAC. A frame is believed when the one that follows it is there, or its checksum is right."""

    is_placed = True

    def __init__(self, name: str) -> None:
        self.form: EncodedFormat | None = None
        self.header = b""
        self.prologue = b""
        self.total_frames = 0
        self.skipped = 0
        self.table = SeekTable([])
        self._name = name
        self._data = bytearray()
        self._pass_over = 0
        self._info: StreamInfo | None = None
        self._is_in_metadata = True
        self._last_number = -1
        self._has_ended = False

    @property
    def steady(self) -> float:
        """No two frames need be alike."""
        return 0.0

    @property
    def samples(self) -> int:
        """Each tells its own number."""
        return 0

    @property
    def pending(self) -> int:
        """Bytes that were fed and are not accounted for yet."""
        return len(self._data) - self._pass_over

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
        self._last_number = -1
        self._has_ended = False

    def take(self) -> Framed | None:
        """Return the next frame. MediaError where STREAMINFO is missing or of no use."""
        if self._is_in_metadata and not self._read_metadata():
            return None
        info = self._info
        assert info is not None  # noqa: S101  # the metadata was read
        while (header := self._first_header(info)) is not None:
            size = self._size(header, info)
            if size < 0:
                return None
            if size:
                frame = bytes(self._data[:size])
                del self._data[:size]
                self._last_number = header.number
                return Framed(frame, header.samples, self._place(header, info))
            self._drop(1)
        return None

    def _place(self, header: FrameHeader, info: StreamInfo) -> int:
        return header.number if header.is_variable else header.number * info.max_block

    # ---- metadata ----

    def _read_metadata(self) -> bool:
        data = self._data
        if not self._info and not self.header:
            if len(data) < len(FLAC_MAGIC):
                return False
            del data[: len(FLAC_MAGIC)]
            self.header = FLAC_MAGIC
        while len(data) >= BLOCK_HEADER and not self._pass_over:
            length = int.from_bytes(data[1:BLOCK_HEADER], "big")
            kind = data[0] & ~LAST_BLOCK
            if kind == 0 and length == STREAMINFO:
                if len(data) < BLOCK_HEADER + length:
                    return False
                self._take_stream_info(bytes(data[BLOCK_HEADER : BLOCK_HEADER + length]))
            if kind == SEEKTABLE and length <= _MOST_TABLE:
                if len(data) < BLOCK_HEADER + length:
                    return False
                self.table = parse_flac(bytes(data[BLOCK_HEADER : BLOCK_HEADER + length]))
            is_last = bool(data[0] & LAST_BLOCK)
            self._pass_over = max(0, BLOCK_HEADER + length - len(data))
            del data[: BLOCK_HEADER + length]
            if is_last:
                self._is_in_metadata = False
                if self._info is None:
                    raise MediaError(f"{self._name} is FLAC without STREAMINFO", advice="Encode it again.")
                return True
        return False

    def _take_stream_info(self, body: bytes) -> None:
        self._set_info(parse_stream_info(body), body)

    def _set_info(self, info: StreamInfo, body: bytes) -> None:
        self._info = info
        self.header = native_header(body)
        self.total_frames = info.total_samples
        raw = info.rate * info.channels * info.bit_depth
        self.form = EncodedFormat(
            Codec.FLAC,
            info.rate,
            info.channels,
            bit_rate=round(raw * _ASSUMED_SHARE),
            bit_depth=info.bit_depth,
            codec_private=body,
        )

    # ---- frames ----

    def _first_header(self, info: StreamInfo) -> FrameHeader | None:
        """Throw away what comes before something that looks like the next frame's header."""
        data = self._data
        while (at := data.find(b"\xff")) >= 0:
            if len(data) - at < LONGEST_HEADER and not self._has_ended:
                self._drop(at)
                return None
            header = parse_frame_header(bytes(data[at : at + LONGEST_HEADER]), 0)
            if header is not None and header.number > self._last_number:
                mended = mend(self._name, info, header) if self._last_number < 0 and not info.is_sound else None
                if mended is not None:
                    self._set_info(mended[0], mended[0].pack())
                    info = mended[0]
                if header.agrees_with(info):
                    self._drop(at)
                    return header
            self._drop(at + 1)
        self._drop(len(data))
        return None

    def _size(self, header: FrameHeader, info: StreamInfo) -> int:
        """Return the bytes of the frame in front; 0 where it is none, -1 where it takes more bytes to tell."""
        data = self._data
        reach = longest_frame(header, info)
        sync = bytes(data[:2])
        number = coded_number(header.next_number)
        at = header.length + header.channels
        while (at := data.find(sync, at, reach + 2)) >= 0:
            if data.startswith(number, at + NUMBER_AT):
                found = parse_frame_header(bytes(data[at : at + LONGEST_HEADER]), 0)
                if found is not None and found.agrees_with(info):
                    return at
            at += 1
        if len(data) < reach + LONGEST_HEADER and not self._has_ended:
            return -1
        return frame_length(bytes(data[:reach]), header, info.bit_depth)

    def _drop(self, count: int) -> None:
        del self._data[:count]
        self.skipped += count
