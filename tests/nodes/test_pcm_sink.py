"""The PCM sink on an output with a clock and on one without: filling, draining, pausing, failing."""

from __future__ import annotations

import errno
import threading
from math import inf

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.errors import DeviceBusy, DeviceError, DeviceStalled, NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Direction, IoArea, ParamId, Status
from pyaudiobus.graph.source import FixedIndex
from pyaudiobus.model.format import Encoding, parse_format
from pyaudiobus.model.negotiation import PcmOffer
from pyaudiobus.nodes.pcm_sink import PcmSink
from tests.nodes.bench import TICK, Bytes, begin, load, play_out, turn
from tests.nodes.outputs import S16, Dac, Tape


def tone(seconds: float) -> Bytes:
    frames = int(seconds * S16.rate)
    data = b"".join(number.to_bytes(4, "little") for number in range(frames))
    return Bytes(data, FixedIndex(S16.frame_size, frames))


def test_an_output_without_a_clock_takes_all_as_fast_as_it_comes() -> None:
    clock, tape, source = ManualClock(), Tape(), tone(7)
    whole = bytes(source.peek(1 << 30))
    sink = PcmSink(tape, clock)
    play_out(sink, clock, begin(sink, source, S16))
    assert tape.kept == whole
    assert clock.now() == 0.0
    assert sink.position().seconds == 7.0


def test_an_output_without_a_clock_is_not_written_to_for_ever_in_one_cycle() -> None:
    clock, tape = ManualClock(), Tape()
    begin(PcmSink(tape, clock), tone(7), S16)
    assert len(tape.kept) == S16.frame_size * S16.rate // 2


def test_an_output_with_a_clock_is_kept_full_and_plays_for_as_long_as_the_stream_lasts() -> None:
    clock, source = PacedClock(inf), tone(30)
    whole = bytes(source.peek(1 << 30))
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    play_out(sink, clock, begin(sink, source, S16))
    assert dac.kept == whole
    assert clock.now() == pytest.approx(30.0)
    assert sink.position().seconds == 30.0
    assert sink.counters().wakeups <= 35


def test_the_position_is_what_was_heard_and_not_what_was_written() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    begin(sink, tone(30), S16)
    clock.advance(0.75)
    assert sink.position().seconds == pytest.approx(0.75)
    assert sink.queued() == (1250 * 4, 2000 * 4)
    counters = sink.counters()
    assert (counters.bytes_sent, counters.bytes_consumed) == (8000, 3000)


def test_the_end_is_told_when_the_last_frame_was_heard() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    deadline = begin(sink, tone(1), S16)
    turn(sink, clock, deadline, until=0.9)
    assert sink.position().seconds == pytest.approx(0.9)
    assert turn(sink, clock, deadline) == inf
    assert clock.now() == pytest.approx(1.0, abs=2 * TICK)
    assert (sink.position().seconds, sink.queued()[0]) == (1.0, 0)
    assert sink.process().status is Status.DRAINED


def test_a_stream_without_a_frame_is_over_at_once() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    load(sink, tone(0), S16)
    sink.send_command(Command.START)
    assert sink.process().status is Status.DRAINED
    assert "drain" not in dac.calls


def test_a_pause_holds_and_a_start_goes_on() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    begin(sink, tone(30), S16)
    clock.advance(0.5)
    sink.send_command(Command.PAUSE)
    assert sink.process().status is Status.STOPPED
    clock.advance(100.0)
    assert sink.position().seconds == pytest.approx(0.5)
    sink.send_command(Command.START)
    assert dac.calls[-2:] == ["pause", "resume"]
    turn(sink, clock, clock.now())
    assert clock.now() == pytest.approx(130.0, abs=2 * TICK)


def test_an_output_that_stops_taking_frames_has_stalled() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    deadline = turn(sink, clock, begin(sink, tone(30), S16), until=5.0)
    dac.stick()
    with pytest.raises(DeviceStalled, match="dac stopped taking frames") as stall:
        turn(sink, clock, deadline)
    assert clock.now() - 5.0 <= 2.0 + 2.0 + 1.1
    assert "frames are queued" in stall.value.facts[0]
    assert "--pcm" in stall.value.advice


def test_a_drain_that_never_ends_is_given_up_and_leaves_no_thread() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    threads = threading.active_count()
    deadline = begin(sink, tone(1), S16)
    dac.stick()
    dac.changed.set()
    dac.changed.clear()
    with pytest.raises(DeviceStalled):
        turn(sink, clock, deadline)
    assert clock.now() <= 1.0 + 3.0 + 2 * TICK
    sink.set_param(ParamId.FORMAT, None)
    assert threading.active_count() == threads
    assert dac.calls[-2:] == ["drop", "close"]


def test_a_write_that_fails_is_told_and_the_output_can_be_closed() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    dac.error = DeviceError.from_errno("write to", "dac", errno.EIO)
    sink = PcmSink(dac, clock)
    with pytest.raises(DeviceError, match="cannot write to dac"):
        begin(sink, tone(1), S16)
    sink.set_param(ParamId.FORMAT, None)
    assert dac.form is None


def test_a_drain_that_fails_is_told() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    deadline = begin(sink, tone(1), S16)
    dac.error = DeviceError.from_errno("drain", "dac", errno.ENODEV)
    with pytest.raises(DeviceError, match="cannot drain dac"):
        turn(sink, clock, deadline)


def test_closing_in_mid_song_drops_what_is_queued_and_closes() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    begin(sink, tone(30), S16)
    sink.send_command(Command.SUSPEND)
    assert dac.calls[-2:] == ["drop", "close"]
    assert sink.process().status is Status.STOPPED
    assert sink.position().seconds == 0.0


def test_closing_while_it_drains_returns_at_once() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    threads = threading.active_count()
    begin(sink, tone(1), S16)
    sink.set_param(ParamId.FORMAT, None)
    assert clock.now() == 0.0
    assert threading.active_count() == threads


def test_an_output_that_is_busy_leaves_the_sink_without_a_format() -> None:
    sink = PcmSink(Tape(DeviceBusy("tape is busy")), ManualClock())
    with pytest.raises(DeviceBusy):
        sink.set_param(ParamId.FORMAT, S16)
    assert sink.enum_params(ParamId.FORMAT) == ()
    assert (sink.queued(), sink.fragment_size()) == ((0, 0), 0)


def test_it_offers_what_its_output_takes_and_lists_its_params() -> None:
    clock = ManualClock()
    dac = Dac(clock)
    sink = PcmSink(dac, clock)
    (offer,) = sink.enum_params(ParamId.ENUM_FORMAT)
    assert isinstance(offer, PcmOffer)
    assert (Encoding.S32 in offer.encoding, Encoding.F32 in offer.encoding) == (True, False)
    assert sink.enum_params(ParamId.BUFFERS) == ()
    sink.set_param(ParamId.FORMAT, S16)
    assert sink.enum_params(ParamId.FORMAT) == (S16,)
    assert sink.enum_params(ParamId.BUFFERS) == (BuffersParam(4, 8000),)
    assert sink.enum_params(ParamId.IO) == (IoArea.BUFFERS, IoArea.CLOCK, IoArea.POSITION)
    assert sink.fragment_size() == 4


def test_it_refuses_what_it_cannot_do() -> None:
    sink = PcmSink(Tape(), ManualClock())
    with pytest.raises(UserError, match="plays PCM; mp3/44100/2 is not"):
        sink.set_param(ParamId.FORMAT, parse_format("mp3/44100/2"))
    with pytest.raises(NotSupported, match="read only"):
        sink.set_param(ParamId.BUFFERS, None)
    with pytest.raises(UserError, match="no format yet"):
        sink.use_buffers(tone(1))
    for command in (Command.FLUSH, Command.DRAIN):
        with pytest.raises(NotSupported, match=command.value):
            sink.send_command(command)
    for refused in (lambda: sink.add_port(Direction.INPUT), sink.remove_port, sink.source):
        with pytest.raises(NotSupported, match="tape"):
            refused()
