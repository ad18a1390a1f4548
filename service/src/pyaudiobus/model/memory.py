"""What people chose earlier: defaults, volumes, profiles, targets. A value; who keeps it in a file is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pyaudiobus.model.record import Record

Gains = tuple[float, ...]
_NOTHING: Mapping[str, object] = MappingProxyType({})


class RememberedVolume(Record):
    """How loud something was."""

    gains: Gains = (1.0,)
    """Linear; one for all channels, or one each."""
    is_muted: bool = False


class Memory(Record):
    """All that is remembered. Keys are names, as serials do not outlive a bus."""

    defaults: Mapping[str, tuple[str, ...]] = _NOTHING  # type: ignore[assignment]  # an empty mapping is of any kind
    """Sinks and sources people chose, the most recent first, by DEFAULT_SINK and DEFAULT_SOURCE."""
    volumes: Mapping[str, RememberedVolume] = _NOTHING  # type: ignore[assignment]
    """By what policy/volume/keys.py makes of a node: "sink:speaker", "stream:media.role:music"."""
    targets: Mapping[str, str] = _NOTHING  # type: ignore[assignment]
    """Where people moved a stream: a sink's or source's name, by the same keys."""
    profiles: Mapping[str, str] = _NOTHING  # type: ignore[assignment]
    """By a device's name."""
    routes: Mapping[str, str] = _NOTHING  # type: ignore[assignment]
    """By a sink's name."""
