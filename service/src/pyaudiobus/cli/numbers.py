"""Numbers that people type, for argparse. Volumes are in loudness.py."""

from __future__ import annotations

import argparse
import math

from pyaudiobus.errors import UserError

MOST_DIGITS = 9
_PLACES = (1, 60, 3600)


def whole(text: str) -> int:
    """Read a whole number above 0."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def seconds(text: str) -> float:
    """Read a time above 0, in seconds."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found < 10**MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write seconds, above 0")
    return found


def milliseconds(text: str) -> float:
    """Read a time in milliseconds, with or without the unit."""
    return seconds(text.lower().removesuffix("ms").strip())


def clock_seconds(text: str) -> float:
    """Read a time as people write it: "90", "1:30", "1:02:03.5", "90s". UserError."""
    parts = text.lower().removesuffix("s").split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    is_time = (
        bool(numbers) and len(numbers) <= len(_PLACES) and all(0 <= number < 10**MOST_DIGITS for number in numbers)
    )
    if not is_time or not text[:1].isdigit():
        raise UserError(f"{text!r} is no time", advice="Write seconds, or 1:30, or 1:02:03.")
    return sum(number * place for number, place in zip(reversed(numbers), _PLACES, strict=False))
