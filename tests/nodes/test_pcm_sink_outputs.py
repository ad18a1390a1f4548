"""The PCM sink on the outputs that need no sound card: a WAV file, and nothing."""

from __future__ import annotations

import threading
import wave
from math import inf
from pathlib import Path

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.null_output import NullOutput
from pyaudiobus.devices.wav_output import WavOutput
from pyaudiobus.graph.node import Command, ParamId
from pyaudiobus.graph.source import FixedIndex
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.nodes.pcm_sink import PcmSink
from tests.nodes.bench import TICK, Bytes, begin, play_out, turn

CD = PcmFormat(Encoding.S16, 44_100, 2)


def noise(seconds: float) -> Bytes:
    frames = round(seconds * CD.rate)
    return Bytes((bytes(range(256)) * (frames // 64 + 1))[: frames * CD.frame_size], FixedIndex(CD.frame_size, frames))


def test_a_file_holds_every_frame_and_costs_no_time(tmp_path: Path) -> None:
    clock, source = PacedClock(inf), noise(3.3)
    whole = bytes(source.peek(1 << 30))
    sink = PcmSink(WavOutput(str(tmp_path / "out.wav")), clock)
    play_out(sink, clock, begin(sink, source, CD))
    assert sink.position().seconds == pytest.approx(3.3)
    sink.set_param(ParamId.FORMAT, None)
    with wave.open(str(tmp_path / "out.wav")) as written:
        assert (written.getframerate(), written.getnchannels()) == (44_100, 2)
        assert written.readframes(1 << 30) == whole
    assert clock.now() == 0.0


def test_two_streams_on_one_file_follow_each_other(tmp_path: Path) -> None:
    clock = PacedClock(inf)
    sink = PcmSink(WavOutput(str(tmp_path / "out.wav")), clock)
    for seconds in (1.0, 2.0):
        play_out(sink, clock, begin(sink, noise(seconds), CD))
        sink.set_param(ParamId.FORMAT, None)
    with wave.open(str(tmp_path / "out.wav")) as written:
        assert written.getnframes() == 3 * 44_100


def test_nothing_plays_for_as_long_as_a_dac_would_and_never_runs_dry() -> None:
    clock = PacedClock(inf)
    sink = PcmSink(NullOutput(clock), clock)
    play_out(sink, clock, begin(sink, noise(10.0), CD))
    assert clock.now() == pytest.approx(10.0, abs=0.01)
    counters = sink.counters()
    assert (counters.bytes_sent, counters.bytes_consumed, counters.underruns) == (1_764_000, 1_764_000, 0)
    assert counters.wakeups <= 15
    assert sink.position().seconds == 10.0


def test_a_sink_that_comes_too_late_counts_the_underrun() -> None:
    clock = ManualClock()
    sink = PcmSink(NullOutput(clock), clock)
    begin(sink, noise(10.0), CD)
    clock.advance(5.0)
    turn(sink, clock, clock.now())
    assert sink.counters().underruns == 1
    assert clock.now() == pytest.approx(13.0, abs=2 * TICK)


def test_a_pause_holds_and_a_start_goes_on() -> None:
    clock = ManualClock()
    sink = PcmSink(NullOutput(clock), clock)
    begin(sink, noise(5.0), CD)
    clock.advance(1.0)
    sink.send_command(Command.PAUSE)
    clock.advance(100.0)
    assert sink.position().seconds == pytest.approx(1.0)
    sink.send_command(Command.START)
    turn(sink, clock, clock.now())
    assert clock.now() == pytest.approx(105.0, abs=2 * TICK)


def test_closing_while_it_drains_returns_at_once_and_leaves_no_thread() -> None:
    clock = ManualClock()
    sink = PcmSink(NullOutput(clock), clock)
    threads = threading.active_count()
    begin(sink, noise(1.0), CD)
    assert threading.active_count() == threads + 1
    sink.set_param(ParamId.FORMAT, None)
    assert threading.active_count() == threads
    assert clock.now() == 0.0
