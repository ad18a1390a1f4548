"""What a PCM device that cannot pause had not played yet, kept so that it can be played after the pause."""

from __future__ import annotations


class PauseTail:
    """The last bytes written; with a size of 0 it remembers nothing."""

    def __init__(self, size: int = 0) -> None:
        self._size = size
        self._recent = bytearray()
        self.held = b""
        """Bytes set aside; empty when nothing was left to play."""
        self.is_held = False

    def remember(self, data: memoryview) -> None:
        """Keep the newest `size` bytes."""
        if self._size:
            self._recent += data
            del self._recent[: -self._size]

    def hold(self, size: int) -> None:
        """Set aside the last `size` bytes."""
        self.held = bytes(self._recent[len(self._recent) - size :])
        self.is_held = True

    def release(self) -> bytes:
        """Give back what was set aside."""
        held, self.held, self.is_held = self.held, b"", False
        self._recent.clear()
        return held
