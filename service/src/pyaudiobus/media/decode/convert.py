"""PCM to PCM of another rate, encoding or number of channels, by FFmpeg's resampler. No files here."""

from __future__ import annotations

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from pyaudiobus.model.format import Encoding, PcmFormat

_NAMES = {
    Encoding.U8: "u8",
    Encoding.S16: "s16",
    Encoding.S24: "s32",
    Encoding.S24_32: "s32",
    Encoding.S32: "s32",
    Encoding.F32: "flt",
}
"""What FFmpeg calls an encoding, or the one that holds it."""


class Converter:
    """Makes one format of another; what goes in one by one comes out as one sound, whatever its pieces."""

    def __init__(self, source: PcmFormat, result: PcmFormat) -> None:
        """Make it; where the number of channels differs, they are mixed as FFmpeg does."""
        self.source = source
        self.result = result
        self._begin()

    def convert(self, data: bytes | bytearray | memoryview) -> bytes:
        """Take whole frames; return what is ready. A few frames stay inside until more comes."""
        if not len(data):
            return b""
        widened = _widened(bytes(data), self.source.encoding)
        frame = AudioFrame(_NAMES[self.source.encoding], _layout(self.source.channels), self._frames_of(widened))
        frame.sample_rate = self.source.rate
        frame.planes[0].update(widened + bytes(frame.planes[0].buffer_size - len(widened)))
        return self._pieces(frame)

    def finish(self) -> bytes:
        """Return what is still inside, and begin anew."""
        rest = self._pieces(None)
        self._begin()
        return rest

    def _begin(self) -> None:
        self._resampler = AudioResampler(
            format=_NAMES[self.result.encoding], layout=_layout(self.result.channels), rate=self.result.rate
        )
        self._has_begun = False

    def _frames_of(self, widened: bytes) -> int:
        width = _width(self.source.encoding)
        return len(widened) // (width * self.source.channels)

    def _pieces(self, frame: AudioFrame | None) -> bytes:
        if frame is None and not self._has_begun:
            return b""
        self._has_begun = True
        size = _width(self.result.encoding) * self.result.channels
        pieces = (bytes(piece.planes[0])[: piece.samples * size] for piece in self._resampler.resample(frame))
        return _narrowed(b"".join(pieces), self.result.encoding)


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels}c")


def _width(encoding: Encoding) -> int:
    return 4 if encoding in (Encoding.S24, Encoding.S24_32) else encoding.width


def _widened(data: bytes, encoding: Encoding) -> bytes:
    """Put three bytes into the upper three of four."""
    if encoding not in (Encoding.S24, Encoding.S24_32):
        return data
    step = encoding.width
    wide = bytearray(len(data) // step * 4)
    for byte in range(3):
        wide[byte + 1 :: 4] = data[byte::step]
    return bytes(wide)


def _narrowed(data: bytes, encoding: Encoding) -> bytes:
    """Take the upper three bytes of four."""
    if encoding not in (Encoding.S24, Encoding.S24_32):
        return data
    step = encoding.width
    narrow = bytearray(len(data) // 4 * step)
    for byte in range(3):
        narrow[byte::step] = data[byte + 1 :: 4]
    if encoding is Encoding.S24_32:
        narrow[3::4] = bytes(255 if top & 128 else 0 for top in data[3::4])
    return bytes(narrow)
