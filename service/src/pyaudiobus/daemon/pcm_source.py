"""A source that records: a capture device and its cycle, as an object of the bus. Who hears it: cycle_node.py."""

from __future__ import annotations

from pyaudiobus.daemon.cycle_node import CycleNode


class PcmSource(CycleNode):
    """A node that gives PCM. Owned by the daemon."""

    media_class = "Audio/Source"
