"""Numbers that people type, for argparse. Volumes are in loudness.py."""

from __future__ import annotations

import argparse
import math

MOST_DIGITS = 9


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
