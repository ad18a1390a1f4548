"""Decoded sound compared: sample for sample where FFmpeg rounds a sample always alike."""

from __future__ import annotations

import platform
from array import array
from operator import sub

LAST_PLACE = 0 if platform.machine() in ("x86_64", "i686") else 1
"""FFmpeg's NEON code cuts stereo floats off to 16 bits, eight frames at a time, and rounds what is left of a block: a
sample's last place depends on where its block began. Measured on aarch64: 21 of 793,800 samples, each by one."""


def alike(found: bytes, wanted: bytes) -> bool:
    """Tell whether two stretches of 16-bit samples are the same sound."""
    if found == wanted or not LAST_PLACE or len(found) != len(wanted):
        return found == wanted
    return all(-LAST_PLACE <= each <= LAST_PLACE for each in map(sub, array("h", found), array("h", wanted)))
