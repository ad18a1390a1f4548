"""A bus with sound cards that are plugged in and out by a test: their files, mixers and PCMs are stand-ins."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pyaudiobus.config.board_file import parse_board
from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.cards import Cards
from pyaudiobus.daemon.compress_devices import CompressDevices
from pyaudiobus.daemon.devices import Devices
from pyaudiobus.daemon.openers import AlsaOpener, NullSinkOpener, Opener
from pyaudiobus.daemon.sink_routes import SinkRoutes
from pyaudiobus.devices.cards import card_number
from pyaudiobus.devices.clock import MonotonicClock
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.hardware import Hardware
from pyaudiobus.errors import DeviceError, DeviceLost, UserError
from pyaudiobus.model.board import BoardSink, SinkKind
from pyaudiobus.model.control import Control
from pyaudiobus.model.daemon_settings import NodeSettings
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from tests.daemon.dsp_bus import DspBus

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

BOARD = """
cards:
  Board:
    profiles:
      hifi: {controls: {Mode: HiFi}}
      voice: {sinks: [hdmi], controls: {Mode: Voice}}
    profile: hifi
sinks:
  offload: {kind: compress, card: Board, device: 3}
  speaker:
    kind: pcm
    card: Board
    device: 0
    outputs:
      speaker: {Amp: on}
      headphones: {Phones: on}
  hdmi: {kind: pcm, card: Board, device: 1}
"""


class Mixers:
    """What was set on the cards' controls, and what cannot be set now."""

    def __init__(self) -> None:
        self.set: list[str] = []
        self.on: list[str] = []
        """Controls of routes that are switched on now."""
        self.broken: set[str] = set()

    def set_controls(self, _: int, controls: tuple[Control, ...]) -> None:
        for control in controls:
            self._check(control)
            self.set.append(f"{control.name}={control.value}")

    @contextmanager
    def switched_on(self, controls: tuple[Control, ...]) -> Iterator[None]:
        for control in controls:
            self._check(control)
            self.on.append(control.name)
        yield
        for control in controls:
            self.on.remove(control.name)

    def _check(self, control: Control) -> None:
        if control.name in self.broken:
            raise DeviceError(f"cannot set the mixer control {control.name!r}", errno=errno.EBUSY)


class CardDevices(Devices):
    """Devices whose PCMs and DSP play into nothing while their card is plugged in."""

    def __init__(self, bus: CardBus) -> None:
        super().__init__(bus.bus, str(bus.root), bus.mixers.set_controls)
        self._owner = bus
        self.virtual = VirtualDevices(bus.bus, self.cards, str(bus.root))
        self._compress = self.virtual

    def _opener(self, node: NodeSettings, *, is_source: bool, routes: SinkRoutes | None) -> Opener:  # noqa: ARG002
        return CardOpener(self._owner, node.card, routes) if node.card else NullSinkOpener()

    def _routes(self, node: NodeSettings) -> SinkRoutes | None:
        board = self._board
        found: BoardSink | None = board.sink_on(SinkKind.PCM, node.card, node.device) if board and node.card else None
        return SinkRoutes(found, self._owner.mixers.switched_on) if found and found.outputs else None


class CardOpener(AlsaOpener):
    """Opens what nobody hears, if the card is there and not busy."""

    def __init__(self, bus: CardBus, card: str, routes: AbstractContextManager[object] | None) -> None:
        super().__init__(card, 0, is_source=False, routes=routes)
        self._bus = bus

    def open(self, form: PcmFormat) -> tuple[CData, PcmFormat]:
        try:
            self._number = card_number(self.card, str(self._bus.root))
        except UserError as error:
            raise DeviceLost(error.what) from None
        if self._bus.is_busy:
            raise DeviceError.from_errno("open", self.card, errno.EBUSY)
        self._routes.__enter__()
        return NullSinkOpener().open(form)


class VirtualDevices(CompressDevices):
    """Compress devices that are virtual DSPs, while their card is plugged in."""

    def __init__(self, bus: Bus, known: Cards, root: str) -> None:
        super().__init__(bus, known, root)
        self.dsps: list[VirtualDsp] = []

    def _sink(self, settings: NodeSettings, routes: SinkRoutes | None) -> CompressedSink:
        card_number(settings.card, self._root)
        clock = MonotonicClock()
        dsp = VirtualDsp("q6asm", clock, None, None, Hardware())
        self.dsps.append(dsp)
        return CompressedSink(dsp, clock, quirks_for(dsp.driver), routes=routes)


class CardBus(DspBus):
    """Its board is the one above, and its card is there if `is_plugged`."""

    def __init__(self, folder: Path, *, is_plugged: bool = True, board: str = BOARD) -> None:
        self.root = folder / "root"
        (self.root / "proc/asound").mkdir(parents=True)
        (self.root / "dev/snd").mkdir(parents=True)
        self.mixers = Mixers()
        self.is_busy = False
        self.devices: CardDevices
        self._board_text = board
        self.list_cards(**({"Board": 0} if is_plugged else {}))
        super().__init__(folder)

    def _begin(self) -> None:
        super()._begin()
        self.devices = CardDevices(self)
        self.devices.start(parse_board(self._board_text.encode(), "board.yaml"))

    def list_cards(self, **cards: int) -> None:
        """Let the kernel list these, each with a PCM that plays."""
        lines = [
            f"{number:2} [{name:<15}]: board - {name}\n      {name} at nowhere\n" for name, number in cards.items()
        ]
        (self.root / "proc/asound/cards").write_text("".join(lines))
        for node in (self.root / "dev/snd").iterdir():
            node.unlink()
        for number in cards.values():
            (self.root / f"dev/snd/pcmC{number}D0p").touch()

    def plug(self, **cards: int) -> None:
        """Let cards be there by their ids and numbers, and udev tell of it."""
        self.list_cards(**cards)
        for dsp in self.devices.virtual.dsps:
            dsp.faults.plug()
        self.call(self.devices.card_came)

    def unplug(self, number: int = 0) -> None:
        """Take all cards out; udev tells of one."""
        self.list_cards()
        for dsp in self.devices.virtual.dsps:
            dsp.faults.unplug()
        self.call(lambda: self.devices.card_went(number))

    def try_card(self) -> None:
        """Have the board's card tried again; in the loop."""
        card = self.devices.cards.of("Board")
        assert card is not None
        self.devices.cards.try_again(card)

    def close(self) -> None:
        super().close()
        self.devices.close()
