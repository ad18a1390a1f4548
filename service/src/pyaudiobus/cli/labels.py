"""What a file is called by its tags, where anything here reads them."""

from __future__ import annotations

from pyaudiobus.cli.load import READ_LABELS, load
from pyaudiobus.errors import AudiobusError


def labels_of(file: str) -> tuple[str, str]:
    """Return title and artist; empty where a file has none, is none, or nothing is installed that reads tags."""
    try:
        labels = load(READ_LABELS)(file)
    except (AudiobusError, ImportError, OSError):
        return "", ""
    return labels.title, labels.artist
