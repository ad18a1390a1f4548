"""Devices as a board file describes them: what wiring.py asks where there is one. Opens none of them to play."""

from __future__ import annotations

import os

from pyaudiobus.cli.settings import DeviceName, PlaySettings, Target
from pyaudiobus.cli.sinks import card_of, controls_for, pcm_sink_for, sink_named
from pyaudiobus.devices.cards import card_number, cards
from pyaudiobus.devices.catalogue import Finding, find_compress_devices
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.errors import UserError
from pyaudiobus.model.board import Board, BoardSink, SinkKind

_NODES = {SinkKind.COMPRESS: "comprC{}D{}", SinkKind.PCM: "pcmC{}D{}p"}


class BoardTargets:
    """What a person's settings mean on one board. `root` is where /dev, /proc and /sys are."""

    def __init__(self, board: Board, settings: PlaySettings, root: str = "/") -> None:
        self._board = board
        self._settings = settings
        self._root = root

    def named(self, name: DeviceName) -> Target:
        """Return the device that was asked for, by a sink's name or by its own. UserError where it is not there."""
        if name.kind == "sink":
            return self._on(sink_named(self._board, name.sink, SinkKind.COMPRESS))
        return self._described(card_number(name.card, self._root), name.device)

    def automatic(self) -> tuple[Target | None, str]:
        """Return the default sink's device, else the first that is usable; None and why where there is none.

        The reason is empty where the board file has no sinks and the kernel no compress device.
        """
        findings = find_compress_devices(self._root)
        reasons = []
        default = self._board.sink(self._board.encoded_sink) or self._first(SinkKind.COMPRESS)
        if default is not None:
            try:
                wanted = self._on(default).name
            except UserError as error:
                reasons.append(error.what)
            else:
                findings.sort(key=lambda finding: _address(finding) != (int(wanted.card), wanted.device))
        for finding in findings:
            if finding.usable:
                try:
                    return self._described(*_address(finding)), ""
                except UserError as error:
                    reasons.append(error.what)
            else:
                reasons.append(f"{finding.name}: {finding.reason}")
        if not reasons and self._board.sinks:
            reasons.append(f"{self._board.path} has no compress sink")
        return None, "; ".join(dict.fromkeys(reasons))

    def pcm_named(self, name: str) -> Target:
        """Return a PCM sink's device by the sink's name. UserError where it is not there."""
        return self._on(sink_named(self._board, name, SinkKind.PCM))

    def automatic_pcm(self) -> Target | None:
        """Return the device for decoded audio, None where the file names none. UserError where it is not there."""
        sink = pcm_sink_for(self._board, self._settings.routes)
        return None if sink is None else self._on(sink)

    def _described(self, card: int, device: int) -> Target:
        """Return a compress device with what the file says of it, if it does."""
        name = DeviceName("hw", card=str(card), device=device)
        found = cards(self._root).get(card)
        sink = self._board.sink_on(SinkKind.COMPRESS, found.id, device) if found is not None else None
        return Target(name) if sink is None else self._on(sink)

    def _on(self, sink: BoardSink) -> Target:
        card = card_of(self._board, sink, self._root)
        node = os.path.join(self._root, "dev/snd", _NODES[sink.kind].format(card.number, sink.device))
        if not os.path.exists(node):
            device = f"{sink.kind.value} device {sink.device}"
            raise UserError(
                f"{sink.place}: card {card.id} has no {device} for the sink {sink.name!r}",
                advice="See which devices there are with: audiobus devices, and: ls /dev/snd",
            )
        strict = sink.kind is SinkKind.COMPRESS or self._settings.decode
        usual = quirks_for(card.driver).routes if sink.kind is SinkKind.COMPRESS else ()
        controls = controls_for(self._board, sink, self._settings.routes, usual, strict=strict)
        return Target(DeviceName("hw", card=str(card.number), device=sink.device), sink, controls)

    def _first(self, kind: SinkKind) -> BoardSink | None:
        return next((sink for sink in self._board.sinks if sink.kind is kind), None)


def _address(finding: Finding) -> tuple[int, int]:
    """Return the numbers of a device's card and of the device."""
    return finding.card.number, int(finding.name.rpartition(",")[2])
