"""What a reader of bytes sees of where they come from."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Title(NamedTuple):
    """What a station says is playing from a byte on."""

    offset: int
    """Bytes of sound before it."""
    text: str


class Origin(Protocol):
    """Bytes in order. One thread reads; interrupt() may come from any other, at any moment."""

    name: str
    """What a person calls it; nothing secret is in it."""
    kind: str
    """What the bytes are said to be: a media type, or empty."""
    size: int | None
    """Bytes in all; None where nobody knows."""
    can_seek: bool
    is_live: bool
    """It has no end, and what is missed is gone."""

    def read(self, most: int) -> bytes:
        """Wait for bytes and return some; b"" at the end and after interrupt(). MediaError where they cannot be had."""

    def seek(self, offset: int) -> None:
        """Go on at a byte, 0..size. NotSupported where that cannot be; MediaError."""

    def titles(self) -> tuple[Title, ...]:
        """Take the titles that came since the last call."""

    def news(self) -> tuple[str, ...]:
        """Take what a person should know that happened since the last call, in sentences."""

    def interrupt(self) -> None:
        """End a read() that waits, and all later ones. Legal twice."""

    def close(self) -> None:
        """Let go. Legal twice."""
