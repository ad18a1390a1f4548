"""The volume that something had before."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.identity import node_key
from pyaudiobus.policy.streams import is_stream
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["keep_given_volume"])
def restore_volume(node: Item, bus: Snapshot) -> Verdict:
    """Give a sink, source or stream the volume it had, but a device none above volume.boot-limit."""
    settings = bus.settings
    is_restored = settings.volume_restore_streams if is_stream(node) else settings.volume_restore_sinks
    if not is_restored:
        return Pass("its volume is not remembered (volume.restore-sinks, volume.restore-streams)")
    remembered = bus.memory.volumes.get(node_key(node))
    if remembered is None:
        return Pass(f"no volume is remembered for {node_key(node)}")
    limit = settings.volume_boot_limit
    if is_stream(node) or max(remembered.gains, default=0.0) <= limit:
        return Choice(remembered.gains, "it had that volume before")
    gains = tuple(min(gain, limit) for gain in remembered.gains)
    return Choice(gains, f"it was louder before than volume.boot-limit ({limit:g})")
