"""What can be a default, and who said so: people, or an earlier decision."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, SINK, SOURCE, Snapshot
from pyaudiobus.policy.offers import is_dsp
from pyaudiobus.policy.streams import DUPLEX, VIRTUAL_SOURCE, why_unavailable

BY_POLICY = "policy"
"""Type of a metadata entry that a decision wrote; entries of any other type are people's."""


def chosen_name(key: str, bus: Snapshot) -> str:
    """Return the sink or source that people chose; empty where they chose none."""
    entry = bus.entries.get((BUS, key))
    return entry.value if entry is not None and entry.type != BY_POLICY else ""


def candidates(key: str, bus: Snapshot) -> tuple[Item, ...]:
    """List what may become the default unasked. A sink never becomes the default source."""
    if key == DEFAULT_SINK:
        return (*bus.nodes(SINK), *bus.nodes(DUPLEX))
    return (*bus.nodes(SOURCE), *bus.nodes(VIRTUAL_SOURCE), *bus.nodes(DUPLEX))


def why_not_default(key: str, device: Item, bus: Snapshot) -> str:
    """Return why a device cannot be the default now; empty where it can."""
    if key == DEFAULT_SINK and device.media_class not in (SINK, DUPLEX):
        return f"{device.name} is no sink"
    if key != DEFAULT_SINK and device.media_class not in (SOURCE, VIRTUAL_SOURCE, DUPLEX, SINK):
        return f"{device.name} is no source"
    if key == DEFAULT_SINK and is_dsp(device, bus):
        return f"{device.name} plays encoded audio only, and the default is for PCM too"
    return why_unavailable(device)
