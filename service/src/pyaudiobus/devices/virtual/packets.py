"""Byte streams of codecs without sync words cut into packets, as a DSP has to do it. FLAC's are in flac_frames.py.

Past 300 lines because the codecs are many, and each is a few lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import av
from av.audio.codeccontext import AudioCodecContext

_LENGTH = 4
_LONGEST_PACKET = 1 << 20
_OGG_HEADER = 27
_LACE = 255
_BURST_SYNC = b"\x72\xf8\x1f\x4e"
_BURST_HEADER = 8
_IN_BITS = frozenset({0x01, 0x0B, 0x0C, 0x0D})
_ALAC_START = re.compile(rb"[\x00\x20]\x00[\x00-\x1f]", re.DOTALL)
"""An element of one or two channels, number 0, then twelve zero bits."""
_AMR_SIZES = {
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1),
}
"""Bytes of a frame with its type in front, behind each file's magic."""
_G723_SIZES = (24, 20, 4, 1)

Size = Callable[[bytearray], int]
"""Bytes of the packet that begins here; 0 if more must come before that is known."""


class SizedPackets:
    """Packets whose beginning tells how long they are. What comes in `magic` first is no packet."""

    def __init__(self, size: Size, magic: bytes = b"", skipped: int = 0) -> None:
        self._size = size
        self._magic = magic
        self._skipped = skipped
        self._data = bytearray()
        self._has_begun = not magic

    def split(self, data: bytes) -> list[bytes]:
        """Return the packets that end within `data`, without the bytes that only tell their length."""
        self._data += data
        if not self._has_begun:
            if len(self._data) < len(self._magic):
                return []
            self._has_begun = True
            if self._data.startswith(self._magic):
                del self._data[: len(self._magic)]
        packets = []
        while self._data and 0 < (size := self._size(self._data)) <= len(self._data):
            packets.append(bytes(self._data[self._skipped : size]))
            del self._data[:size]
        return packets

    def settle(self) -> list[bytes]:
        """Return nothing: none is held back."""
        return []

    def flush(self) -> list[bytes]:
        """Return nothing: what is left is no whole packet."""
        return []


def blocks(size: int) -> SizedPackets:
    """Packets of one size: WMA's blocks, Real's."""
    return SizedPackets(lambda _: size)


def with_lengths() -> SizedPackets:
    """Each behind its length in four bytes, little endian."""

    def size(data: bytearray) -> int:
        length = int.from_bytes(data[:_LENGTH], "little")
        return _LENGTH + length if len(data) >= _LENGTH and length <= _LONGEST_PACKET else 0

    return SizedPackets(size, skipped=_LENGTH)


def amr_frames(magic: bytes) -> SizedPackets:
    """Storage format (RFC 4867, 5.3)."""
    sizes = _AMR_SIZES[magic]
    return SizedPackets(lambda data: sizes[data[0] >> 3 & 15], magic)


def g723_frames() -> SizedPackets:
    """Two bits tell the rate, and so the size."""
    return SizedPackets(lambda data: _G723_SIZES[data[0] & 3])


class Bursts:
    """What IEC 61937 bursts hold."""

    def __init__(self) -> None:
        self._data = bytearray()

    def split(self, data: bytes) -> list[bytes]:
        """Return the frames of the bursts that end within `data`; what is between them is padding."""
        self._data += data
        packets: list[bytes] = []
        while True:
            at = self._data.find(_BURST_SYNC)
            if at < 0:
                del self._data[: max(0, len(self._data) - len(_BURST_SYNC) + 1)]
                return packets
            del self._data[:at]
            kind, length = self._data[4] if len(self._data) > _BURST_HEADER else 0, self._length()
            if not kind or len(self._data) < _BURST_HEADER + length + length % 2:
                return packets
            packets.append(self._payload(length))
            del self._data[: _BURST_HEADER + length + length % 2]

    def settle(self) -> list[bytes]:
        """Return nothing: a burst tells its length."""
        return []

    def flush(self) -> list[bytes]:
        """Return nothing: what is left is no whole burst."""
        return []

    def _length(self) -> int:
        told = int.from_bytes(self._data[6:8], "little")
        return told // 8 if len(self._data) > _BURST_HEADER and self._data[4] & 0x1F in _IN_BITS else told

    def _payload(self, length: int) -> bytes:
        words = self._data[_BURST_HEADER : _BURST_HEADER + length + length % 2]
        swapped = bytearray(words)
        swapped[0::2], swapped[1::2] = words[1::2], words[0::2]
        return bytes(swapped[:length])


class OggPackets:
    """Packets out of the pages of one stream; its first three, Vorbis's headers, are kept apart."""

    def __init__(self, headers: int) -> None:
        self._data = bytearray()
        self._open = b""
        self._left = headers
        self.headers: list[bytes] = []

    def split(self, data: bytes) -> list[bytes]:
        """Return the packets that end within `data`."""
        self._data += data
        packets = []
        while (lacing := self._lacing()) is not None:
            at = _OGG_HEADER + len(lacing)
            for lace in lacing:
                self._open += self._data[at : at + lace]
                at += lace
                if lace < _LACE:
                    packets.append(self._open)
                    self._open = b""
            del self._data[:at]
        return self._without_headers(packets)

    def settle(self) -> list[bytes]:
        """Return nothing: pages tell where packets end."""
        return []

    def flush(self) -> list[bytes]:
        """Return nothing: what is left is no whole page."""
        return []

    def _lacing(self) -> bytes | None:
        at = self._data.find(b"OggS")
        if at < 0:
            return None
        del self._data[:at]
        if len(self._data) < _OGG_HEADER:
            return None
        end = _OGG_HEADER + self._data[26]
        lacing = bytes(self._data[_OGG_HEADER:end])
        return lacing if len(self._data) >= end + sum(lacing) and len(lacing) == self._data[26] else None

    def _without_headers(self, packets: list[bytes]) -> list[bytes]:
        taken, self._left = packets[: self._left], max(0, self._left - len(packets))
        self.headers += taken
        return packets[len(taken) :]


class LengthHeaders:
    """Packets behind their lengths, the first three of which are Vorbis's headers."""

    def __init__(self, headers: int) -> None:
        self._packets = with_lengths()
        self._left = headers
        self.headers: list[bytes] = []

    def split(self, data: bytes) -> list[bytes]:
        """Return the packets that end within `data`, without the headers."""
        packets = self._packets.split(data)
        taken, self._left = packets[: self._left], max(0, self._left - len(packets))
        self.headers += taken
        return packets[len(taken) :]

    def settle(self) -> list[bytes]:
        """Return nothing: none is held back."""
        return []

    def flush(self) -> list[bytes]:
        """Return nothing: what is left is no whole packet."""
        return []


class AlacPackets:
    """ALAC's packets, which nothing marks: each ends where a decoder finds its end tag and another can begin.

    Decoding one that is cut short fails, for want of the tag, and leaves no trace: packets know nothing of each other.
    """

    def __init__(self, opened: Callable[[], AudioCodecContext]) -> None:
        self._opened = opened
        self._context: AudioCodecContext | None = None
        self._data = bytearray()
        self._searched = 1
        self._found_short = 0

    def split(self, data: bytes) -> list[bytes]:
        """Return the packets that end within `data`."""
        self._data += data
        packets = []
        while (found := _ALAC_START.search(self._data, self._searched)) is not None:
            at = found.start()
            self._searched = at + 1
            if self._is_whole(bytes(self._data[:at])):
                packets.append(bytes(self._data[:at]))
                del self._data[:at]
                self._searched = 1
        self._searched = max(1, len(self._data) - 2)
        return packets

    def settle(self) -> list[bytes]:
        """Return what is there if it is a whole packet."""
        if not self._data or len(self._data) == self._found_short or not self._is_whole(bytes(self._data)):
            self._found_short = len(self._data)
            return []
        return self.flush()

    def flush(self) -> list[bytes]:
        """Return what is left."""
        rest = [bytes(self._data)] if self._data else []
        self._data.clear()
        self._searched = 1
        return rest

    def _is_whole(self, packet: bytes) -> bool:
        if self._context is None:
            self._context = self._opened()
        try:
            return bool(self._context.decode(av.Packet(packet)))
        except av.FFmpegError:
            return False


class ApeFrames:
    """Frames of a Monkey's Audio file that is sent from its beginning, found by its seek table (3.98 and later).

    FFmpeg wants each behind the number of its blocks and of the bytes to skip, in whole words of the frames' area.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._base = 0
        """Byte of the file that comes first of those kept."""
        self._offsets: list[int] | None = None
        self._end = 0
        self._blocks = (0, 0)
        self._number = 0

    def split(self, data: bytes) -> list[bytes]:
        """Return the frames that end within `data`."""
        self._data += data
        if self._offsets is None and not self._begin():
            return []
        return self._frames(0)

    def settle(self) -> list[bytes]:
        """Return nothing: the table tells where frames end."""
        return []

    def flush(self) -> list[bytes]:
        """Return the last frame, which ends with the stream."""
        return self._frames(1) if self._offsets else []

    def _begin(self) -> bool:
        data = self._data
        if len(data) < 76:  # noqa: PLR2004  # descriptor and header
            return False
        descriptor, header, table, _wav, _low, _high, _tail = (
            int.from_bytes(data[at : at + 4], "little") for at in range(8, 36, 4)
        )
        start = descriptor + header
        if len(data) < start + table:
            return False
        fields = data[descriptor : descriptor + 24]
        per_frame, final, total = (int.from_bytes(fields[at : at + 4], "little") for at in (4, 8, 12))
        self._blocks = per_frame, final
        count = min(total, table // 4)
        self._offsets = [int.from_bytes(data[at : at + 4], "little") for at in range(start, start + count * 4, 4)]
        return True

    def _frames(self, last: int) -> list[bytes]:
        offsets = self._offsets or []
        frames = []
        while self._number + 1 - last < len(offsets):
            at = offsets[self._number]
            is_last = self._number + 1 == len(offsets)
            end = self._base + len(self._data) if is_last else offsets[self._number + 1]
            skip = (at - offsets[0]) & 3
            size = (end - at + skip + 3) & ~3
            if not is_last and self._base + len(self._data) < at - skip + size:
                break
            frame = self._data[at - skip - self._base : at - skip - self._base + size]
            blocks_here = self._blocks[1] if is_last else self._blocks[0]
            frames.append(
                blocks_here.to_bytes(4, "little") + skip.to_bytes(4, "little") + bytes(frame).ljust(size, b"\0")
            )
            self._number += 1
        if self._number < len(offsets):
            spent = max(0, offsets[self._number] - 3 - self._base)
            del self._data[:spent]
            self._base += spent
        return frames
