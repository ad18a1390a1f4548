"""Subjects of questions that are about no object of the bus: the defaults, the volume keys."""

from __future__ import annotations

from types import MappingProxyType

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import BUS


def named_subject(name: str) -> Item:
    """Return a subject that is nothing but its name."""
    return Item(BUS, "metadata", name, 0, "ready", MappingProxyType({}), MappingProxyType({}))
