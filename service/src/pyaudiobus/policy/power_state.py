"""Who uses a device, and since when nobody does."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.rule import as_text
from pyaudiobus.model.snapshot import RECORD, SINK, Snapshot
from pyaudiobus.policy.offers import agreed
from pyaudiobus.policy.streams import devices_for, streams

ASLEEP = ("suspended", "error", "lost", "creating")
TIMEOUT = "session.suspend-timeout-seconds"


def is_asleep(device: Item) -> bool:
    """Tell whether a device is closed."""
    return device.state in ASLEEP


def users_of(device: Item, bus: Snapshot) -> list[Item]:
    """List what keeps a device awake: links that are not passive, of streams that are not held."""
    links = [*bus.links_into(device.serial), *bus.links_from(device.serial)]
    kept = [link for link in links if link.facts.get("passive") is not True]
    ends = (bus.items.get(link.number("output" if device.media_class == SINK else "input")) for link in kept)
    others = [end for end in ends if end is not None and end.serial != device.serial]
    listeners = (bus.items.get(link.number("input")) for link in kept if device.media_class == SINK)
    others += [end for end in listeners if end is not None and end.media_class == RECORD]
    return [end for end in others if not _is_held(end)]


def is_wanted(device: Item, bus: Snapshot) -> bool:
    """Tell whether a stream is heard, or waits to be, that could use a device if that were there."""
    for stream in streams(bus):
        if not _is_held(stream) and device in devices_for(stream, bus) and not agreed(stream, device, bus)[1]:
            return True
    return False


def _is_held(stream: Item) -> bool:
    return stream.facts.get("corked") is True or stream.state in ("corked", "drained", "error")


def own_timeout(device: Item) -> float | None:
    """Return the seconds after which a device wants to sleep; None where it does not say."""
    text = device.properties.get(TIMEOUT) or as_text(device.facts.get("suspend_after")) or ""
    try:
        return max(float(text), 0.0)
    except ValueError:
        return None
