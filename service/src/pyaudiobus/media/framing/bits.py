"""Numbers of any width, most significant bit first: reading them and writing them."""

from __future__ import annotations


class BitReader:
    """A cursor over bits. Past the end it reads zeros and says so."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = len(data) * 8

    @property
    def left(self) -> int:
        """Bits not read so far; below 0 once more were asked for than there are."""
        return self._left

    def take(self, width: int) -> int:
        """Return the next `width` bits as a number."""
        self._left -= width
        if self._left >= 0:
            return self._number >> self._left & ((1 << width) - 1)
        return self._number << -self._left & ((1 << width) - 1)

    def peek(self, width: int) -> int:
        """Return the next `width` bits as a number, and stay."""
        value = self.take(width)
        self._left += width
        return value


class BitWriter:
    """Bits one after another."""

    def __init__(self) -> None:
        self._number = 0
        self._bits = 0

    def put(self, value: int, width: int) -> None:
        """Append a number of `width` bits."""
        self._number = self._number << width | value & ((1 << width) - 1)
        self._bits += width

    def put_bytes(self, data: bytes) -> None:
        """Append bytes, wherever the next bit stands."""
        self.put(int.from_bytes(data, "big"), len(data) * 8)

    def align(self) -> None:
        """Fill the present byte up with zeros."""
        self.put(0, -self._bits % 8)

    def bytes(self) -> bytes:
        """Return everything, filled up with zeros to whole bytes."""
        spare = -self._bits % 8
        return (self._number << spare).to_bytes((self._bits + spare) // 8, "big")
