"""The bus without a daemon: graph, nodes and devices in this process, wired here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.cli.local_connection import LocalConnection, Placed, Sink, SinkLoudness, is_worth_another_look
from pyaudiobus.client.bus import Terms
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import AudiobusError, DeviceBusy, DeviceError, NotSupported, UserError
from pyaudiobus.graph.graph import FormatsDiffer, Graph
from pyaudiobus.graph.node import ParamId
from pyaudiobus.model.negotiation import EncodedOffer, negotiate
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink


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
        loudness: SinkLoudness | None = None,
    ) -> None:
        self.loudness = loudness
        """The mixer control that is the compressed sink's volume; None where there is none."""
        self.clock = clock
        self._compressed = compressed
        self._make_pcm = pcm
        self._pcm: PcmSink | None = None
        self._why_not = why_no_compressed
        self._fall_back = fall_back
        self._joins = False
        self.graph = Graph()

    def connect(self, node: FileNode, *, joins: bool = False) -> LocalConnection:
        """Link a file to the sink that suits it best."""
        self._joins = joins
        return LocalConnection(self, node, self._place(node))

    def _place(self, node: FileNode) -> Placed:
        reason, may_return, found_taken = self._why_not, False, False
        if self._compressed is not None and node.encoded_format is None:
            reason = _why_decoded(node.codec_name)
        elif self._compressed is not None:
            try:
                return self.place_encoded(node)
            except FormatsDiffer as refusal:
                reason = f"{self._compressed.name}: {refusal.agreement.rejections[0].reason}"
            except (NotSupported, DeviceError) as failure:
                if isinstance(failure, DeviceError) and not self._fall_back:
                    raise
                reason, may_return = failure.what, is_worth_another_look(failure)
                found_taken = isinstance(failure, DeviceBusy)
        return self.place_decoded(node, reason, may_return=may_return).replace(found_taken=found_taken)

    def place_encoded(self, node: FileNode) -> Placed:
        """Link a file to the compressed sink. AudiobusError."""
        assert self._compressed is not None  # noqa: S101  # asked only where there is one
        return self._link(node, self._compressed, "offload", "")

    def place_decoded(self, node: FileNode, reason: str, *, may_return: bool) -> Placed:
        """Link a file to the PCM sink. AudiobusError."""
        if self._pcm is None:
            self._pcm = self._make_pcm()
        return self._link(node, self._pcm, "pcm", reason).replace(may_return=may_return)

    def stays(self, node: FileNode, placed: Placed) -> bool:
        """Tell whether a file belongs to the sink on which another is placed, so that it may follow there."""
        if placed.terms.mode != "pcm":
            return True
        if placed.may_return:
            return placed.found_taken and not self.is_dsp_free()
        offers = [EncodedOffer.of(form) for form in node.encoded_formats]
        taken = () if self._compressed is None else self._compressed.enum_params(ParamId.ENUM_FORMAT)
        return negotiate(offers, (offer for offer in taken if isinstance(offer, EncodedOffer))).format is None

    def is_dsp_free(self) -> bool:
        """Tell whether the compressed sink's device can be opened."""
        return self._compressed is not None and self._compressed.is_free()

    def _link(self, node: FileNode, sink: Sink, mode: str, reason: str) -> Placed:
        file_id, sink_id = self.graph.add(node), self.graph.add(sink)
        try:
            link = self.graph.link(file_id, sink_id)
        except AudiobusError:
            self.graph.remove(sink_id)
            self.graph.remove(file_id)
            raise
        if link.format is None:
            raise UserError(f"{sink.name} and {node.name} agreed on nothing")
        terms = Terms(mode, sink.name, link.format, reason or f"{sink.name} takes {link.format} undecoded")
        if self._joins:
            sink.expect_next()
        return Placed(terms, link, sink)

    def note_loss(self) -> None:
        """The device went away in mid-song: what comes after it may be decoded, whoever named the device."""
        self._fall_back = True


def _why_decoded(codec: str) -> str:
    if codec.startswith("pcm"):
        return "the file is PCM already"
    return f"no DSP can be told of {codec}: the kernel's compress interface has no name for it"
