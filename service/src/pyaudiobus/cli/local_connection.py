"""One file on the bus without a daemon: on one sink at a time, and on another when that one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pyaudiobus.client.bus import Terms
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.devices.clock import Signal
from pyaudiobus.errors import AudiobusError, DeviceBusy, DeviceError, DeviceLost, NotSupported
from pyaudiobus.graph.graph import Link
from pyaudiobus.graph.node import Command, Cycle, ParamId, Status
from pyaudiobus.model.changes import Change, Joined, Relocated
from pyaudiobus.model.format import EncodedFormat, Format
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.record import Record
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink

if TYPE_CHECKING:
    from pyaudiobus.cli.local_bus import LocalBus

Sink = CompressedSink | PcmSink
RETURN_AFTER = 5.0
"""Seconds between two looks whether the DSP that a stream had to leave is free again."""
MOST_RETURNS = 3
"""In one file: a device that comes and goes is left alone until the next."""


class Loudness(Protocol):
    """How loud a sink is."""

    @property
    def gain(self) -> float:
        """Linear."""


class SinkLoudness(Protocol):
    """A mixer control that is a sink's volume (devices/mixer_volume.py, which is loaded only where there is one)."""

    def look(self) -> Loudness:
        """Return how it stands. DeviceError."""

    def set_gain(self, gain: float) -> Loudness:
        """Set it; return how it stands then. NotSupported, DeviceError."""

    def restore(self) -> None:
        """Put it back as it was before it was first set. DeviceError."""


class Placed(Record):
    """Where a stream was put."""

    terms: Terms
    link: Link
    sink: Sink
    may_return: bool = False
    """It belongs on the DSP, and may go there when that is free."""
    found_taken: bool = False
    """Another had the DSP when it began."""


class LocalConnection:
    """One file on the local bus: linked to one sink at a time, and to another when that one fails."""

    def __init__(self, bus: LocalBus, node: FileNode, placed: Placed) -> None:
        self._bus = bus
        self._node = node
        self._placed = placed
        self._news: list[str | Change] = []
        self._is_active = False
        self._open = True
        self._returns = 0
        self._floor = 0.0
        """The media time that was told before the stream was moved: what is heard first may lie before it."""
        self._queued: FileNode | None = None
        self._look_at = bus.clock.now() + RETURN_AFTER

    @property
    def terms(self) -> Terms:
        """What was agreed on."""
        return self._placed.terms

    @property
    def _sink(self) -> Sink:
        return self._placed.sink

    @property
    def signal(self) -> Signal:
        """Raised when step() should be called before its deadline."""
        return self._sink.signal

    def start(self) -> None:
        """Let it play; decoded, where the device does not survive that."""
        self._bus.graph.activate(self._placed.link)
        self._is_active = True
        try:
            self._sink.send_command(Command.START)
        except DeviceError as error:
            self._go_on_decoded(error)

    def pause(self) -> None:
        """Hold."""
        self._sink.send_command(Command.PAUSE)
        self._bus.graph.deactivate(self._placed.link)
        self._is_active = False

    def volume(self) -> float:
        """The linear gain of the DSP's mixer control, or of what is decoded. NotSupported, DeviceError."""
        return self._control().look().gain if self.terms.mode == "offload" else self._node.gain

    def set_volume(self, gain: float) -> None:
        """Set that control, which is put back at the end of the file, or scale what is decoded from now on."""
        if self.terms.mode == "offload":
            self._control().set_gain(gain)
        else:
            self._node.gain = gain

    def _control(self) -> SinkLoudness:
        if self._bus.loudness is None:
            raise NotSupported(
                f"{self.terms.sink} has no volume: its DSP decodes, and no board file names a mixer control for it",
                advice="Name one: sinks.NAME.volume in the board file.",
            )
        return self._bus.loudness

    def seek(self, seconds: float) -> None:
        """Go to a media time."""
        self._floor = 0.0
        self._sink.seek(seconds)

    @property
    def wants_next(self) -> bool:
        """Whether it is to be told what follows."""
        return self._sink.wants_next

    def queue(self, node: FileNode | None) -> bool:
        """Let a file follow without a stop, where the sink can do that."""
        present, sink = self._placed.terms.format, self._sink
        form = None if node is None or not self._bus.stays(node, self._placed) else _like(present, node)
        if node is None or form is None:
            return sink.follow(None, None)
        node.gain = self._node.gain
        node.set_param(ParamId.FORMAT, form)
        for buffers in sink.enum_params(ParamId.BUFFERS):
            node.set_param(ParamId.BUFFERS, buffers)
        self._queued = node
        return sink.follow(node.source(), form)

    def _turn_to_next(self) -> None:
        node = self._queued
        assert node is not None  # noqa: S101  # the sink was given it
        self._bus.graph.follow(self._placed.link, node)
        form = _like(self._placed.terms.format, node) or self._placed.terms.format
        self._placed = self._placed.replace(terms=self._placed.terms.replace(format=form))
        self._node, self._queued = node, None
        self._returns, self._floor = 0, 0.0

    def step(self) -> float | None:
        """Do what is due; return the instant of the next call, None when all was heard."""
        try:
            cycle = self._sink.process()
        except DeviceError as error:
            self._go_on_decoded(error)
            cycle = self._sink.process()
        if self._may_return_now():
            self._look_at = self._bus.clock.now() + RETURN_AFTER
            cycle = self._return_to_dsp() or cycle
        return None if cycle.status is Status.DRAINED else cycle.deadline

    def _may_return_now(self) -> bool:
        """Tell whether to look for the DSP; not before it was told which file is heard now."""
        if not self._placed.may_return or not self._is_active or self._bus.clock.now() < self._look_at:
            return False
        self._collect_news()
        return not any(isinstance(change, Joined) for change in self._news)

    def _collect_news(self) -> None:
        """Take what the sink tells, and turn with it to the next file."""
        told = self._sink.news()
        if any(isinstance(change, Joined) for change in told):
            self._turn_to_next()
        self._news += told

    def _go_on_decoded(self, error: DeviceError) -> None:
        """Play the rest on the PCM sink; raise the device's error where that is not possible."""
        if self._placed.terms.mode == "pcm":
            raise error
        if isinstance(error, DeviceLost):
            self._bus.note_loss()
        self._collect_news()
        seconds, place = self.position().seconds, self._place()
        self._leave()
        try:
            self._placed = self._bus.place_decoded(self._node, error.what, may_return=is_worth_another_look(error))
            self._arrive(place, floor=seconds)
        except AudiobusError:
            raise error from None
        self._news.append(Relocated(error.what, seconds))

    def _place(self) -> float:
        """Media time of the first frame that the sink did not play, which may be a little before what was told."""
        sink, form = self._sink, self._placed.terms.format
        if not isinstance(sink, CompressedSink) or not isinstance(form, EncodedFormat):
            return sink.position().seconds
        return max(0, sink.next_frame() - form.lead) / form.rate

    def _return_to_dsp(self) -> Cycle | None:
        """Go back to the DSP if it is free; the sink's next Cycle then."""
        if self._returns >= MOST_RETURNS or not self._bus.is_dsp_free():
            return None
        self._returns += 1
        self._sink.send_command(Command.PAUSE)
        seconds, place = self.position().seconds, self._place()
        self._leave()
        try:
            self._placed = self._bus.place_encoded(self._node)
        except AudiobusError as error:
            self._placed = self._bus.place_decoded(self._node, error.what, may_return=True)
        self._arrive(place, floor=seconds)
        if self._placed.terms.mode != "pcm":
            self._news.append(Relocated("the DSP is free again", seconds))
        return self._sink.process()

    def _leave(self) -> None:
        self._open = False
        for node_id in (self._placed.link.input, self._placed.link.output):
            self._bus.graph.remove(node_id)

    def _arrive(self, place: float, *, floor: float) -> None:
        self._open = True
        self._sink.seek(place)
        self._floor = floor
        if self._is_active:
            self._bus.graph.activate(self._placed.link)
            self._sink.send_command(Command.START)

    def position(self) -> Position:
        """Media time being heard."""
        there = self._sink.position()
        behind = self._floor - there.seconds
        return there if behind <= 0 else Position(self._floor, there.uncertainty + behind)

    def latency(self) -> float:
        """Seconds of sound in the device's buffer."""
        return self._sink.latency()

    def queued(self) -> tuple[int, int]:
        """Bytes in the device's buffer now, and bytes it can hold."""
        return self._sink.queued()

    def fragment_size(self) -> int:
        """Bytes the device takes at a time."""
        return self._sink.fragment_size()

    def news(self) -> tuple[str | Change, ...]:
        """What has become of the stream since the last call."""
        self._collect_news()
        if not self._news:
            return ()
        news, self._news = tuple(self._news), []
        return news

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        return self._sink.counters()

    def close(self) -> None:
        """Stop and part."""
        if self._open:
            self._leave()
            if self._bus.loudness is not None:
                self._bus.loudness.restore()


def _like(present: Format, node: FileNode) -> Format | None:
    """Return the form of a file that may follow the present one."""
    if not isinstance(present, EncodedFormat):
        return present if node.pcm_format == present else None
    return node.form_like(present)


def is_worth_another_look(error: AudiobusError) -> bool:
    """Tell whether a device may be worth another look soon: it was taken, or away; a broken one is not."""
    return isinstance(error, DeviceBusy | DeviceLost)
