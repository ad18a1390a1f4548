"""A file decoded while it is read. Loaded only when something must be decoded: it brings FFmpeg with it."""

from __future__ import annotations

from pyaudiobus.graph.source import FixedIndex, Passage
from pyaudiobus.media.codec_names import common_name, kernel_codec
from pyaudiobus.media.decode import Decoder, Facts, facts_of
from pyaudiobus.media.loudness import scaled
from pyaudiobus.model.format import Codec, EncodedFormat, PcmFormat

ROUNDED = 0.002
"""Seconds by which the length that an MP4 tells may be too short: its clock often has 600 or 1000 ticks a second."""


class DecodedFile:
    """PCM of one file as a graph source; holds at most what was last peeked at."""

    def __init__(self, path: str) -> None:
        self._decoder = Decoder(path)
        self.form: PcmFormat = self._decoder.form
        facts = facts_of(path)
        self.codec_name = facts.codec
        self.encoded = _encoded_format(facts)
        frames = round(self._decoder.duration * self.form.rate)
        self.index = FixedIndex(self.form.frame_size, frames)
        self.gain = 1.0
        """Linear; what is decoded from now on is multiplied by it, and cut off at full scale."""
        self._held = b""
        self._at_end = False

    @property
    def ended(self) -> bool:
        """True once the last frame was taken."""
        return self._at_end and not self._held

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes of whole frames; fewer only at the end."""
        while len(self._held) < size and not self._at_end:
            more = self._decoder.read((size - len(self._held)) // self.form.frame_size + 1)
            self._at_end = not more
            self._held += more if self.gain == 1.0 else scaled(more, self.gain, self.form.encoding)
        return memoryview(self._held)[:size]

    def advance(self, count: int) -> None:
        """Take bytes."""
        self._held = self._held[count:]

    def leave_out(self, padding: int, duration: float) -> None:
        """Let it end after so many seconds, if what lies behind them is the encoder's padding of so many frames.

        FFmpeg cuts it off of most files by itself, but not of MP4, whose own length is rounded to its clock.
        """
        frames = round(duration * self.form.rate)
        if padding and -ROUNDED * self.form.rate <= self.index.total_frames - frames <= padding:
            self.index = FixedIndex(self.form.frame_size, frames)
            self._decoder.end = frames

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Go on at a PCM frame, exactly; what was peeked at before is gone. Past the end there is nothing."""
        del settled
        self._decoder.seek(frame)
        self._held, self._at_end = b"", False
        return Passage(self, frame)

    def close(self) -> None:
        """Let go of the file."""
        self._decoder.close()


def _encoded_format(facts: Facts) -> EncodedFormat | None:
    """Say in the kernel's words what is in a file; None where it has none, or where nothing is encoded."""
    codec = kernel_codec(common_name(facts.codec))
    return None if codec in (None, Codec.PCM) else EncodedFormat(codec, facts.rate, facts.channels, facts.bit_rate)
