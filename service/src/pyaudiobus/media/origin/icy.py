"""Titles between the bytes of a station's sound (ICY): they are taken out exactly, and read.

The server said `icy-metaint: N`: after every N bytes of sound comes a length byte, and sixteen times as many bytes of
text padded with zeros (SHOUTcast's protocol; there is no document of its own).
"""

from __future__ import annotations

from pyaudiobus.media.origin.origin import Title

_UNIT = 16
_UNKNOWN = -1
"""Bytes of text that come, as long as the length byte did not."""
_KEY = "StreamTitle='"


class IcyStripper:
    """Takes bytes as they arrive, in pieces of any size, and returns the sound among them."""

    def __init__(self, interval: int) -> None:
        """`interval` is the server's icy-metaint: bytes of sound between two blocks, above 0."""
        self._interval = interval
        self._sound = 0
        self._last = ""
        self._titles: list[Title] = []
        self.begin_again()

    def begin_again(self) -> None:
        """The connection is a new one: it begins with a whole interval of sound."""
        self._left = self._interval
        self._text = bytearray()
        self._text_left = _UNKNOWN

    def feed(self, data: bytes) -> bytes:
        """Return the sound of some more bytes."""
        sound = []
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                sound.append(piece)
                self._left -= len(piece)
                self._sound += len(piece)
                at += len(piece)
            elif self._text_left == _UNKNOWN:
                self._text_left = _UNIT * data[at]
                at += 1
            else:
                piece = data[at : at + self._text_left]
                self._text += piece
                self._text_left -= len(piece)
                at += len(piece)
            if not self._text_left:
                self._end_block()
        return b"".join(sound)

    def titles(self) -> tuple[Title, ...]:
        """Take the titles that are new."""
        titles, self._titles = tuple(self._titles), []
        return titles

    def _end_block(self) -> None:
        text = stream_title(bytes(self._text))
        if text is not None and text != self._last:
            self._last = text
            self._titles.append(Title(self._sound, text))
        self.begin_again()


def stream_title(block: bytes) -> str | None:
    """Read a block's StreamTitle, which may hold quotes; None if it has none. UTF-8, or else Latin-1."""
    block = block.rstrip(b"\0")
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        text = block.decode("latin-1")
    _, key, rest = text.partition(_KEY)
    if not key:
        return None
    title, end, _ = rest.partition("';")
    if not end:
        title = rest.removesuffix("'")
    return " ".join(title.split())
