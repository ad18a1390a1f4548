"""Volumes as people type and read them: per cent on the cube scale that PulseAudio's tools use, and decibels."""

from __future__ import annotations

import math
import re
from typing import Any

from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Item

MOST = 64.0
"""Linear gain; the protocol allows no more."""
_LEVEL = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)\s*(%|db)([+-]?)", re.IGNORECASE | re.ASCII)
_ADVICE = "Write 80% (cube scale), -6dB, or a change: +5%, -5%, +3dB, 3dB-."
NEGATIVE = re.compile(r"-[\d.]+\s*(%|d?b?)[+-]?$", re.IGNORECASE | re.ASCII)
"""What begins like a flag and is none."""


class Level(Record):
    """One volume that was typed."""

    amount: float
    is_change: bool
    is_decibels: bool

    def applied(self, gain: float) -> float:
        """Return the linear gain that comes of it. UserError where it is more than the bus takes."""
        if self.is_decibels:
            found = 10 ** (self.amount / 20) * (gain if self.is_change else 1)
        else:
            found = max(0.0, self.amount / 100 + (math.cbrt(gain) if self.is_change else 0)) ** 3
        if found > MOST * (1 + 1e-9):
            raise UserError(f"a volume of {decibels(found):+.1f} dB is more than the bus gives (36.1 dB, 400%)")
        return min(found, MOST)


def parse_level(text: str) -> Level:
    """Read "80%", "-6dB", or a change: "+5%", "-5%", "5%-", "+3dB", "3dB-". UserError."""
    found = _LEVEL.fullmatch(text.strip())
    if found is None or (found[1] and found[4]):
        raise UserError(f"{text!r} is no volume", advice=_ADVICE)
    is_decibels = found[3] != "%"
    amount = float(found[2]) * (-1 if "-" in (found[1], found[4]) else 1)
    is_change = bool(found[4]) or found[1] == "+" or (found[1] == "-" and not is_decibels)
    return Level(amount, is_change, is_decibels)


def is_level(text: str) -> bool:
    """Tell whether somebody has typed a volume where a name could stand."""
    return _LEVEL.fullmatch(text.strip()) is not None


def gains_of(item: Item) -> tuple[float, ...]:
    """Return a node's linear gains: one for all channels, or one each; empty where it has no volume."""
    told = item.facts.get("volume")
    try:
        return tuple(float(word) for word in str(told).split()) if told is not None else ()
    except ValueError:
        return ()


def channels_of(item: Item) -> int:
    """Return how many channels a node has; 0 where it does not say."""
    last = str(item.facts.get("format", "")).rpartition("/")[2]
    return int(last) if last.isdecimal() else 0


def percent(gain: float) -> float:
    """Return a gain on the cube scale."""
    return round(100 * math.cbrt(gain), 2)


def decibels(gain: float) -> float:
    """Return a gain in decibels."""
    return 20 * math.log10(gain) if gain > 0 else -math.inf


def describe(item: Item) -> str:
    """Put a node's volume into few words: "80% -5.8 dB", "80% 60%", "muted 80%"; empty where it has none."""
    gains = gains_of(item)
    if not gains:
        return ""
    levels = [f"{percent(gain):.0f}%" for gain in gains]
    words = levels[0] if len(set(levels)) == 1 else " ".join(levels)
    if item.facts.get("muted"):
        return f"muted {words}"
    return words if len(set(levels)) > 1 else f"{words} {decibels(gains[0]):.1f} dB"


def as_words(item: Item) -> dict[str, Any]:
    """Put it into the fields of JSON; null for the decibels of silence."""
    gains = gains_of(item)
    return {
        "gains": list(gains),
        "percent": [percent(gain) for gain in gains],
        "decibels": [round(decibels(gain), 2) if gain > 0 else None for gain in gains],
        "muted": bool(item.facts.get("muted")),
    }
