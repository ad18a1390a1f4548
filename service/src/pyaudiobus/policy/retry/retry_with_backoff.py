"""Devices that come late, or are busy."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import ATTEMPT
from pyaudiobus.model.rule import as_text
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import UNUSABLE
from pyaudiobus.policy.verdict import Choice, Pass, Verdict, Wait

MOST_DOUBLED = 32
"""Waits that are doubled; nobody waits for the next."""


@hook()
def retry_with_backoff(device: Item, bus: Snapshot) -> Verdict:
    """Try a device that failed again, each time after twice as long, at most device.retry-longest seconds."""
    if device.state not in UNUSABLE:
        return Pass("it can be used")
    text = device.properties.get(ATTEMPT, "0")
    made = int(text) if text.isdecimal() and len(text) <= len("999999") else 0
    since = bus.since.get(device.serial, bus.now)
    due = since + _delay(made, bus.settings.device_retry_first, bus.settings.device_retry_longest)
    error = as_text(device.facts.get("error")) or f"it is {device.state}"
    if bus.now >= due:
        return Choice(made + 1, f"{error}; attempt {made + 1}")
    return Wait(f"{error}; attempt {made + 1} comes {due - since:g} s after the failure", due)


def _delay(made: int, first: float, longest: float) -> float:
    """Return the seconds from the failure to the next attempt, each wait being twice as long as the one before."""
    waits = [min(first * float(2**number), longest) for number in range(min(made + 1, MOST_DOUBLED))]
    return sum(waits) + max(made + 1 - MOST_DOUBLED, 0) * longest
