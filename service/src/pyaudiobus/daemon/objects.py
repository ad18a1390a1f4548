"""What the bus consists of: objects with serials that are never used twice. How they are told of is in registry.py."""

from __future__ import annotations

from pyaudiobus.protocol.words import ObjectInfo

Fact = str | int | float | bool | None
Facts = dict[str, Fact]


class BusObject:
    """One object of the bus."""

    kind = "object"

    def __init__(self, serial: int, name: str, owner: int = 0, properties: dict[str, str] | None = None) -> None:
        """Make an object of a client (its serial), or of the daemon (0). The registry makes it known."""
        self.serial = serial
        self.name = name
        self.owner = owner
        self.properties = properties or {}

    @property
    def state(self) -> str:
        """Where it is in its life."""
        return "ready"

    def facts(self) -> Facts:
        """Return what the bus itself tells of it."""
        return {}

    def gone(self) -> None:
        """Let go of what the object holds; it has been taken out of the registry."""

    def info(self) -> ObjectInfo:
        """Put it into the protocol's words."""
        return ObjectInfo(
            self.serial, self.kind, self.name, self.owner, self.state, dict(self.properties), self.facts()
        )


class CoreObject(BusObject):
    """The daemon itself."""

    kind = "core"


class PortObject(BusObject):
    """Where links go in or out of a node."""

    kind = "port"

    def __init__(self, serial: int, node: BusObject, direction: str, formats: tuple[str, ...]) -> None:
        super().__init__(serial, f"{node.name}:{direction}", node.owner)
        self.node = node
        self.direction = direction
        self.formats = formats

    def facts(self) -> Facts:
        """Return its node and what passes."""
        return {"node": self.node.serial, "direction": self.direction, "formats": " ".join(self.formats)}


class LinkObject(BusObject):
    """What joins two nodes."""

    kind = "link"

    def __init__(self, serial: int, owner: int, output: BusObject, input_: BusObject, reason: str) -> None:
        super().__init__(serial, f"{output.name} -> {input_.name}", owner)
        self.output = output
        self.input = input_
        self.reason = reason

    def facts(self) -> Facts:
        """Return its ends and why it is."""
        return {"output": self.output.serial, "input": self.input.serial, "reason": self.reason}
