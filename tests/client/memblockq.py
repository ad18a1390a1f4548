"""PulseAudio's memblockq as measured: a model of what is stored, byte by byte, for comparison only."""


class MemblockqModel:
    """Bytes by index. None in what is read stands for silence."""

    def __init__(self, maxlength: int, tlength: int) -> None:
        self.maxlength = maxlength
        self.tlength = tlength
        self.write = self.read = 0
        self._stored: dict[int, int] = {}

    def seek(self, mode: str, offset: int) -> None:
        end = max(self._stored) + 1 if self._stored else self.read
        begin = {"relative": self.write, "absolute": 0, "relative on read": self.read, "relative end": end}[mode]
        self.write = begin + offset

    def push(self, data: bytes) -> bool:
        end = max(self._stored) + 1 if self._stored else self.write
        new_end = self.write + len(data)
        fits = not data or new_end <= end or new_end - self.read <= self.maxlength
        if fits:
            self._stored.update({self.write + at: byte for at, byte in enumerate(data) if self.write + at >= self.read})
        self.write = new_end
        return fits

    def flush(self) -> None:
        self._stored.clear()
        self.write = self.read

    def fill(self) -> int:
        return max(0, self.write - self.read)

    def take(self, size: int) -> list[int | None]:
        """Take up to `size` bytes, but none behind the write index."""
        taken = [
            self._stored.pop(at, None) for at in range(self.read, min(self.read + size, max(self.read, self.write)))
        ]
        self.read += len(taken)
        return taken
