"""How much louder or softer a file's tags want it: ReplayGain 2.0, with the peak kept below full scale."""

from __future__ import annotations

from enum import Enum

from pyaudiobus.media.labels import Labels

_MOST = 36.0
"""Decibels either way; what tags say beyond is a mistake."""


class ReplayGainMode(Enum):
    """Which gain is taken; the other one where that is missing."""

    OFF = "off"
    TRACK = "track"
    ALBUM = "album"


def replay_gain(labels: Labels, mode: ReplayGainMode, preamp: float = 0.0) -> float | None:
    """Return the linear gain, `preamp` decibels above what the tags say; None where they say nothing.

    It is never so high that the peak that belongs to it would be clipped (ReplayGain 2.0, "Clipping prevention").
    """
    pairs = [(labels.track_gain, labels.track_peak), (labels.album_gain, labels.album_peak)]
    if mode is ReplayGainMode.ALBUM:
        pairs.reverse()
    found = next(((gain, peak) for gain, peak in pairs if gain is not None), None)
    if found is None or mode is ReplayGainMode.OFF:
        return None
    told, peak = found
    gain = float(10 ** (max(-_MOST, min(told + preamp, _MOST)) / 20))
    return min(gain, 1 / peak) if peak else gain
