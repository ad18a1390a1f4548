"""`audiobus devices`: compress devices and the board file's sinks, what each takes, and why one cannot be used.

It changes nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from pyaudiobus.cli.board_in_use import add_board_argument, read_board
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.cli.targets import BoardTargets
from pyaudiobus.devices.cards import driver_of
from pyaudiobus.devices.catalogue import Finding, find_compress_devices
from pyaudiobus.devices.compress import Bounds, CompressCaps
from pyaudiobus.devices.quirks import Quirks, quirks_for
from pyaudiobus.devices.virtual.profile import PROFILES
from pyaudiobus.errors import UserError
from pyaudiobus.model.board import Board, BoardSink, SinkKind
from pyaudiobus.model.record import Record


class Entry(Record):
    """One device of the list."""

    name: str
    """As --device takes it; for what only the board file knows, the sink's name."""
    driver: str
    card: str
    """The card's name; empty for a virtual device."""
    reason: str
    """Why it cannot be used; empty when it can."""
    caps: CompressCaps | None
    """None when it could not be asked."""
    sinks: tuple[BoardSink, ...] = ()
    """Those of the board file that are this device."""
    kind: SinkKind = SinkKind.COMPRESS

    @property
    def quirks(self) -> Quirks:
        """What is known of the driver beyond what it says, and what the board file says otherwise."""
        row = quirks_for(self.driver)
        if not self.sinks:
            return row
        sink = self.sinks[0]
        output = sink.output_named(sink.output)
        return row.on_board(sink, output.controls if output is not None else row.routes)

    @property
    def codecs(self) -> list[str]:
        """What is played on it undecoded."""
        return [codec.value for codec in self.quirks.playable(self.caps.codecs)] if self.caps else []

    def as_json(self) -> dict[str, object]:
        """One object of --json."""
        caps, quirks = self.caps, self.quirks
        return {
            "name": self.name,
            "kind": self.kind.value,
            "driver": self.driver,
            "usable": not self.reason,
            "reason": self.reason,
            "codecs": self.codecs,
            "fragment_size": _bounds(caps.fragment_size) if caps else None,
            "fragments": _bounds(caps.fragments) if caps else None,
            "quirks": {
                "max_fragment_size": quirks.max_fragment_size,
                "power_of_two_fragments": quirks.power_of_two_fragments,
                "timestamps": quirks.timestamps,
                "routes": [route.name for route in quirks.routes],
            },
            "sinks": [
                {"name": sink.name, "outputs": [output.name for output in sink.outputs], "output": sink.output}
                for sink in self.sinks
            ],
        }

    def describe(self) -> Iterator[str]:
        """Lines for people."""
        origin = ", ".join(part for part in (self.driver or "unknown driver", self.card) if part)
        yield f"{self.name}  ({'pcm, ' if self.kind is SinkKind.PCM else ''}{origin})"
        if self.reason:
            yield f"    unusable   {self.reason}"
        for sink in self.sinks:
            yield from _describe_sink(sink)
        if self.caps is not None:
            yield from self._describe_caps(self.caps)

    def _describe_caps(self, caps: CompressCaps) -> Iterator[str]:
        limit = self.quirks.max_fragment_size
        yield f"    codecs     {' '.join(self.codecs)}"
        yield f"    fragments  {caps.fragments} of {caps.fragment_size} bytes"
        if limit < caps.fragment_size.maximum:
            yield f"    quirk      fragments above {limit} bytes are not used with this driver"
        for route in self.quirks.routes:
            yield f"    route      {route.name}"


def _describe_sink(sink: BoardSink) -> Iterator[str]:
    flag = "--device" if sink.kind is SinkKind.COMPRESS else "--pcm"
    yield f"    sink       {sink.name} ({flag} {sink.name})"
    if sink.outputs:
        names = [name if name != sink.output else f"{name} (used)" for name in (o.name for o in sink.outputs)]
        yield f"    outputs    {', '.join(names)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    add_board_argument(parser)


def command(arguments: argparse.Namespace) -> int:
    """List the devices of this machine, what the board file has besides, then the virtual ones."""
    board = read_board(arguments.board) or Board()
    for entry in (*_of_this_machine(board), *_of_the_board(board), *_of_this_process()):
        if arguments.json:
            put_line(json.dumps(entry.as_json()))
        else:
            put_line("\n".join(entry.describe()))
    return 0


def _of_this_machine(board: Board) -> list[Entry]:
    return [
        Entry(finding.name, finding.driver, finding.card.name, finding.reason, finding.caps, _sinks_of(board, finding))
        for finding in find_compress_devices()
    ]


def _sinks_of(board: Board, finding: Finding) -> tuple[BoardSink, ...]:
    address = (SinkKind.COMPRESS, finding.card.id, int(finding.name.rpartition(",")[2]))
    return tuple(sink for sink in board.sinks if (sink.kind, sink.card, sink.device) == address)


def _of_the_board(board: Board) -> Iterator[Entry]:
    """Yield the board file's PCM sinks, and compress sinks that are not there."""
    targets = BoardTargets(board, PlaySettings(device=DeviceName("auto")))
    for sink in board.sinks:
        is_pcm = sink.kind is SinkKind.PCM
        try:
            found = targets.pcm_named(sink.name) if is_pcm else targets.named(DeviceName("sink", sink=sink.name))
        except UserError as error:
            yield Entry(sink.name, "", f"card {sink.card}", error.what, None, (sink,), sink.kind)
        else:
            if is_pcm:
                yield Entry(sink.name, driver_of(int(found.name.card)), sink.card, "", None, (sink,), sink.kind)


def _of_this_process() -> list[Entry]:
    return [
        Entry(f"virtual:{profile.name}", f"{profile.name}-virtual", "", "", profile.caps)
        for profile in PROFILES.values()
    ]


def _bounds(bounds: Bounds) -> dict[str, int]:
    return {"min": bounds.minimum, "max": bounds.maximum}
