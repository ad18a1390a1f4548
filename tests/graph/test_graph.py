"""Joining nodes: agreement, refusal and its reasons, undoing, parting."""

from __future__ import annotations

import pytest

from pyaudiobus.errors import DeviceBusy, DeviceError, IllegalTransition, NotSupported, UserError
from pyaudiobus.graph.graph import FormatsDiffer, Graph
from pyaudiobus.graph.node import BuffersParam, Command, Cycle, Direction, FixedInput, Param, ParamId, Status
from pyaudiobus.graph.source import FixedIndex, Source
from pyaudiobus.model.choice import Enumeration, Range
from pyaudiobus.model.format import Codec, EncodedFormat, parse_format
from pyaudiobus.model.negotiation import EncodedOffer, Offer, PcmOffer
from pyaudiobus.model.states import LinkState, PortState
from pyaudiobus.model.units import NodeId


def offer(text: str) -> Offer:
    form = parse_format(text)
    return EncodedOffer.of(form) if isinstance(form, EncodedFormat) else PcmOffer.of(form)


class Silence:
    """A source without a byte."""

    index = FixedIndex(1, 0)
    ended = True

    def peek(self, size: int) -> memoryview:
        return memoryview(b"")[:size]

    def advance(self, count: int) -> None:
        assert count == 0


class Deck:
    """An output node."""

    direction = Direction.OUTPUT

    def __init__(self, *formats: str, name: str = "deck") -> None:
        self.name = name
        self.offers = tuple(map(offer, formats))
        self.format: Param | None = None
        self.failure: BaseException | None = None

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        return self.offers if param is ParamId.ENUM_FORMAT else ()

    def set_param(self, param: ParamId, value: Param | None) -> None:
        assert param in (ParamId.FORMAT, ParamId.BUFFERS)
        if param is ParamId.FORMAT:
            self.format = value

    def source(self) -> Source:
        if self.failure is not None:
            raise self.failure
        return Silence()

    def use_buffers(self, source: Source | None) -> None:
        raise AssertionError(f"an output does not read from {source}")

    def process(self) -> Cycle:
        return Cycle(Status.STOPPED, 0.0)

    def send_command(self, command: Command) -> None:
        del command

    def add_port(self, direction: Direction) -> None:
        raise NotSupported(f"{self.name} has no {direction.value} port to add")

    def remove_port(self) -> None:
        raise NotSupported(f"{self.name} keeps its port")


class Horn(FixedInput):
    """An input node."""

    def __init__(self, *formats: str, name: str = "horn") -> None:
        self.name = name
        self.offers = tuple(map(offer, formats))
        self.format: Param | None = None
        self.reads_from: Source | None = None
        self.failure: BaseException | None = None

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        return {ParamId.ENUM_FORMAT: self.offers, ParamId.BUFFERS: (BuffersParam(64, 256),)}.get(param, ())

    def set_param(self, param: ParamId, value: Param | None) -> None:
        assert param is ParamId.FORMAT
        if value is not None and self.failure is not None:
            raise self.failure
        self.format = value

    def use_buffers(self, source: Source | None) -> None:
        assert source is None or self.format is not None
        self.reads_from = source

    def process(self) -> Cycle:
        return Cycle(Status.STOPPED, 0.0)

    def send_command(self, command: Command) -> None:
        del command


def place(deck: Deck, horn: Horn) -> tuple[Graph, NodeId, NodeId]:
    graph = Graph()
    return graph, graph.add(deck), graph.add(horn)


def states(graph: Graph, *nodes: NodeId) -> list[PortState]:
    return [graph.port(node).state for node in nodes]


def test_linked_nodes_have_the_first_format_both_like_and_the_sink_reads_from_the_output() -> None:
    deck, horn = Deck("flac/44100/2", "mp3/44100/2"), Horn("mp3/44100/2", "flac/44100/2")
    graph, output, sink = place(deck, horn)
    link = graph.link(output, sink)
    assert link.format == parse_format("flac/44100/2") == deck.format == horn.format
    assert horn.reads_from is not None
    assert link.state is LinkState.PAUSED
    assert states(graph, output, sink) == [PortState.PAUSED, PortState.PAUSED]


def test_an_active_link_can_be_parted_and_leaves_both_ends_as_they_were() -> None:
    deck, horn = Deck("mp3/44100/2"), Horn("mp3/44100/2")
    graph, output, sink = place(deck, horn)
    link = graph.link(output, sink)
    seen = [link.state]
    graph.activate(link)
    seen.append(link.state)
    graph.unlink(link.id)
    seen.append(link.state)
    assert seen == [LinkState.PAUSED, LinkState.ACTIVE, LinkState.UNLINKED]
    assert (deck.format, horn.format, horn.reads_from) == (None, None, None)
    assert states(graph, output, sink) == [PortState.CONFIGURE, PortState.CONFIGURE]
    assert graph.links_of(output) == graph.links_of(sink) == []


def test_what_was_parted_can_be_linked_again() -> None:
    graph, output, sink = place(Deck("mp3/44100/2"), Horn("mp3/44100/2"))
    first = graph.link(output, sink)
    graph.unlink(first.id)
    assert graph.link(output, sink).id != first.id


def test_a_parted_link_cannot_be_activated() -> None:
    graph, output, sink = place(Deck("mp3/44100/2"), Horn("mp3/44100/2"))
    link = graph.link(output, sink)
    graph.unlink(link.id)
    with pytest.raises(IllegalTransition):
        graph.activate(link)


def test_formats_that_differ_are_told_pair_by_pair_and_nothing_is_linked() -> None:
    deck, horn = Deck("aac/44100/2", "s16/44100/2"), Horn("mp3/44100/2")
    graph, output, sink = place(deck, horn)
    with pytest.raises(FormatsDiffer) as refusal:
        graph.link(output, sink)
    assert refusal.value.what == "cannot link deck to horn: formats differ"
    reasons = [rejection.reason for rejection in refusal.value.agreement.rejections]
    assert reasons == [
        "the sink's codec is mp3, not aac",
        "s16/44100/2 is PCM and the sink takes encoded audio only",
    ]
    assert all(reason in str(refusal.value) for reason in reasons)
    assert refusal.value.advice
    assert (deck.format, horn.format, graph.links_of(sink)) == (None, None, [])
    assert states(graph, output, sink) == [PortState.CONFIGURE, PortState.CONFIGURE]


@pytest.mark.parametrize(
    ("takes", "reason"),
    [
        ((), "the sink offers no format"),
        (("mp3/48000/2",), "the sink's rate is 48000, not 44100"),
        (("mp3/44100/1",), "the sink's number of channels is 1, not 2"),
        (("s16/44100/2",), "mp3/44100/2 is encoded and the sink takes PCM only"),
    ],
)
def test_the_reason_of_a_refusal_names_the_field_and_both_values(takes: tuple[str, ...], reason: str) -> None:
    graph, output, sink = place(Deck("mp3/44100/2"), Horn(*takes))
    with pytest.raises(FormatsDiffer) as refusal:
        graph.link(output, sink)
    assert reason in refusal.value.facts


def test_an_agreement_after_a_rejection_keeps_the_reason() -> None:
    graph, output, sink = place(Deck("aac/44100/2", "mp3/44100/2"), Horn("mp3/44100/2"))
    link = graph.link(output, sink)
    assert link.format == parse_format("mp3/44100/2")
    assert link.agreement.reason == "the sink's codec is mp3, not aac"


def test_a_format_keeps_what_was_not_negotiated() -> None:
    deck, horn = Deck("flac/44100/2"), Horn()
    rich = EncodedFormat(Codec.FLAC, 44_100, 2, codec_private=b"x" * 34, encoder_delay=5)
    deck.offers = (EncodedOffer.of(rich),)
    horn.offers = (EncodedOffer(Enumeration((rich.codec,)), Range(1, 96_000), Range(1, 8)),)
    graph, output, sink = place(deck, horn)
    assert graph.link(output, sink).format == rich


@pytest.mark.parametrize("failure", [DeviceBusy("horn is busy"), UserError("no such ring"), KeyboardInterrupt()])
def test_a_device_that_refuses_after_all_leaves_no_trace(failure: BaseException) -> None:
    deck, horn = Deck("mp3/44100/2"), Horn("mp3/44100/2")
    horn.failure = failure
    graph, output, sink = place(deck, horn)
    with pytest.raises(type(failure)) as raised:
        graph.link(output, sink)
    assert raised.value is failure
    assert (deck.format, horn.format, horn.reads_from) == (None, None, None)
    assert states(graph, output, sink) == [PortState.CONFIGURE, PortState.CONFIGURE]
    horn.failure = None
    assert graph.link(output, sink).state is LinkState.PAUSED


def test_a_file_that_cannot_be_read_after_all_takes_the_format_from_the_sink_again() -> None:
    deck, horn = Deck("mp3/44100/2"), Horn("mp3/44100/2")
    deck.failure = DeviceError("the disk is gone")
    graph, output, sink = place(deck, horn)
    with pytest.raises(DeviceError, match="the disk is gone"):
        graph.link(output, sink)
    assert (deck.format, horn.format) == (None, None)


def test_a_taken_sink_is_refused_with_its_owners_name_and_plays_on() -> None:
    graph, output, sink = place(Deck("mp3/44100/2", name="first.mp3"), Horn("mp3/44100/2"))
    link = graph.link(output, sink)
    late = graph.add(Deck("mp3/44100/2", name="second.mp3"))
    with pytest.raises(UserError, match=r"horn is taken by first\.mp3"):
        graph.link(late, sink)
    assert link.state is LinkState.PAUSED
    assert graph.links_of(sink) == [link]


def test_an_output_plays_on_one_sink_at_a_time() -> None:
    graph, output, sink = place(Deck("mp3/44100/2"), Horn("mp3/44100/2"))
    graph.link(output, sink)
    other = graph.add(Horn("mp3/44100/2", name="other"))
    with pytest.raises(UserError, match="deck is taken by horn"):
        graph.link(output, other)


def test_links_run_from_outputs_to_inputs_only() -> None:
    graph, output, sink = place(Deck("mp3/44100/2"), Horn("mp3/44100/2"))
    with pytest.raises(UserError, match="horn has no output"):
        graph.link(sink, output)
    with pytest.raises(UserError, match="deck has no input"):
        graph.link(output, output)


def test_a_node_that_goes_takes_its_link_along() -> None:
    deck, horn = Deck("mp3/44100/2"), Horn("mp3/44100/2")
    graph, output, sink = place(deck, horn)
    link = graph.link(output, sink)
    graph.remove(sink)
    assert link.state is LinkState.UNLINKED
    assert (deck.format, horn.format) == (None, None)
    assert graph.links_of(output) == []


def test_ids_are_never_used_twice() -> None:
    graph, output, sink = place(Deck("mp3/44100/2"), Horn("mp3/44100/2"))
    link = graph.link(output, sink)
    graph.remove(sink)
    graph.remove(output)
    again = graph.add(Deck("mp3/44100/2")), graph.add(Horn("mp3/44100/2"))
    assert not {output, sink} & set(again)
    assert graph.link(*again).id != link.id


def test_a_sink_with_a_fixed_port_refuses_ports_and_readers() -> None:
    horn = Horn()
    for refused in (lambda: horn.add_port(Direction.INPUT), horn.remove_port, horn.source):
        with pytest.raises(NotSupported, match="horn"):
            refused()


def test_the_index_of_pcm_counts_frames_both_ways() -> None:
    index = FixedIndex(4, 1000)
    assert (index.total_bytes, index.total_frames) == (4000, 1000)
    assert (index.frames_at(7), index.byte_at(3)) == (1, 12)
