"""What of a file is sent, read as a player reads it."""

from __future__ import annotations

from pathlib import Path

from pyaudiobus.media.encoded import EncodedFile, open_encoded

FILES = Path(__file__).parent / "files"


def tap(found: EncodedFile, piece: int = 1000) -> bytes:
    """Return all bytes that a player would send."""
    reader = found.reader()
    sent = bytearray()
    while not reader.ended:
        view = reader.peek(piece)
        sent += view
        reader.advance(len(view))
    return bytes(sent)


def open_real(name: str) -> EncodedFile:
    """Open one of the real files."""
    found = open_encoded(str(FILES / name))
    assert found is not None
    return found
