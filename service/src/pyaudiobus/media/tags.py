"""How much of a file's front and end is tags: ID3v2, ID3v1, APEv2, Lyrics3. What the tags say is probe.py's business.

Layouts: id3.org (ID3v2.4 structure, section 3), the APEv2 specification at hydrogenaudio.org, id3.org/Lyrics3.
"""

from __future__ import annotations

from pyaudiobus.media.source import FileSource

ID3_HEADER = 10
_ID3_FOOTER_FLAG = 0x10
_NO_VERSION = 0xFF
_ID3V1 = 128
_ID3V1_EXTENDED = 227
_APE_BLOCK = 32
_APE_HAS_HEADER = 0x80
_LYRICS_END = 9
_LYRICS_SIZE_DIGITS = 6
_LYRICS1_LONGEST = 5100
_FEWEST_SYNCSAFE = 0x80


def leading_tags(source: FileSource) -> int:
    """Return where the tags in front end, as their length fields say; never past the end of the file.

    Several ID3v2 tags in a row happen when one program does not see another's.
    """
    offset = 0
    while offset < source.size:
        head = source.read(offset, min(_APE_BLOCK, source.size - offset))
        length = id3_length(head) or _ape_header_length(head)
        if not length:
            break
        offset += length
    return min(offset, source.size)


def id3_length(head: bytes) -> int:
    """Return the length of the ID3v2 tag that begins with these (ten or more) bytes, 0 if none does."""
    if len(head) < ID3_HEADER or head[:3] != b"ID3" or _NO_VERSION in head[3:5]:
        return 0
    digits = head[6:10]
    if max(digits) < _FEWEST_SYNCSAFE:
        body = digits[0] << 21 | digits[1] << 14 | digits[2] << 7 | digits[3]
    else:
        # Some programs write a plain 32-bit number; whether it leads to audio is seen later.
        body = int.from_bytes(digits, "big")
    return ID3_HEADER + body + (ID3_HEADER if head[5] & _ID3_FOOTER_FLAG else 0)


def trailing_tags(source: FileSource, start: int) -> int:
    """Return where the tags at the end begin, at or after `start`: the end of the audio."""
    end = source.size
    while end > start:
        length = _last_tag(source, start, end)
        if not 0 < length <= end - start:
            break
        end -= length
    return end


def _last_tag(source: FileSource, start: int, end: int) -> int:
    tail_start = max(start, end - _ID3V1_EXTENDED)
    tail = source.read(tail_start, end - tail_start)
    if tail[-_ID3V1:-125] == b"TAG":
        return _ID3V1
    if len(tail) == _ID3V1_EXTENDED and tail.startswith(b"TAG+"):
        return _ID3V1_EXTENDED
    if tail[-_APE_BLOCK:].startswith(b"APETAGEX"):
        return _ape_footer_length(source, start, end, tail[-_APE_BLOCK:])
    if tail[-ID3_HEADER:].startswith(b"3DI"):
        return id3_length(b"ID3" + tail[-ID3_HEADER + 3 :])
    return _lyrics_length(source, start, end, tail)


def _ape_header_length(head: bytes) -> int:
    if len(head) < _APE_BLOCK or not head.startswith(b"APETAGEX"):
        return 0
    return _APE_BLOCK + int.from_bytes(head[12:16], "little")


def _ape_footer_length(source: FileSource, start: int, end: int, footer: bytes) -> int:
    """The size field counts items and footer, not the header. A size that leads nowhere drops the footer alone."""
    length = int.from_bytes(footer[12:16], "little")
    if not _APE_BLOCK <= length <= end - start:
        return _APE_BLOCK
    with_header = end - length - _APE_BLOCK
    if footer[23] & _APE_HAS_HEADER and with_header >= start and source.read(with_header, 8) == b"APETAGEX":
        return length + _APE_BLOCK
    return length


def _lyrics_length(source: FileSource, start: int, end: int, tail: bytes) -> int:
    if tail.endswith(b"LYRICS200"):
        digits = tail[-_LYRICS_END - _LYRICS_SIZE_DIGITS : -_LYRICS_END]
        length = int(digits) if digits.isdigit() else 0
        begin = end - _LYRICS_END - _LYRICS_SIZE_DIGITS - length
        if length and begin >= start and source.read(begin, 11) == b"LYRICSBEGIN":
            return end - begin
    if tail.endswith(b"LYRICSEND"):
        window = max(start, end - _LYRICS1_LONGEST - 20)
        found = source.read(window, end - window).rfind(b"LYRICSBEGIN")
        return end - window - found if found >= 0 else 0
    return 0
