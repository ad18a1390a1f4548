"""The daemon's own sinks and sources: made of its settings, the board file, and what the kernel shows."""

from __future__ import annotations

import contextlib
import os
import re

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.compress_devices import CompressDevices
from pyaudiobus.daemon.cycle_node import CycleNode, Manner
from pyaudiobus.daemon.metadata import DEFAULT_SINK, DEFAULT_SOURCE
from pyaudiobus.daemon.openers import AlsaOpener, FileOpener, NullSinkOpener, NullSourceOpener, Opener
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.pcm_source import PcmSource
from pyaudiobus.daemon.wav_writer import WavWriter
from pyaudiobus.devices.cards import cards
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.board import Board, SinkKind
from pyaudiobus.model.daemon_settings import NodeKind, NodeSettings
from pyaudiobus.protocol.words import MetadataEntry

DITHER_SEED = 1
SUSPEND_AFTER = {NodeKind.ALSA: 5}
"""Seconds, where nobody says; devices that cost nothing are never closed."""
_NODE = re.compile(r"pcmC(\d+)D(\d+)([pc])")


class Devices:
    """Makes the nodes, and follows cards that come and go."""

    def __init__(self, bus: Bus, root: str = "/") -> None:
        self._bus = bus
        self._root = root
        self._compress = CompressDevices(bus, root)
        self._writers: list[WavWriter] = []
        self._is_board_followed = False
        """The board file says which sinks there are."""

    def start(self, board: Board | None) -> None:
        """Make all sinks and sources. UserError for a file that cannot be written."""
        settings = self._bus.settings
        of_board = _of_board(board)
        self._is_board_followed = bool(of_board)
        self._compress.start(settings.sinks, board)
        sinks = settings.sinks or of_board or self._found("p") or (NodeSettings("null", NodeKind.NULL),)
        sources = settings.sources or self._found("c")
        for sink in sinks:
            if sink.kind is not NodeKind.COMPRESS:
                self._add(sink, is_source=False)
        for source in sources:
            self._add(source, is_source=True)
        self._set_default(DEFAULT_SINK, settings.default_sink or (board.pcm_sink if board else ""))
        self._set_default(DEFAULT_SOURCE, settings.default_source)

    def close(self) -> None:
        """Finish the files; after the bus was closed."""
        for writer in self._writers:
            writer.close()

    def _set_default(self, key: str, name: str) -> None:
        if name:
            self._bus.set_metadata(MetadataEntry(0, key, "string", name))

    def _add(self, node: NodeSettings, *, is_source: bool) -> None:
        settings = self._bus.settings
        after = SUSPEND_AFTER.get(node.kind, 0) if node.suspend_after is None else node.suspend_after
        shortest = settings.shortest if node.shortest is None else node.shortest
        longest = settings.longest if node.longest is None else node.longest
        manner = Manner(shortest, longest, after, settings.priority, DITHER_SEED * node.is_dithered)
        serial = self._bus.registry.new_serial()
        kind = PcmSource if is_source else PcmSink
        opener = self._opener(node, is_source=is_source)
        made = kind(
            serial,
            node.name,
            opener,
            node.format,
            manner=manner,
            watcher=self._bus,
            properties=_properties(node),
        )
        self._bus.add_node(made)
        if isinstance(opener, FileOpener):
            opener.writer.listener.dither = manner.dither
            made.listen(opener.writer.listener, None)
        self._try(made)

    def _try(self, node: CycleNode) -> None:
        """Open a device once, so that its format is known; it is closed again when nobody wants it."""
        with contextlib.suppress(AudiobusError):  # it has said why
            node.wake()

    def _opener(self, node: NodeSettings, *, is_source: bool) -> Opener:
        if node.kind is NodeKind.ALSA:
            return AlsaOpener(node.card, node.device, is_source=is_source)
        if node.kind is NodeKind.FILE:
            writer = WavWriter(self._bus.registry.new_serial(), node.path, node.format)
            self._writers.append(writer)
            return FileOpener(writer)
        return NullSourceOpener(node.frequency) if is_source else NullSinkOpener()

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
        self._compress.card_came()
        for node in self._bus.registry.of_kind(CycleNode):
            if not node.is_available:
                node.try_again(is_needed=False)
        known = {node.name for node in self._bus.registry.of_kind(CycleNode)}
        settings = self._bus.settings
        if not settings.sinks and not self._is_board_followed:
            self._add_all(self._found("p"), known, is_source=False)
        if not settings.sources:
            self._add_all(self._found("c"), known, is_source=True)

    def _add_all(self, found: tuple[NodeSettings, ...], known: set[str], *, is_source: bool) -> None:
        for node in found:
            if node.name not in known:
                self._add(node, is_source=is_source)

    def card_went(self, number: int) -> None:
        """A card is gone: its nodes are lost at once, before anybody writes to them."""
        self._compress.card_went()
        for node in self._bus.registry.of_kind(CycleNode):
            opener = node.opener
            if isinstance(opener, AlsaOpener) and opener.is_on(number):
                node.lose("its card was taken out")


def _properties(node: NodeSettings) -> dict[str, str]:
    given = {"node.description": node.description, "config.place": node.place}
    if node.kind is NodeKind.ALSA:
        given["alsa.card"], given["alsa.device"] = node.card, str(node.device)
    return {key: value for key, value in given.items() if value}


def _of_board(board: Board | None) -> tuple[NodeSettings, ...]:
    """Return the board file's PCM sinks; its compress sinks are made elsewhere."""
    if board is None:
        return ()
    return tuple(
        NodeSettings(sink.name, NodeKind.ALSA, card=sink.card, device=sink.device, place=sink.place)
        for sink in board.sinks
        if sink.kind is SinkKind.PCM
    )
