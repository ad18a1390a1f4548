"""What the bus consists of: objects with serials that are never used twice. How they are told of is in registry.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.words import ObjectInfo

Fact = str | int | float | bool | None
Facts = dict[str, Fact]
MAX_PROPERTIES = 256
MAX_PROPERTY_BYTES = 32 * 1024
"""Keys and values of one object: what is told of it has to fit into one message."""


class TooLarge(AudiobusError):
    """More than the bus keeps."""


class BusObject:
    """One object of the bus."""

    kind = "object"
    settles = False
    """Whether what it is told reaches a cycle later."""

    def __init__(self, serial: int, name: str, owner: int = 0, properties: Mapping[str, str] | None = None) -> None:
        """Make an object of a client (its serial), or of the daemon (0). The registry makes it known."""
        self.serial = serial
        self.name = name
        self.owner = owner
        self.made_for = 0
        """The client for which the daemon has made it; 0: for all."""
        self.properties = checked(dict(properties or {}))

    @property
    def state(self) -> str:
        """Where it is in its life."""
        return "ready"

    @property
    def is_settled(self) -> bool:
        """Whether all that it was told has reached a cycle."""
        return True

    def facts(self) -> Facts:
        """Return what the bus itself tells of it."""
        return {}

    def parts(self) -> tuple[BusObject, ...]:
        """Return the objects without which it makes no sense: who may not see those does not see it."""
        return ()

    def gone(self) -> None:
        """Let go of what the object holds; it has been taken out of the registry."""

    def change(self, changes: Mapping[str, str | None]) -> None:
        """Change properties; None removes one. TooLarge, and nothing is changed."""
        kept = {key: value for key, value in self.properties.items() if key not in changes}
        kept.update({key: value for key, value in changes.items() if value is not None})
        self.properties = checked(kept)

    def info(self) -> ObjectInfo:
        """Put it into the protocol's words."""
        return ObjectInfo(
            self.serial, self.kind, self.name, self.owner, self.state, dict(self.properties), self.facts()
        )


class PortObject(BusObject):
    """Where links go in or out of a node."""

    kind = "port"

    def __init__(self, serial: int, node: BusObject, direction: str, formats: tuple[str, ...], name: str = "") -> None:
        """Make a port; `direction` is "input" or "output", `formats` the words of what can pass."""
        super().__init__(serial, f"{node.name}:{name or direction}", node.owner)
        self.node = node
        self.direction = direction
        self.formats = formats

    def facts(self) -> Facts:
        """Return its node and what passes."""
        return {"node": self.node.serial, "direction": self.direction, "formats": " ".join(self.formats)}

    def parts(self) -> tuple[BusObject, ...]:
        """Return its node."""
        return (self.node,)


class LinkObject(BusObject):
    """What joins two nodes."""

    kind = "link"

    def __init__(
        self,
        serial: int,
        owner: int,
        output: BusObject,
        input_: BusObject,
        reason: str,
        *,
        decision: str = "",
        is_passive: bool = False,
    ) -> None:
        super().__init__(serial, f"{output.name} -> {input_.name}", owner)
        self.output = output
        self.input = input_
        self.reason = reason
        self.decision = decision
        """Names what the session manager decided."""
        self.is_passive = is_passive
        self.format = ""
        self.when_gone: Callable[[], None] = lambda: None

    def facts(self) -> Facts:
        """Return its ends and why it is."""
        told: Facts = {"output": self.output.serial, "input": self.input.serial, "reason": self.reason}
        if self.decision:
            told["decision"] = self.decision
        if self.format:
            told["format"] = self.format
        if self.is_passive:
            told["passive"] = True
        return told

    def parts(self) -> tuple[BusObject, ...]:
        """Return its ends."""
        return (self.output, self.input)

    def gone(self) -> None:
        """Tell who waits for that."""
        self.when_gone()


def checked(properties: dict[str, str]) -> dict[str, str]:
    """Return properties that can be told in one message. TooLarge."""
    size = sum(len(key.encode()) + len(value.encode()) for key, value in properties.items())
    if len(properties) > MAX_PROPERTIES or size > MAX_PROPERTY_BYTES:
        raise TooLarge(
            f"properties of {size} bytes in {len(properties)} entries are more than the bus keeps of one object",
            facts=[f"at most {MAX_PROPERTY_BYTES} bytes in {MAX_PROPERTIES} entries"],
        )
    return properties
