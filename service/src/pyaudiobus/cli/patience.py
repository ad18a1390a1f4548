"""A bus that learns patience when the first stream comes; what files are played with is not changed by it."""

from __future__ import annotations

from pyaudiobus.cli.load import PATIENT_BUS, load
from pyaudiobus.client.bus import Bus, Connection
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.devices.clock import Clock


class LearningBus:
    """Another bus, for files and streams."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    @property
    def clock(self) -> Clock:
        """What the player sleeps on."""
        return self._bus.clock

    def connect(self, node: FileNode, *, joins: bool = False) -> Connection:
        """Link a file or stream to the sink that suits it best. AudiobusError tells why none does."""
        if type(node) is not FileNode:
            patient: Bus = load(PATIENT_BUS)(self._bus)
            return patient.connect(node)
        return self._bus.connect(node, joins=joins)
