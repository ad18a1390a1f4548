"""Steps of play_encoded.feature; past 300 lines because they serve that one feature."""

from __future__ import annotations

from errno import EINVAL
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.hardware import Hardware
from pyaudiobus.errors import AudiobusError
from pyaudiobus.graph.node import Command, ParamId
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.position import Counters
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState
from tests.nodes.bench import KIB, MP3, Switch, begin, events, is_free, load, song, turn

scenarios("play_encoded.feature")


class Dsp(VirtualDsp):
    """A DSP that notes what it held when it was started."""

    held_at_start = 0

    def start(self) -> None:
        self.held_at_start = self.stream.ring.pending
        super().start()


class Board:
    """A board with a DSP, and somebody who plays on it."""

    def __init__(self, tap: Path) -> None:
        self.clock = ManualClock()
        self.hardware = Hardware()
        self.tap = tap
        self.dsp = Dsp("q6asm", self.clock, tap=str(tap), hardware=self.hardware)
        self.ring = RingRequest()
        self.route: Switch | None = None
        self.sent = b""
        self.began = 0.0
        self.ended = 0.0
        self.deadline = 0.0
        self.counters = Counters(0, 0, 0, 0)
        self.error: AudiobusError | None = None
        self._sink: CompressedSink | None = None

    @property
    def sink(self) -> CompressedSink:
        """The sink, made when everything about the board is known."""
        if self._sink is None:
            self._sink = CompressedSink(self.dsp, self.clock, quirks_for(self.dsp.driver), self.ring, self.route)
        return self._sink

    def begin(self, seconds: float) -> None:
        """Start a song."""
        source = song(seconds)
        self.sent = bytes(source.peek(1 << 30))
        self.began = self.clock.now()
        self.deadline = begin(self.sink, source)

    def play(self, until: float = float("inf")) -> None:
        """Let it play."""
        self.deadline = turn(self.sink, self.clock, self.deadline, until)
        self.ended = self.clock.now()
        self.counters = self.sink.counters()

    def close(self) -> None:
        """End the stream."""
        self.sink.set_param(ParamId.FORMAT, None)

    def prepare(self, form: EncodedFormat) -> None:
        """Bring a song to where it could start, or find out why it cannot."""
        try:
            load(self.sink, song(3), form)
        except AudiobusError as error:
            self.error = error

    def told(self) -> AudiobusError:
        """What the player was told."""
        assert self.error is not None
        return self.error


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path / "tap.bin")


@given("a board whose DSP is driven by q6asm")
def board_with_dsp(board: Board) -> None:
    assert board.dsp.name == "virtual:q6asm"


@given(parsers.parse("a ring of {fragments:d} fragments of {size:d} KiB"))
def ring_asked_for(board: Board, fragments: int, size: int) -> None:
    board.ring = RingRequest(fragments * size * KIB, fragments)


@given("another player has the DSP")
def other_player(board: Board) -> None:
    board.sink.enum_params(ParamId.ENUM_FORMAT)
    VirtualDsp("q6asm", board.clock, hardware=board.hardware).open()


@given("a mixer route to the loudspeaker")
def mixer_route(board: Board) -> None:
    board.route = Switch(board.dsp)


@given("the driver refuses every format")
def refusing_driver(board: Board) -> None:
    board.dsp.faults.fail("set_params", EINVAL)


@when(parsers.parse("a song of {seconds:d} seconds plays to its end"))
def song_plays(board: Board, seconds: int) -> None:
    board.begin(seconds)
    board.play()
    ended_at = board.sink.position().seconds
    assert ended_at == pytest.approx(seconds, abs=0.024)
    board.close()


@when(parsers.parse("a song of {seconds:d} seconds is stopped after {played:g} seconds"))
def song_is_stopped(board: Board, seconds: int, played: float) -> None:
    board.begin(seconds)
    board.play(until=played)
    board.close()


@when(parsers.parse("a song of {seconds:d} seconds has played for {played:d} seconds"))
def song_has_played(board: Board, seconds: int, played: int) -> None:
    board.begin(seconds)
    board.play(until=played)


@when("a song of 3 seconds is to be played")
def song_to_play(board: Board) -> None:
    board.prepare(MP3)


@when("a song of 3 seconds at 320 kbit/s is to be played")
def fast_song_to_play(board: Board) -> None:
    board.prepare(MP3.replace(bit_rate=320_000))


@when(parsers.parse("it is paused for {seconds:d} seconds"))
def paused(board: Board, seconds: int) -> None:
    board.sink.send_command(Command.PAUSE)
    board.dsp.journal.events.clear()
    for _ in range(10):
        board.sink.process()
        board.clock.advance(seconds / 10)


@when("somebody lists everything the sink offers")
def everything_is_listed(board: Board) -> None:
    for param in ParamId:
        board.sink.enum_params(param)


@when("the DSP stalls")
def dsp_stalls(board: Board) -> None:
    board.dsp.faults.stall()


@when("the DSP disappears")
def dsp_disappears(board: Board) -> None:
    board.dsp.faults.unplug()


@when(parsers.parse("the computer is too busy to look after it for {seconds:d} seconds"))
def computer_is_busy(board: Board, seconds: int) -> None:
    board.clock.advance(seconds)
    board.deadline = board.clock.now()


@then(parsers.parse("sound began when {size:d} bytes were in the ring"))
def sound_began(board: Board, size: int) -> None:
    assert size - 384 < board.dsp.held_at_start <= size


@then(parsers.parse("the end was told after {seconds:d} seconds"))
def end_was_told(board: Board, seconds: int) -> None:
    assert board.ended - board.began == pytest.approx(seconds, abs=0.1)


@then(parsers.parse("the position ended at {seconds:d} seconds"))
def position_ended(board: Board, seconds: int) -> None:
    assert len(board.sent) / 16_000 == pytest.approx(seconds, abs=0.024)
    assert board.counters.bytes_consumed == len(board.sent)


@then(parsers.parse("the CPU woke {times:d} times at most"))
def cpu_woke(board: Board, times: int) -> None:
    assert board.counters.wakeups <= times


@then("the DSP consumed exactly the song")
def consumed_the_song(board: Board) -> None:
    assert board.tap.read_bytes() == board.sent


@then(parsers.parse("the last {size:d} bytes the DSP consumed are exactly the song"))
def consumed_the_song_last(board: Board, size: int) -> None:
    assert size - 384 < len(board.sent) <= size
    assert board.tap.read_bytes().endswith(board.sent)


@then("the DSP was never left without sound")
def never_without_sound(board: Board) -> None:
    assert board.dsp.stream.firmware.starvations == board.counters.underruns == 0


@then("the driver found no fault with the player")
def no_fault_found(board: Board) -> None:
    assert board.error is None
    assert board.dsp.journal.incidents == []


@then("nothing was asked of the DSP meanwhile")
def nothing_asked(board: Board) -> None:
    assert events(board.dsp) == []


@then(parsers.parse("it plays on at once and ends after {seconds:d} more seconds"))
def plays_on(board: Board, seconds: int) -> None:
    now = board.clock.now()
    board.sink.send_command(Command.START)
    board.play()
    assert board.sink.state is SinkState.DRAINED
    assert board.ended - now == pytest.approx(seconds, abs=0.1)


@then("the DSP was opened twice: to be asked, and to play")
def opened_twice(board: Board) -> None:
    assert board.dsp.opens == 2


@then(parsers.parse('within {seconds:d} seconds the player is told "{words}"'))
def player_is_told(board: Board, seconds: int, words: str) -> None:
    now = board.clock.now()
    with pytest.raises(AudiobusError) as failure:
        board.play()
    board.error = failure.value
    assert words in failure.value.what
    assert board.clock.now() - now <= seconds


@then("it is told what to do next")
def told_what_to_do(board: Board) -> None:
    assert board.told().advice


@then("the DSP is free for others")
def dsp_is_free(board: Board) -> None:
    board.close()
    assert is_free(VirtualDsp("q6asm", board.clock, hardware=board.hardware))


@then("the sink is lost")
def sink_is_lost(board: Board) -> None:
    assert board.sink.state is SinkState.LOST


@then("when the DSP is back the next song plays")
def next_song_plays(board: Board) -> None:
    board.close()
    board.dsp.faults.plug()
    board.begin(3)
    board.play()
    assert board.sink.state is SinkState.DRAINED


@then("the song plays to its end")
def plays_to_its_end(board: Board) -> None:
    board.play()
    assert board.sink.state is SinkState.DRAINED


@then(parsers.parse("{count:d} underrun is counted"))
def underruns_counted(board: Board, count: int) -> None:
    assert board.counters.underruns == count


@then(parsers.parse('it is refused with "{words}"'))
def it_is_refused(board: Board, words: str) -> None:
    assert words in board.told().what


@then(parsers.parse('the facts are "{words}"'))
def facts_are(board: Board, words: str) -> None:
    assert words in board.told().facts


@then(parsers.parse("its fragments have {size:d} KiB"))
def fragments_have(board: Board, size: int) -> None:
    assert board.sink.fragment_size() == size * KIB


@then("the route was on from before the DSP was opened until after it was closed")
def route_was_on(board: Board) -> None:
    happened = events(board.dsp)
    while_on = happened[happened.index("route on") + 1 : happened.index("route off")]
    assert (while_on[0], while_on[-1]) == ("open", "close")
    assert "start" in while_on


@then("the route is off")
def route_is_off(board: Board) -> None:
    assert board.route is not None
    assert not board.route.is_on
    assert events(board.dsp)[-1] == "route off"
