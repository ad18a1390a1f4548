"""Devices that come late, or are busy."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import ATTEMPT
from pyaudiobus.model.rule import as_text
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.power_state import is_wanted
from pyaudiobus.policy.streams import UNUSABLE
from pyaudiobus.policy.verdict import Choice, Pass, Verdict, Wait


@hook()
def retry_with_backoff(device: Item, bus: Snapshot) -> Verdict:
    """Try a device that failed again, each time later (device.retry-first, -longest), while there is hope or a need."""
    if device.state not in UNUSABLE:
        return Pass("it can be used")
    text = device.properties.get(ATTEMPT, "0")
    made = int(text) if text.isdecimal() and len(text) <= len("999999") else 0
    first, longest = bus.settings.device_retry_first, bus.settings.device_retry_longest
    since = bus.since.get(device.serial, bus.now)
    if made >= bus.settings.device_retry_attempts and not is_wanted(device, bus):
        why = "it is tried again when its card tells of itself, or when a stream is heard that could use it"
        return Pass(f"{_error_of(device)}; all attempts were in vain: {why}")
    delay = _delay(made + 1, first, longest)
    error = _error_of(device)
    if bus.now >= since + delay:
        attempt = max(made + 1, _due_by(bus.now - since, first, longest))
        return Choice(attempt, f"{error}; attempt {attempt}")
    return Wait(f"{error}; attempt {made + 1} comes {delay:g} s after the failure", since + delay)


def _error_of(device: Item) -> str:
    """Return why a device cannot be used."""
    return as_text(device.facts.get("error")) or f"it is {device.state}"


def _due_by(elapsed: float, first: float, longest: float) -> int:
    """Return how many attempts are due so long after a failure; those that nobody made in time are not made up for."""
    due, wait, left = 0, min(first, longest), elapsed
    while wait < longest and left >= wait:
        due, left, wait = due + 1, left - wait, min(2 * wait, longest)
    return due + int(left // longest) if wait >= longest else due


def _delay(attempt: int, first: float, longest: float) -> float:
    """Return the seconds from the failure to an attempt, each wait being twice as long as the one before."""
    delay, wait = 0.0, min(first, longest)
    while attempt and wait < longest:
        attempt, delay, wait = attempt - 1, delay + wait, min(2 * wait, longest)
    return delay + attempt * longest
