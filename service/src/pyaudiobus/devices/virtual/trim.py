"""Cutting an encoder's delay and padding off a track of PCM as it passes."""

from __future__ import annotations

from pyaudiobus.model.format import DECODER_DELAYS, Codec


class Trim:
    """Drops frames at both ends of one track.

    The frames that may turn out to be padding are held back until more come or the track ends.
    """

    def __init__(self, codec: Codec) -> None:
        self._late = DECODER_DELAYS.get(codec, 0)
        self._skip = 0
        self._hold = 0
        self._held = b""

    def set_delay(self, frames: int) -> None:
        """Drop the encoder's delay, and the decoder's own with it, from what comes."""
        self._skip = frames + self._late if frames else 0

    def set_padding(self, frames: int) -> None:
        """Drop the encoder's padding at the end, less what the decoder is late by."""
        self._hold = max(0, frames - self._late)

    def push(self, pcm: bytes, frame_size: int) -> bytes:
        """Return what may be heard now."""
        skipped = min(self._skip, len(pcm) // frame_size)
        self._skip -= skipped
        joined = self._held + pcm[skipped * frame_size :]
        sure = max(0, len(joined) - self._hold * frame_size)
        self._held = joined[sure:]
        return joined[:sure]
