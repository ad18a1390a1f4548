"""Which values answer a question. A hook that chooses another has failed: the bus's promises are kept here."""

from __future__ import annotations

from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.defaults import why_not_default
from pyaudiobus.policy.loudness import MOST_GAIN
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import is_device, is_stream

MOST_CHANNELS = 64


def role(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001  # every check has these arguments
    """Check the role of a client."""
    return _one_of(value, tuple(known.value for known in Role))


def meeting(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check what becomes of a stream."""
    return _one_of(value, tuple(known.value for known in Meeting))


def move(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check whether a stream is moved."""
    return _one_of(value, ("move", "stay"))


def suspend(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check what becomes of a device."""
    return _one_of(value, ("suspend",))


def word(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check a name."""
    return "" if isinstance(value, str) and value else "it is no name"


def gains(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check gains."""
    if not isinstance(value, tuple) or not 0 < len(value) <= MOST_CHANNELS:
        return "gains are a tuple of numbers"
    fits = all(isinstance(gain, int | float) and 0 <= gain <= MOST_GAIN for gain in value)
    return "" if fits else f"a gain is a number, 0 to {MOST_GAIN:g}"


def node(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check the serial of a node."""
    return "" if _node(bus, value) else "there is no such node"


def device(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check the serial of a sink or source."""
    found = _node(bus, value)
    return "" if found and is_device(found) else "there is no such sink or source"


def default(subject: Item, bus: Snapshot, value: object) -> str:
    """Check a default: a sink that plays encoded audio only is none."""
    found = _node(bus, value)
    return why_not_default(subject.name, found, bus) if found else "there is no such sink or source"


def attempt(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check the number of an attempt."""
    return "" if isinstance(value, int) and value > 0 else "attempts are counted from 1"


def stream(subject: Item, bus: Snapshot, value: object) -> str:  # noqa: ARG001
    """Check the serial of a stream."""
    found = _node(bus, value)
    return "" if found and is_stream(found) else "there is no such stream"


def target(subject: Item, bus: Snapshot, value: object) -> str:
    """Check where a stream is to play: never where it does not fit, is not wanted, or would be heard in a circle."""
    found = _node(bus, value)
    return refusal(subject, found, bus) if found else "there is no such node"


def _one_of(value: object, words: tuple[str, ...]) -> str:
    return "" if value in words else f"it is one of {', '.join(words)}"


def _node(bus: Snapshot, value: object) -> Item | None:
    """Return the node of a serial; True is no serial, though Python counts with it."""
    found = bus.items.get(value) if isinstance(value, int) and not isinstance(value, bool) else None
    return found if found is not None and found.kind == "node" else None
