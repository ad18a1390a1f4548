"""How loud a sink is that is heard for the first time."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import SINK, Snapshot
from pyaudiobus.policy.filters import is_filter
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import DUPLEX
from pyaudiobus.policy.verdict import Choice, Pass, Verdict

UNHEARD = ("null", "file")


@hook(after=["use_role_volume"])
def use_safe_volume(node: Item, bus: Snapshot) -> Verdict:
    """Give a new sink the safe volume (volume.boot), unless nobody hears it."""
    if node.media_class not in (SINK, DUPLEX):
        return Pass("it is no sink")
    if node.owner != 0 or is_filter(node):
        return Pass("it is a program's, or a filter: what it plays on is as loud as it should be")
    if node.properties.get("device.api") in UNHEARD:
        return Pass("nobody hears it")
    return Choice((bus.settings.volume_boot,), "it is the volume for sinks that are new (volume.boot)")
