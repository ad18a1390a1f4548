"""The daemon's own sinks and sources: made of its settings, the board file, and what the kernel shows."""

from __future__ import annotations

import contextlib
import logging
import os
import re

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.card_object import CardObject
from pyaudiobus.daemon.cards import Cards, SetControls
from pyaudiobus.daemon.compress_devices import CompressDevices
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.cycle_node import CycleNode, Manner
from pyaudiobus.daemon.metadata import DEFAULT_SINK, DEFAULT_SOURCE
from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.daemon.openers import AlsaOpener, FileOpener, NullSinkOpener, NullSourceOpener, Opener
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.pcm_source import PcmSource
from pyaudiobus.daemon.sink_routes import SinkRoutes, routes_on
from pyaudiobus.daemon.wav_writer import WavWriter
from pyaudiobus.devices.cards import card_number, cards
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.board import Board, SinkKind
from pyaudiobus.model.daemon_settings import NodeKind, NodeSettings
from pyaudiobus.protocol.words import MetadataEntry

log = logging.getLogger("audiobusd")
DITHER_SEED = 1
SUSPEND_AFTER = {NodeKind.ALSA: 5}
"""Seconds, where nobody says; devices that cost nothing are never closed."""
_NODE = re.compile(r"pcmC(\d+)D(\d+)([pc])")


class Devices:
    """Makes the nodes, and follows cards that come and go, and what each is used for."""

    def __init__(self, bus: Bus, root: str = "/", set_controls: SetControls | None = None) -> None:
        """Look for devices below `root`; `set_controls` sets mixer controls otherwise, for tests."""
        self._bus = bus
        self._root = root
        self.cards = Cards(bus, root, self._refit, set_controls)
        self._compress = CompressDevices(bus, self.cards, root)
        self._writers: list[WavWriter] = []
        self._names: dict[int, str] = {}
        """What nodes were to be called, by their serials, where that name was taken."""
        self._board: Board | None = None
        self._is_started = False

    def start(self, board: Board | None) -> None:
        """Make all sinks and sources. UserError for a file that cannot be written."""
        settings = self._bus.settings
        self._board = board
        self.cards.start(board)
        self._compress.start(settings.sinks, board)
        self._is_started = True
        self._fit()
        if not self._wanted(is_source=False):
            self._bus.stand_in = self._add(NodeSettings("null", NodeKind.NULL), is_source=False).serial
        self._set_default(DEFAULT_SINK, settings.default_sink or (board.pcm_sink if board else ""))
        self._set_default(DEFAULT_SOURCE, settings.default_source)

    def close(self) -> None:
        """Finish the files; after the bus was closed."""
        for writer in self._writers:
            writer.close()

    def _set_default(self, key: str, name: str) -> None:
        if name:
            self._bus.set_metadata(MetadataEntry(0, key, "string", name))

    def _wanted(self, *, is_source: bool) -> tuple[NodeSettings, ...]:
        """List the nodes there are to be: of the daemon's file, else of the board's, else all that the kernel shows."""
        settings = self._bus.settings
        if is_source:
            return settings.sources or self._found("c")
        return settings.sinks or _of_board(self._board) or self._found("p")

    def _fit(self) -> None:
        """Make what the cards' profiles have, and is not there yet; streams go to a new sink if they belong there."""
        nodes = self._bus.registry.of_kind(CycleNode)
        known = {self._names.get(node.serial, node.name) for node in nodes if not node.owner}
        is_more = False
        for is_source in (False, True):
            for node in self._wanted(is_source=is_source):
                is_ours = node.kind is not NodeKind.COMPRESS and node.name not in known
                if is_ours and self.cards.allows(node.card, node.name):
                    self._add(node, is_source=is_source)
                    is_more = is_more or not is_source
        if is_more:
            self._bus.governing.concern("found", self._bus.playing.take_back)

    def _refit(self, card: CardObject) -> None:
        """Forget what a card's profile has not, and make what it has."""
        if not self._is_started:
            return
        own = str(card.serial)
        for node in tuple(self._bus.registry):
            is_of_card = node.kind == "node" and node.properties.get("device.id") == own
            if is_of_card and not self.cards.allows(card.name, node.name):
                self._leave_out(node, f"{node.name} is not there in the profile {card.profile} of {card.name}")
        self._compress.fit()
        self._fit()

    def _leave_out(self, node: BusObject, reason: str) -> None:
        log.info("%s", reason)
        if isinstance(node, CompressedNode):
            self._bus.offload.moves.abandon(node, reason)
        self._bus.forget(node)

    def _add(self, node: NodeSettings, *, is_source: bool) -> CycleNode:
        settings = self._bus.settings
        after = SUSPEND_AFTER.get(node.kind, 0) if node.suspend_after is None else node.suspend_after
        shortest = settings.shortest if node.shortest is None else node.shortest
        longest = settings.longest if node.longest is None else node.longest
        manner = Manner(shortest, longest, after, settings.priority, DITHER_SEED * node.is_dithered)
        routes = None if is_source else self._routes(node)
        opener = self._opener(node, is_source=is_source, routes=routes)
        kind = PcmSource if is_source else PcmSink
        made = kind(
            self._bus.registry.new_serial(),
            self._bus.free_name(node.name),
            opener,
            node.format,
            manner=manner,
            watcher=self._bus,
            properties=self._properties(node),
        )
        if isinstance(made, PcmSink):
            made.routes = routes
        if made.name != node.name:
            log.warning("%s is called %s, as that name is taken", node.name, made.name)
            self._names[made.serial] = node.name
        self._bus.add_node(made)
        if isinstance(opener, FileOpener):
            opener.writer.listener.dither = manner.dither
            made.listen(opener.writer.listener, None)
        self._try(made)
        return made

    def _try(self, node: CycleNode) -> None:
        """Open a device once, so that its format is known; it is closed again when nobody wants it."""
        with contextlib.suppress(AudiobusError):  # it has said why
            node.wake()

    def _routes(self, node: NodeSettings) -> SinkRoutes | None:
        """Return the ways out that the board file names for a PCM sink."""
        is_alsa = self._board is not None and node.kind is NodeKind.ALSA
        found = self._board.sink_on(SinkKind.PCM, node.card, node.device) if is_alsa and self._board else None
        if found is None or not found.outputs:
            return None
        return SinkRoutes(found, routes_on(lambda: card_number(node.card, self._root)))

    def _opener(self, node: NodeSettings, *, is_source: bool, routes: SinkRoutes | None) -> Opener:
        if node.kind is NodeKind.ALSA:
            return AlsaOpener(node.card, node.device, is_source=is_source, routes=routes)
        if node.kind is NodeKind.FILE:
            writer = WavWriter(self._bus.registry.new_serial(), node.path, node.format)
            self._writers.append(writer)
            return FileOpener(writer)
        return NullSourceOpener(node.frequency) if is_source else NullSinkOpener()

    def _properties(self, node: NodeSettings) -> dict[str, str]:
        given = {"node.description": node.description, "config.place": node.place}
        if node.kind is NodeKind.ALSA:
            card = self.cards.of(node.card)
            given |= {"alsa.card": node.card, "alsa.device": str(node.device)}
            given["device.id"] = "" if card is None else str(card.serial)
        return {key: value for key, value in given.items() if value}

    # ---- what the kernel shows ----

    def _found(self, direction: str) -> tuple[NodeSettings, ...]:
        """List the PCMs there are, playing ("p") or recording ("c"), by the ids of their cards."""
        known = cards(self._root)
        found = []
        for card, device in self._pcm_nodes(direction):
            card_id = known[card].id if card in known and known[card].id else str(card)
            name = f"{card_id}-{device}" + ("-in" if direction == "c" else "")
            words = known[card].name if card in known else ""
            found.append(NodeSettings(name, NodeKind.ALSA, card=card_id, device=device, description=words))
        return tuple(found)

    def _pcm_nodes(self, direction: str) -> list[tuple[int, int]]:
        try:
            entries = os.listdir(os.path.join(self._root, "dev/snd"))
        except OSError:
            return []
        matches = (_NODE.fullmatch(entry) for entry in entries)
        return sorted((int(one[1]), int(one[2])) for one in matches if one and one[3] == direction)

    def card_came(self) -> None:
        """Look again: what was lost may be back, and there may be more."""
        self.cards.look()
        self._compress.card_came()
        for node in self._bus.registry.of_kind(CycleNode):
            if not node.is_available:
                node.try_again(is_needed=False)
        self._fit()

    def card_went(self, number: int) -> None:
        """A card is gone: its nodes are lost at once, before anybody writes to them."""
        self.cards.went(number)
        self._compress.card_went()
        for node in self._bus.registry.of_kind(CycleNode):
            opener = node.opener
            if isinstance(opener, AlsaOpener) and opener.is_on(number):
                node.lose("its card was taken out")


def _of_board(board: Board | None) -> tuple[NodeSettings, ...]:
    """Return the board file's PCM sinks; its compress sinks are made elsewhere."""
    if board is None:
        return ()
    return tuple(
        NodeSettings(sink.name, NodeKind.ALSA, card=sink.card, device=sink.device, place=sink.place)
        for sink in board.sinks
        if sink.kind is SinkKind.PCM
    )
