"""Nodes of clients: ports, and memory that passes from one client to another. The bus hands it on and never looks in.

A link between two clients' ports gives each a ring on which numbers of buffers travel, one each way: the output's end
sends the number of a buffer that is full, the other sends it back when it is done with it. Nothing is copied.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Client, Denied
from pyaudiobus.daemon.objects import BusObject, Facts, LinkObject, PortObject
from pyaudiobus.daemon.static_policy import describe
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.protocol.messages import AddPort, BuffersShared, CreateNode, Right, ShareBuffers
from pyaudiobus.protocol.words import BufferInfo, Shape, VideoShape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

MAX_PORTS = 64
"""Of one node."""
MOST_PORTS = 1024
"""Of one client: whatever it dies of, they are forgotten in a few hundredths of a second."""
MAX_BUFFERS = 16
NUMBER_SIZE = 8
"""Bytes of one buffer's number on a ring, little endian."""
RING_SIZE = 4096
_F_GET_SEALS = 1034
_F_SEAL_SHRINK = 2


class ClientNode(BusObject):
    """A node whose work a client does itself."""

    kind = "node"


class ClientPort(PortObject):
    """A port of such a node."""

    def __init__(self, serial: int, node: BusObject, direction: str, shapes: tuple[Shape, ...], name: str) -> None:
        super().__init__(serial, node, direction, tuple(describe(shape) for shape in shapes), name)
        self.shapes = shapes
        self.chosen: Shape | None = None
        """The only shape to be used from now on, where one was set."""
        self.buffers: tuple[BufferInfo, ...] = ()
        self.descriptors: tuple[int, ...] = ()

    def facts(self) -> Facts:
        """Return its node, what passes, and how many buffers there are."""
        return {**super().facts(), "buffers": len(self.buffers)}

    def offers(self) -> tuple[Shape, ...]:
        """Return what it sends or takes now."""
        return self.shapes if self.chosen is None else (self.chosen,)

    def gone(self) -> None:
        """Let its memory go."""
        _close(self.descriptors)
        self.descriptors = ()


class Relays:
    """The nodes of clients, and the links between them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._agreed: dict[int, Shape] = {}
        """What passes on a link, by its serial."""

    def create_node(self, client: Client, wish: CreateNode) -> int:
        """Make a node; return its serial."""
        registry = self._bus.registry
        name = wish.name or client.name
        if wish.properties.get("media.class", "").startswith("Audio/"):
            name = self._bus.free_name(name)
        node = ClientNode(registry.new_serial(), name, client.serial, dict(wish.properties))
        return registry.add(node).serial

    def add_port(self, client: Client, wish: AddPort) -> int:
        """Make a port; return its serial."""
        registry = self._bus.registry
        node = registry.get(wish.node)
        if not isinstance(node, ClientNode):
            raise UserError(f"{node.kind} {node.serial} ({node.name}) takes no ports of clients")
        if node.owner != client.serial:
            raise Denied(f"node {node.serial} is not yours")
        if wish.direction not in ("input", "output"):
            raise UserError(f"a port's direction is input or output, not {wish.direction!r}")
        if not wish.shapes:
            raise UserError("a port offers at least one shape")
        if len(registry.ports_of(node)) >= MAX_PORTS:
            raise AudiobusError(f"a node has at most {MAX_PORTS} ports")
        if sum(found.kind == "port" for found in registry.owned_by(client.serial)) >= MOST_PORTS:
            raise AudiobusError(f"a client has at most {MOST_PORTS} ports")
        return registry.add(ClientPort(registry.new_serial(), node, wish.direction, wish.shapes, wish.name)).serial

    def share(self, client: Client, wish: ShareBuffers, descriptors: Sequence[int]) -> None:
        """Have a port's memory handed to whoever is linked to it, instead of what it shared before."""
        port = self._port(wish.port)
        if port.owner != client.serial:
            raise Denied(f"port {port.serial} is not yours")
        if port.direction != "output":
            raise UserError(f"port {port.serial} takes buffers; only an output shares its own")
        _check_buffers(wish.buffers, descriptors)
        fresh = tuple(os.dup(descriptor) for descriptor in descriptors)
        _close(port.descriptors)
        port.buffers, port.descriptors = wish.buffers, fresh
        self._bus.registry.changed(port, port.facts())
        for link in self._bus.links.of(port):
            self._introduce(link)

    def link(self, client: Client, output: ClientPort, input_: ClientPort, *, is_passive: bool, owner: int) -> int:
        """Link two ports; return the link's serial."""
        if (output.direction, input_.direction) != ("output", "input"):
            raise UserError("a link goes from an output to an input")
        if any(link.output is output for link in self._bus.links.of(input_)):
            raise UserError(f"{output.name} and {input_.name} are linked already")
        if self._bus.links.into(input_) is not None:
            raise AudiobusError(f"{input_.name} is linked already; an input has one link")
        self._check_rights(client, output, input_)
        shape = _agree(output, input_)
        link = self._bus.links.join(output, input_, "it was asked for", owner=owner, is_passive=is_passive)
        link.format = describe(shape)
        link.when_gone = lambda: self._parted(link)
        self._agreed[link.serial] = shape
        self._bus.registry.changed(link, link.facts())
        self._introduce(link)
        return link.serial

    def _check_rights(self, client: Client, output: ClientPort, input_: ClientPort) -> None:
        """Nobody gets what another's node sends without leave, nor is sent what he may not know of."""
        if not client.rights(output.node) & Right.L:
            raise Denied(f"you may not get what {output.node.name} sends", advice="A manager can give you the right l.")
        for one, other in ((output, input_), (input_, output)):
            owner = self._bus.client(one.owner)
            if owner is None or owner.sees(other.node) or client.permissions.of(other.node) & Right.L:
                continue
            raise Denied(f"the owner of {one.node.name} may not know of {other.node.name}")

    def _parted(self, link: LinkObject) -> None:
        """Tell both ends that a link is gone: there are no buffers any more."""
        shape = self._agreed.pop(link.serial, None)
        if shape is None:
            return
        for port in (link.output, link.input):
            self._bus.tell_owner(port, "buffers-shared", BuffersShared(link.serial, port.serial, shape, ()))

    def _introduce(self, link: LinkObject) -> None:
        """Give both ends of a link the buffers, and the rings on which their numbers travel."""
        output, input_ = link.output, link.input
        if not isinstance(output, ClientPort) or not output.buffers:
            return
        shape = self._agreed[link.serial]
        made: list[_Channel] = []
        try:
            made.append(_Channel())
            made.append(_Channel())
            full, empty = made
            for port, rings in (
                (output, (*full.producer, *empty.consumer)),
                (input_, (*full.consumer, *empty.producer)),
            ):
                shared = BuffersShared(link.serial, port.serial, shape, output.buffers)
                self._bus.tell_owner(port, "buffers-shared", shared, (*output.descriptors, *rings))
        finally:
            for channel in made:
                channel.close()

    def _port(self, serial: int) -> ClientPort:
        port = self._bus.registry.get(serial)
        if not isinstance(port, ClientPort):
            raise UserError(f"{port.kind} {serial} is no port of a client's node")
        return port


class _Channel:
    """The descriptors of a ring between two clients; either end joins it as a client does (engine/ring.h)."""

    def __init__(self) -> None:
        self._ring = RingConsumer.create(RING_SIZE, NUMBER_SIZE)
        self._ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        page, data, _, _ = self._ring.descriptors
        mine, other = (end.fileno() for end in self._ends)
        self.producer = (page, data, mine, mine)
        """What the producing client is sent: what it wakes the other by is what it is woken by."""
        self.consumer = (page, data, other, other)

    def close(self) -> None:
        """Close what was sent."""
        self._ring.close()
        for end in self._ends:
            end.close()


def _agree(output: ClientPort, input_: ClientPort) -> Shape:
    """Return what passes: the output's first shape that the input takes. UserError."""
    for shape in output.offers():
        if any(_fits(shape, other) for other in input_.offers()):
            return shape
    raise UserError(
        f"cannot link {output.name} to {input_.name}: formats differ",
        facts=[f"{port.name}: {', '.join(map(describe, port.offers()))}" for port in (output, input_)],
    )


def _fits(shape: Shape, other: Shape) -> bool:
    if isinstance(shape, VideoShape) and isinstance(other, VideoShape):
        alike = (shape.pixel_format, shape.width, shape.height) == (other.pixel_format, other.width, other.height)
        return alike and (other.frame_rate in (0, shape.frame_rate) or shape.frame_rate == 0)
    return shape == other


def _check_buffers(buffers: Sequence[BufferInfo], descriptors: Sequence[int]) -> None:
    """Check that buffers are what they are said to be, and stay so. UserError."""
    if not buffers or len(buffers) > MAX_BUFFERS:
        raise UserError(f"{len(buffers)} buffers are shared; there may be 1 to {MAX_BUFFERS}")
    unused = set(range(len(descriptors))) - {buffer.descriptor for buffer in buffers}
    if unused:
        raise UserError(f"descriptor {min(unused)} belongs to no buffer")
    for number, buffer in enumerate(buffers):
        if buffer.descriptor >= len(descriptors):
            raise UserError(f"buffer {number} is in descriptor {buffer.descriptor}, and {len(descriptors)} came")
        size = _memory_size(number, buffer.kind, descriptors[buffer.descriptor])
        if not buffer.size or buffer.offset + buffer.size > size:
            raise UserError(
                f"buffer {number} lies outside its memory",
                facts=[f"{buffer.size} bytes from {buffer.offset} on, of {size}"],
            )


def _memory_size(number: int, kind: str, descriptor: int) -> int:
    """Return how much memory a descriptor is. UserError where it is of another kind, or could shrink in use."""
    if kind == "memfd":
        try:
            seals = fcntl.fcntl(descriptor, _F_GET_SEALS)
        except OSError:
            raise UserError(f"buffer {number} is no memfd") from None
        if not seals & _F_SEAL_SHRINK:
            raise UserError(f"buffer {number} may shrink while others use it", advice="Seal it: F_SEAL_SHRINK.")
        return os.fstat(descriptor).st_size
    if kind == "dmabuf":
        if not os.readlink(f"/proc/self/fd/{descriptor}").startswith(("/dmabuf:", "anon_inode:dmabuf")):
            raise UserError(f"buffer {number} is no dma-buf")
        return os.lseek(descriptor, 0, os.SEEK_END)
    raise UserError(f"buffer {number} is of kind {kind!r}; memfd and dmabuf are known")


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
