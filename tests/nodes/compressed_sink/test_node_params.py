"""What the sink offers and takes as a node: params, ports, formats, routes."""

from __future__ import annotations

from errno import EBUSY, EINVAL, EIO, ENODEV
from math import inf

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import DeviceBusy, DeviceError, DeviceLost, IllegalTransition, NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Direction, IoArea, Param, ParamId
from pyaudiobus.model.format import Codec, EncodedFormat, parse_format
from pyaudiobus.model.negotiation import EncodedOffer
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState
from tests.nodes.bench import KIB, MP3, Switch, begin, events, is_free, load, play_out, ring_of, sink_on, song


class HalfOpen(VirtualDsp):
    """A device that is open already when the second opening of it fails."""

    def open(self) -> None:
        super().open()
        if self.opens == 2:
            raise DeviceError.from_errno("ask", self.name, EIO)


class Interrupted(VirtualDsp):
    """A device at which somebody presses Ctrl-C while it is configured."""

    def set_params(self, form: EncodedFormat, geometry: Geometry) -> None:
        raise KeyboardInterrupt(form, geometry)


def routed(device: VirtualDsp, clock: ManualClock) -> tuple[CompressedSink, Switch]:
    switch = Switch(device)
    return CompressedSink(device, clock, quirks_for(device.driver), RingRequest(), switch), switch


def offers(sink: CompressedSink) -> tuple[Param, ...]:
    return sink.enum_params(ParamId.ENUM_FORMAT)


def test_the_formats_are_those_of_the_device_at_every_rate() -> None:
    clock = ManualClock()
    (offer,) = offers(sink_on(VirtualDsp("q6asm", clock), clock))
    assert isinstance(offer, EncodedOffer)
    assert [codec in offer.codec for codec in (Codec.MP3, Codec.FLAC, Codec.AAC)] == [True, True, False]
    assert all(rate in offer.rate for rate in (8_000, 44_100, 192_000))


def test_a_device_is_opened_once_to_be_asked_and_left_free() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    assert offers(sink) == offers(sink)
    assert device.opens == 1
    assert is_free(device)


def test_listing_params_never_touches_a_stream_that_plays() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(60))
    clock.advance(1.0)
    before = device.opens, events(device), device.progress()
    listed = [sink.enum_params(param) for param in ParamId]
    assert (device.opens, events(device), device.progress()) == before
    assert listed[1:3] == [(MP3,), (BuffersParam(8 * KIB, 64 * KIB),)]
    assert listed[3] == (IoArea.BUFFERS, IoArea.CLOCK, IoArea.POSITION)
    assert sink.state is SinkState.RUNNING


def test_without_a_format_there_is_no_format_and_no_buffer_to_list() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    assert sink.enum_params(ParamId.FORMAT) == sink.enum_params(ParamId.BUFFERS) == ()
    assert (sink.queued(), sink.fragment_size(), sink.position().seconds) == ((0, 0), 0, 0.0)


def test_ports_are_fixed_and_nothing_can_be_read_from_a_sink() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    for refused in (lambda: sink.add_port(Direction.INPUT), sink.remove_port, sink.source):
        with pytest.raises(NotSupported, match="virtual:q6asm"):
            refused()


@pytest.mark.parametrize("param", [ParamId.ENUM_FORMAT, ParamId.BUFFERS, ParamId.IO])
def test_only_the_format_can_be_set(param: ParamId) -> None:
    clock = ManualClock()
    with pytest.raises(NotSupported, match="read only"):
        sink_on(VirtualDsp("q6asm", clock), clock).set_param(param, None)


def test_pcm_is_not_for_this_sink() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    with pytest.raises(UserError, match=r"plays encoded audio; s16/44100/2 is not"):
        sink_on(device, clock).set_param(ParamId.FORMAT, parse_format("s16/44100/2"))
    assert device.opens == 0


def test_a_source_needs_a_format_first_and_start_needs_a_source() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    with pytest.raises(UserError, match="no format yet"):
        sink.use_buffers(song(1))
    sink.set_param(ParamId.FORMAT, MP3)
    with pytest.raises(UserError, match="linked to nothing"):
        sink.send_command(Command.START)


def test_a_stream_that_comes_once_only_cannot_be_flushed_here() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    begin(sink, song(60))
    with pytest.raises(NotSupported, match="once only"):
        sink.send_command(Command.FLUSH)
    assert sink.state is SinkState.RUNNING


def test_a_stream_that_is_to_drain_ends_with_what_the_device_was_given() -> None:
    clock = PacedClock(inf)
    sink = sink_on(VirtualDsp("q6asm", clock), clock, ring_of(8))
    deadline = begin(sink, song(60))
    sink.send_command(Command.DRAIN)
    play_out(sink, clock, deadline)
    assert sink.counters().bytes_sent == sink.counters().bytes_consumed == 64 * KIB


def test_a_sink_that_plays_nothing_cannot_pause() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    load(sink, song(1))
    with pytest.raises(IllegalTransition):
        sink.send_command(Command.PAUSE)
    assert sink.state is SinkState.CONFIGURED


def test_routes_are_switched_on_before_the_device_opens_and_off_after_it_closed() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink, _ = routed(device, clock)
    offers(sink)
    device.journal.events.clear()
    load(sink, song(1))
    sink.set_param(ParamId.FORMAT, None)
    happened = events(device)
    assert happened[:2] == ["route on", "open"]
    assert happened[-2:] == ["close", "route off"]


def test_asking_a_device_what_it_can_switches_no_route() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink, _ = routed(device, clock)
    offers(sink)
    assert "route on" not in events(device)


@pytest.mark.parametrize("call", ["open", "set_params", "set_metadata"])
@pytest.mark.parametrize("code", [EBUSY, EINVAL, EIO, ENODEV])
def test_a_device_that_refuses_while_it_is_set_up_is_closed_and_its_routes_are_off(call: str, code: int) -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink, switch = routed(device, clock)
    offers(sink)
    device.faults.fail(call, code)
    with pytest.raises(DeviceError) as failure:
        sink.set_param(ParamId.FORMAT, MP3.replace(encoder_delay=1105))
    assert failure.value.errno == code
    assert sink.state is SinkState.CLOSED
    assert not switch.is_on
    assert events(device)[-1] == "route off"
    assert is_free(device)
    assert sink.enum_params(ParamId.FORMAT) == ()


@pytest.mark.parametrize(("call", "code", "kind"), [("open", EBUSY, DeviceBusy), ("caps", ENODEV, DeviceLost)])
def test_a_device_that_cannot_even_be_asked_says_why_and_is_asked_again_next_time(
    call: str, code: int, kind: type[DeviceError]
) -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    device.faults.fail(call, code)
    with pytest.raises(kind):
        offers(sink)
    assert is_free(device)
    assert offers(sink)


def test_a_device_that_fails_halfway_through_opening_is_closed() -> None:
    clock = ManualClock()
    device = HalfOpen("q6asm", clock)
    with pytest.raises(DeviceError, match="cannot ask"):
        load(sink_on(device, clock), song(1))
    assert device.opens == 2
    assert is_free(device)


def test_an_interruption_while_the_device_is_set_up_closes_it_and_switches_routes_off() -> None:
    clock = ManualClock()
    device = Interrupted("q6asm", clock)
    sink, switch = routed(device, clock)
    with pytest.raises(KeyboardInterrupt):
        sink.set_param(ParamId.FORMAT, MP3)
    assert not switch.is_on
    assert is_free(device)


def test_refused_parameters_are_told_with_the_format_the_ring_and_a_way_out() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    device.faults.fail("set_params", EINVAL)
    with pytest.raises(DeviceError) as failure:
        sink.set_param(ParamId.FORMAT, MP3)
    words = str(failure.value)
    assert "virtual:q6asm refuses mp3/48000/2" in words
    assert "8 fragments of 8192 bytes" in words
    assert "--decode" in words


def test_a_ring_that_is_not_possible_is_refused_before_the_device_is_opened_for_it() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, RingRequest(4 * 64 * KIB, 4))
    with pytest.raises(UserError, match="would stop this driver"):
        sink.set_param(ParamId.FORMAT, MP3)
    assert device.opens == 1


def test_a_new_format_closes_the_device_before_it_opens_it_again() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    load(sink, song(1))
    sink.set_param(ParamId.FORMAT, MP3.replace(rate=44_100))
    assert sink.state is SinkState.CONFIGURED
    assert events(device)[-3:] == ["close", "open", "set_params"]


def test_the_encoders_delay_and_padding_are_told_to_the_device() -> None:
    clock = ManualClock()
    device = VirtualDsp("generic", clock)
    sink = sink_on(device, clock)
    sink.set_param(ParamId.FORMAT, MP3.replace(encoder_delay=1105, encoder_padding=300))
    assert "metadata: delay 1105, padding 300" in events(device)


def test_a_sink_can_be_closed_twice_and_before_it_was_opened() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    for _ in range(2):
        sink.set_param(ParamId.FORMAT, None)
        sink.send_command(Command.SUSPEND)
    assert sink.state is SinkState.CLOSED


class Sticky(VirtualDsp):
    """A device that complains when it is closed, after it is."""

    is_sticky = False

    def close(self) -> None:
        super().close()
        if self.is_sticky:
            raise DeviceError.from_errno("close", self.name, EIO)


def test_a_device_that_fails_to_close_leaves_the_sink_closed_and_the_routes_off() -> None:
    clock = ManualClock()
    device = Sticky("q6asm", clock)
    sink, switch = routed(device, clock)
    begin(sink, song(1))
    device.is_sticky = True
    with pytest.raises(DeviceError, match="cannot close"):
        sink.set_param(ParamId.FORMAT, None)
    assert sink.state is SinkState.CLOSED
    assert not switch.is_on
