"""Compressed sinks of the daemon: made of its settings, the board file, and the compress devices there are."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from importlib import import_module

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.cards import Cards
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.sink_routes import SinkRoutes, routes_on
from pyaudiobus.devices.cards import card_number, cards
from pyaudiobus.devices.compress import CompressDevice
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.devices.mixer import MixerRoutes
from pyaudiobus.devices.mixer_volume import VolumeControl
from pyaudiobus.devices.polled_clock import PolledClock
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.board import Board, BoardSink, SinkKind
from pyaudiobus.model.daemon_settings import NodeKind, NodeSettings
from pyaudiobus.nodes.compressed_sink.node import CompressedSink, longest_pause

log = logging.getLogger("audiobusd")
VIRTUAL_DSP = "pyaudiobus.devices.virtual.dsp"
"""Loaded only where one is configured: it brings FFmpeg."""
_NODE = re.compile(r"comprC(\d+)D(\d+)")


class CompressDevices:
    """Makes compressed sinks, now or when their card appears."""

    def __init__(self, bus: Bus, known: Cards, root: str = "/") -> None:
        self._bus = bus
        self._cards = known
        self._root = root
        self._board: Board | None = None
        self._wanted: tuple[NodeSettings, ...] | None = None
        """None: whatever there is."""
        self._names: dict[int, str] = {}
        """What sinks were to be called, by their serials, where that name was taken."""

    def start(self, settings: Iterable[NodeSettings], board: Board | None) -> None:
        """Make those of the configuration, else those of the board file, else all there are."""
        self._board = board
        sinks = tuple(settings)
        named = tuple(sink for sink in sinks if sink.kind is NodeKind.COMPRESS)
        self._wanted = named if sinks else _of_board(board) or None
        self.card_came()

    def card_came(self) -> None:
        """Make what is missing, and ask what could not be used again."""
        for node in self._nodes():
            if not node.is_available:
                node.try_again()
        self.fit()

    def fit(self) -> None:
        """Make what the cards' profiles have, and is not there yet."""
        known = {self._names.get(node.serial, node.name) for node in self._nodes()}
        for settings in self._found() if self._wanted is None else self._wanted:
            if settings.name not in known and self._cards.allows(settings.card, settings.name):
                self._add(settings)

    def card_went(self) -> None:
        """Have every device looked at: whose card it was notices at once, not when its buffer runs low."""
        for node in self._nodes():
            node.look_at_device()

    def _nodes(self) -> list[CompressedNode]:
        return list(self._bus.registry.of_kind(CompressedNode))

    def _add(self, settings: NodeSettings) -> None:
        routes = self._routes(settings)
        try:
            sink = self._sink(settings, routes)
        except AudiobusError as error:
            log.info("%s is not there yet: %s", settings.name, error.what)
            return
        given = {"node.description": settings.description, "config.place": settings.place}
        if settings.card:
            given |= {"alsa.card": settings.card, "alsa.device": str(settings.device)}
            card = self._cards.of(settings.card)
            given["device.id"] = "" if card is None else str(card.serial)
        told = {key: word for key, word in given.items() if word}
        name = self._bus.free_name(settings.name)
        made = self._bus.offload.add(name, sink, PolledClock(), told, self._volume(settings), routes=routes)
        if name != settings.name:
            log.warning("%s is called %s, as that name is taken", settings.name, name)
            self._names[made.serial] = settings.name

    def _routes(self, settings: NodeSettings) -> SinkRoutes | None:
        """Return the ways out that the board file names."""
        of_board = None if settings.profile else self._of_board(settings)
        if of_board is None or not of_board.outputs:
            return None
        return SinkRoutes(of_board, routes_on(lambda: card_number(settings.card, self._root)))

    def _volume(self, settings: NodeSettings) -> VolumeControl | None:
        """Return the control that the board file names as the sink's volume."""
        of_board = None if settings.profile else self._of_board(settings)
        if of_board is None or not of_board.volume:
            return None
        return VolumeControl(card_number(settings.card, self._root), of_board.volume, place=of_board.place)

    def _sink(self, settings: NodeSettings, routes: SinkRoutes | None) -> CompressedSink:
        clock = PolledClock()
        if settings.profile:
            device: CompressDevice = import_module(VIRTUAL_DSP).VirtualDsp(settings.profile, clock)
            pause = longest_pause(settings.suspend_after)
            return CompressedSink(device, clock, quirks_for(device.driver), suspend_after=pause)
        card = card_number(settings.card, self._root)
        device = KernelCompressDevice(card, settings.device)
        quirks = quirks_for(device.driver)
        of_board = self._of_board(settings)
        usual = MixerRoutes(card, quirks.routes) if quirks.routes else None
        if of_board is not None:
            quirks = quirks.replace(**of_board.quirks.as_quirks(), codecs=of_board.codecs or quirks.codecs)
        pause = longest_pause(settings.suspend_after, None if of_board is None else of_board.suspend_after)
        return CompressedSink(device, clock, quirks, routes=routes or usual, suspend_after=pause)

    def _of_board(self, settings: NodeSettings) -> BoardSink | None:
        if self._board is None:
            return None
        return self._board.sink_on(SinkKind.COMPRESS, settings.card, settings.device)

    def _found(self) -> list[NodeSettings]:
        """List the compress devices there are, by the ids of their cards."""
        try:
            entries = os.listdir(os.path.join(self._root, "dev/snd"))
        except OSError:
            return []
        known = cards(self._root)
        found = []
        for number, device in sorted((int(one[1]), int(one[2])) for one in map(_NODE.fullmatch, entries) if one):
            card = known[number].id if number in known and known[number].id else str(number)
            found.append(NodeSettings(f"{card}-{device}-dsp", NodeKind.COMPRESS, card=card, device=device))
        return found


def _of_board(board: Board | None) -> tuple[NodeSettings, ...]:
    """Return the board file's compressed sinks, the one for encoded streams first."""
    if board is None:
        return ()
    sinks = sorted(board.sinks, key=lambda sink: sink.name != board.encoded_sink)
    return tuple(
        NodeSettings(sink.name, NodeKind.COMPRESS, card=sink.card, device=sink.device, place=sink.place)
        for sink in sinks
        if sink.kind is SinkKind.COMPRESS
    )
