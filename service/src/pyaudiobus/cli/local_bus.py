"""The bus without a daemon: graph, nodes and devices in this process, wired here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.client.bus import Terms
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import AudiobusError, DeviceError, DeviceLost, NotSupported, UserError
from pyaudiobus.graph.graph import FormatsDiffer, Graph, Link
from pyaudiobus.graph.node import Command, Status
from pyaudiobus.model.changes import Change
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink

Sink = CompressedSink | PcmSink


class LocalConnection:
    """One link of the local graph."""

    def __init__(self, terms: Terms, graph: Graph, link: Link, sink: Sink, *, lost: Callable[[], None]) -> None:
        self.terms = terms
        self._graph = graph
        self._link = link
        self._sink = sink
        self._lost = lost
        self._open = True

    @property
    def signal(self) -> Signal:
        """Raised when step() should be called before its deadline."""
        return self._sink.signal

    def start(self) -> None:
        """Let it play."""
        self._graph.activate(self._link)
        self._sink.send_command(Command.START)

    def pause(self) -> None:
        """Hold."""
        self._sink.send_command(Command.PAUSE)
        self._graph.deactivate(self._link)

    def seek(self, seconds: float) -> None:
        """Refuse."""
        raise NotSupported(f"{self._sink.name} cannot go to {seconds:g} s")

    @property
    def wants_next(self) -> bool:
        """Whether it is to be told what follows."""
        return False

    def queue(self, node: FileNode | None) -> bool:
        """Refuse: every file has a connection of its own."""
        del node
        return False

    def latency(self) -> float:
        """Seconds of sound in the device's buffer."""
        return self._sink.latency()

    def step(self) -> float | None:
        """Do what is due; return the instant of the next call, None when all was heard."""
        try:
            cycle = self._sink.process()
        except DeviceLost:
            self._lost()
            raise
        return None if cycle.status is Status.DRAINED else cycle.deadline

    def position(self) -> Position:
        """Media time being heard."""
        return self._sink.position()

    def queued(self) -> tuple[int, int]:
        """Bytes in the device's buffer now, and bytes it can hold."""
        return self._sink.queued()

    def fragment_size(self) -> int:
        """Bytes the device takes at a time."""
        return self._sink.fragment_size()

    def news(self) -> tuple[str | Change, ...]:
        """Nothing; it plays, or fails."""
        return ()

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        return self._sink.counters()

    def close(self) -> None:
        """Stop and part."""
        if self._open:
            self._open = False
            for node_id in (self._link.input, self._link.output):
                self._graph.remove(node_id)


class LocalBus:
    """The static policy for one player: the compressed sink if it takes the file as it is, else the PCM sink.

    `fall_back` tells what happens when the compress device itself fails to open: with it the file is
    decoded and the reason given; without it (somebody named that very device) the failure is the answer.
    """

    def __init__(
        self,
        clock: Clock,
        compressed: CompressedSink | None,
        pcm: Callable[[], PcmSink],
        *,
        why_no_compressed: str = "",
        fall_back: bool = True,
    ) -> None:
        self.clock = clock
        self._compressed = compressed
        self._make_pcm = pcm
        self._pcm: PcmSink | None = None
        self._why_not = why_no_compressed
        self._fall_back = fall_back
        self._graph = Graph()

    def connect(self, node: FileNode, *, joins: bool = False) -> LocalConnection:
        """Link a file to the sink that suits it best."""
        del joins
        reason = self._why_not
        if self._compressed is not None and node.encoded_format is None:
            reason = _why_decoded(node.codec_name)
        elif self._compressed is not None:
            try:
                return self._link(node, self._compressed, "offload", "")
            except FormatsDiffer as refusal:
                reason = f"{self._compressed.name}: {refusal.agreement.rejections[0].reason}"
            except (NotSupported, DeviceError) as failure:
                if isinstance(failure, DeviceError) and not self._fall_back:
                    raise
                reason = failure.what
        if self._pcm is None:
            self._pcm = self._make_pcm()
        return self._link(node, self._pcm, "pcm", reason)

    def _link(self, node: FileNode, sink: Sink, mode: str, reason: str) -> LocalConnection:
        file_id, sink_id = self._graph.add(node), self._graph.add(sink)
        try:
            link = self._graph.link(file_id, sink_id)
        except AudiobusError:
            self._graph.remove(sink_id)
            self._graph.remove(file_id)
            raise
        if link.format is None:
            raise UserError(f"{sink.name} and {node.name} agreed on nothing")
        terms = Terms(mode, sink.name, link.format, reason or f"{sink.name} takes {link.format} undecoded")
        return LocalConnection(terms, self._graph, link, sink, lost=self._note_loss)

    def _note_loss(self) -> None:
        """The device went away in mid-song: what comes after it may be decoded, whoever named the device."""
        self._fall_back = True


def _why_decoded(codec: str) -> str:
    if codec.startswith("pcm"):
        return "the file is PCM already"
    return f"no DSP can be told of {codec}: the kernel's compress interface has no name for it"
