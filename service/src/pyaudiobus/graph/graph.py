"""The graph: which nodes exist, which are linked, in which format. Returns events; scheduling is the driver's."""

from __future__ import annotations

from itertools import count

from pyaudiobus.errors import UserError
from pyaudiobus.graph.node import Direction, Node, ParamId
from pyaudiobus.model.format import Format
from pyaudiobus.model.negotiation import Agreement, EncodedOffer, Offer, PcmOffer, negotiate
from pyaudiobus.model.states import (
    LINK_TABLE,
    PORT_TABLE,
    LinkEvent,
    LinkState,
    PortEvent,
    PortState,
    advance,
)
from pyaudiobus.model.units import LinkId, NodeId


class Port:
    """The graph's side of one port."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.state = PortState.CONFIGURE

    def advance(self, event: PortEvent) -> None:
        """Move along PORT_TABLE."""
        self.state = advance(PORT_TABLE, self.state, event)


class Link:
    """One output joined to one input, once they agree on a format."""

    def __init__(self, link_id: LinkId, output: NodeId, sink: NodeId) -> None:
        self.id = link_id
        self.output = output
        self.input = sink
        self.state = LinkState.INIT
        self.agreement = Agreement(None)
        self.format: Format | None = None

    def advance(self, event: LinkEvent) -> None:
        """Move along LINK_TABLE."""
        self.state = advance(LINK_TABLE, self.state, event)


class FormatsDiffer(UserError):
    """The two ends of a link have no format in common; `agreement` tells why, pair by pair."""

    def __init__(self, output: Node, sink: Node, agreement: Agreement) -> None:
        self.agreement = agreement
        super().__init__(
            f"cannot link {output.name} to {sink.name}: formats differ",
            facts=[agreement.reason],
            advice="Let the player decode it (audiobus play --decode FILE), or choose another sink.",
        )


class Graph:
    """Nodes and links. A node is linked once at most."""

    def __init__(self) -> None:
        self._node_ids = count(1)
        self._link_ids = count(1)
        self._ports: dict[NodeId, Port] = {}
        self._links: dict[LinkId, Link] = {}

    def add(self, node: Node) -> NodeId:
        """Take a node in; ids are never used twice."""
        node_id = NodeId(next(self._node_ids))
        self._ports[node_id] = Port(node)
        return node_id

    def remove(self, node_id: NodeId) -> None:
        """Let a node go, and its link with it."""
        for link in self.links_of(node_id):
            self.unlink(link.id)
        del self._ports[node_id]

    def port(self, node_id: NodeId) -> Port:
        """Return a node's port."""
        return self._ports[node_id]

    def links_of(self, node_id: NodeId) -> list[Link]:
        """Return the links a node is part of."""
        return [link for link in self._links.values() if node_id in (link.output, link.input)]

    def link(self, output_id: NodeId, input_id: NodeId) -> Link:
        """Join two nodes in the first format both like.

        Raises FormatsDiffer when there is none, DeviceError when the sink's device refuses the format
        after all; both leave the nodes unlinked and without a format.
        """
        output, sink = self._ports[output_id], self._ports[input_id]
        self._check_ends(output.node, sink.node)
        self._check_free(output_id)
        self._check_free(input_id)
        link = Link(LinkId(next(self._link_ids)), output_id, input_id)
        link.advance(LinkEvent.NEGOTIATE)
        link.agreement = negotiate(_offers(output.node), _offers(sink.node))
        if link.agreement.format is None:
            link.advance(LinkEvent.FAIL)
            raise FormatsDiffer(output.node, sink.node, link.agreement)
        link.format = link.agreement.format
        link.advance(LinkEvent.AGREE)
        self._allocate(link, output, sink)
        self._links[link.id] = link
        return link

    def activate(self, link: Link) -> None:
        """Let sound through."""
        link.advance(LinkEvent.ACTIVATE)

    def deactivate(self, link: Link) -> None:
        """Let no sound through for now."""
        link.advance(LinkEvent.DEACTIVATE)

    def follow(self, link: Link, node: Node) -> None:
        """Let another output take the place of the one at a link's end, which was heard; its format is a like one."""
        port = self._ports[link.output]
        port.node.set_param(ParamId.FORMAT, None)
        port.node = node

    def unlink(self, link_id: LinkId) -> None:
        """Part two nodes; both lose their format."""
        link = self._links.pop(link_id)
        link.advance(LinkEvent.UNLINK)
        for port in (self._ports[link.input], self._ports[link.output]):
            _clear(port)

    def _allocate(self, link: Link, output: Port, sink: Port) -> None:
        """Set the format on both ends and hand the output's bytes to the input."""
        try:
            for port in (output, sink):
                port.node.set_param(ParamId.FORMAT, link.format)
                port.advance(PortEvent.SET_FORMAT)
            for buffers in sink.node.enum_params(ParamId.BUFFERS):
                output.node.set_param(ParamId.BUFFERS, buffers)
            sink.node.use_buffers(output.node.source())
            for port in (output, sink):
                port.advance(PortEvent.USE_BUFFERS)
        except BaseException:  # an interruption must not leave a device open or a route switched either
            link.advance(LinkEvent.FAIL)
            for port in (sink, output):
                _clear(port)
            raise
        link.advance(LinkEvent.ALLOCATED)

    def _check_free(self, node_id: NodeId) -> None:
        for link in self.links_of(node_id):
            other = link.output if node_id == link.input else link.input
            raise UserError(
                f"{self._ports[node_id].node.name} is taken by {self._ports[other].node.name}",
                advice="Wait for that stream to end, or unlink it first.",
            )

    @staticmethod
    def _check_ends(output: Node, sink: Node) -> None:
        if output.direction is not Direction.OUTPUT:
            raise UserError(f"{output.name} has no output to link")
        if sink.direction is not Direction.INPUT:
            raise UserError(f"{sink.name} has no input to link")


def _offers(node: Node) -> tuple[Offer, ...]:
    params = node.enum_params(ParamId.ENUM_FORMAT)
    return tuple(param for param in params if isinstance(param, EncodedOffer | PcmOffer))


def _clear(port: Port) -> None:
    if port.node.direction is Direction.INPUT:
        port.node.use_buffers(None)
    port.node.set_param(ParamId.FORMAT, None)
    port.state = advance(PORT_TABLE, port.state, PortEvent.CLEAR_FORMAT)
