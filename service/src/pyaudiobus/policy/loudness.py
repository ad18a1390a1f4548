"""Volumes as the bus tells them."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.rule import as_text

Gains = tuple[float, ...]
MOST_GAIN = 64.0
"""As the protocol bounds it."""


def gains_of(node: Item) -> Gains:
    """Return a node's gains, linear; (1.0,) where it does not say."""
    return parse_gains(as_text(node.facts.get("volume")) or "") or (1.0,)


def parse_gains(text: str) -> Gains:
    """Read "0.5 0.5"; empty where that is no volume."""
    try:
        gains = tuple(float(word) for word in text.split())
    except ValueError:
        return ()
    return gains if all(0 <= gain <= MOST_GAIN for gain in gains) else ()


def gains_as_text(gains: Gains) -> str:
    """Write gains as the volume fact has them."""
    return " ".join(f"{gain:g}" for gain in gains)
