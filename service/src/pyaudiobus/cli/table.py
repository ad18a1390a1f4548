"""Lines for terminals of 80 columns: cells of fixed width, colours only where somebody looks."""

from __future__ import annotations

import os
import sys
from unicodedata import combining, east_asian_width

BOLD, GREEN, RED, YELLOW = "1", "32", "31", "33"
SECOND = 1_000_000
"""Microseconds."""
WIDTH = 79
"""Columns; a serial console has 80 and breaks the line in the last."""


def cell(text: str, width: int) -> str:
    """Return text that takes exactly so many columns: cut (with a ~), or filled up. No control characters."""
    safe = one_line(text)
    if columns(safe) <= width:
        return safe + " " * (width - columns(safe))
    kept = ""
    for char in safe:
        if columns(kept + char) > width - 1:
            break
        kept += char
    return kept + "~" + " " * (width - 1 - columns(kept))


def short(name: str) -> str:
    """Return what tells most of a name where room is scarce: of a path the file's name."""
    return name.rstrip("/").rpartition("/")[2] or name if name.startswith("/") else name


def one_line(text: str) -> str:
    """Return somebody's text without what moves the cursor."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def columns(text: str) -> int:
    """Return how wide a terminal shows text."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def paint(text: str, colour: str) -> str:
    """Colour text if stdout is a terminal whose owner likes colours."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def milliseconds(usec: float) -> str:
    """Return a time in few characters: "0.5 ms", "21.3 ms", "2000 ms"."""
    digits = 1 if usec < SECOND else 0
    return f"{usec / 1000:.{digits}f} ms"
