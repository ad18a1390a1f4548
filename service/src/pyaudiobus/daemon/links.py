"""Which links there are: made, found, removed. Whether two nodes may be linked is asked elsewhere."""

from __future__ import annotations

from pyaudiobus.daemon.objects import BusObject, LinkObject
from pyaudiobus.daemon.registry import Registry
from pyaudiobus.daemon.streams import RecordStream


class Links:
    """The links of one bus."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def join(
        self,
        output: BusObject,
        input_: BusObject,
        reason: str,
        *,
        owner: int,
        decision: str = "",
        is_passive: bool = False,
    ) -> LinkObject:
        """Make a link known."""
        serial = self._registry.new_serial()
        link = LinkObject(serial, owner, output, input_, reason, decision=decision, is_passive=is_passive)
        return self._registry.add(link)

    def part(self, link: LinkObject) -> None:
        """Take a link out; nothing if it is out already."""
        self._registry.remove(link.serial)

    def part_all(self, node: BusObject) -> None:
        """Take out every link of a node or port."""
        for link in self.of(node):
            self.part(link)

    def of(self, node: BusObject) -> list[LinkObject]:
        """List the links of a node or port."""
        return [found for found in self._registry.needing(node) if isinstance(found, LinkObject)]

    def out_of(self, node: BusObject) -> LinkObject | None:
        """Return the link that leaves a playback stream for its sink."""
        links = self.of(node)
        return next((link for link in links if link.output is node and not isinstance(link.input, RecordStream)), None)

    def into(self, node: BusObject) -> LinkObject | None:
        """Return the link that a record stream hears through."""
        return next((link for link in self.of(node) if link.input is node), None)

    def note(self, link: LinkObject, reason: str, decision: str) -> None:
        """Say why a link is, now that somebody has decided it again."""
        if (link.reason, link.decision) != (reason, decision):
            link.reason, link.decision = reason, decision
            self._registry.changed(link, {"reason": reason, "decision": decision})

    def stream_link(self, stream: BusObject) -> LinkObject | None:
        """Return the link by which a stream plays or hears."""
        return self.into(stream) if isinstance(stream, RecordStream) else self.out_of(stream)

    def serial_of(self, stream: int) -> int:
        """Return the serial of the link by which a stream plays or hears; 0 where it has none."""
        link = self.stream_link(self._registry.get(stream)) if stream in self._registry else None
        return 0 if link is None else link.serial
