"""Params of devices, by SPA's names: EnumProfile and Profile of a card, EnumRoute and Route of it and of its sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pyaudiobus.daemon.card_object import CardObject
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.sink_routes import SinkRoutes
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.model.board import CardProfile

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

Value = dict[str, object]


class ProfileChoice(msgspec.Struct, forbid_unknown_fields=True):
    """What Profile can be set to."""

    name: str
    save: bool = False
    """Whether it is to be remembered: a person chose it."""


class RouteChoice(msgspec.Struct, forbid_unknown_fields=True):
    """What Route can be set to."""

    name: str
    device: str = ""
    """Which sink of the card is meant, where the card is asked."""
    save: bool = False


class DeviceParams:
    """The cards' part of the params of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def enum_profile(self, found: BusObject) -> list[Value]:
        """List what a card can be used for, the preferred one first."""
        if not isinstance(found, CardObject):
            return []
        return [_profile(number, one) for number, one in enumerate(found.profiles)]

    def profile(self, found: BusObject) -> list[Value]:
        """Return what it is used for; nothing until that is settled."""
        if not isinstance(found, CardObject):
            return []
        return [
            {**_profile(number, one), "save": found.is_saved}
            for number, one in enumerate(found.profiles)
            if one.name == found.profile
        ]

    def enum_route(self, found: BusObject) -> list[Value]:
        """List the ways out of a sink, or of all of a card's."""
        return [_route(routes, name) for routes in self._routes(found) for name in routes.names]

    def route(self, found: BusObject) -> list[Value]:
        """Return those that are used."""
        return [{**_route(routes, routes.chosen), "save": routes.is_saved} for routes in self._routes(found)]

    def set_profile(self, found: BusObject, wish: ProfileChoice) -> None:
        """Bring a card into a profile. UserError, DeviceError, NotSupported."""
        if not isinstance(found, CardObject):
            raise NotSupported(f"{found.name} is no card, and has no profile")
        found.keeper.choose(found, wish.name, is_saved=wish.save)

    def set_route(self, found: BusObject, wish: RouteChoice) -> None:
        """Let a sink use another way out. UserError, DeviceError, NotSupported."""
        nodes = [(node, routes) for node, routes in self._nodes(found) if wish.device in ("", node.name)]
        fitting = [(node, routes) for node, routes in nodes if wish.name in routes.names]
        if not nodes:
            raise NotSupported(f"{found.name} has no routes" + (f" of a sink {wish.device!r}" if wish.device else ""))
        if len(fitting) > 1:
            names = ", ".join(node.name for node, _ in fitting)
            raise UserError(f"{len(fitting)} sinks have a route {wish.name!r}", facts=[names], advice="Name the sink.")
        node, routes = (fitting or nodes)[0]
        try:
            routes.choose(wish.name, is_saved=wish.save)
        finally:
            self._bus.registry.changed(node, routes.facts())

    def _routes(self, found: BusObject) -> list[SinkRoutes]:
        return [routes for _, routes in self._nodes(found)]

    def _nodes(self, found: BusObject) -> list[tuple[BusObject, SinkRoutes]]:
        """List the nodes with routes that are meant: the node itself, or those of a card."""
        own = str(found.serial)
        nodes = [found]
        if isinstance(found, CardObject):
            nodes = [node for node in self._bus.registry if node.properties.get("device.id") == own]
        routed = (node for node in nodes if isinstance(node, PcmSink | CompressedNode))
        return [(node, node.routes) for node in routed if node.routes is not None]


def _profile(number: int, one: CardProfile) -> Value:
    sinks = None if one.sinks is None else list(one.sinks)
    return {"index": number, "name": one.name, "available": "yes", "sinks": sinks}


def _route(routes: SinkRoutes, name: str) -> Value:
    why_not = routes.why_not(name)
    told: Value = {"name": name, "device": routes.sink, "direction": "output", "available": "no" if why_not else "yes"}
    return {**told, "why": why_not} if why_not else told
