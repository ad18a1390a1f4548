"""Steps of play_files.feature."""

from __future__ import annotations

from collections.abc import Callable
from errno import EINVAL
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import AudiobusError
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.framing.aac import parse_adts
from pyaudiobus.model.events import Event, Moved, Negotiated, Notice, Playing, Stalled, Summary
from tests.client.studio import DEMO_FLAC, DEMO_MP3, MEDIA, Studio

scenarios("play_files.feature")

Deed = Callable[[Event], None]


class Session:
    """A studio, the files at hand, and what became of those that were played."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tap = folder / "tap.bin"
        self.studio = Studio(tap=self.tap)
        self.bad = folder / "bad.mp3"
        self.events: dict[str, list[Event]] = {}
        self.errors: dict[str, AudiobusError] = {}

    def path(self, name: str) -> Path:
        """Find a file by its name."""
        demo = {path.name: path for path in (DEMO_MP3, DEMO_FLAC)}
        return demo.get(name, MEDIA / name)

    def play(self, path: Path, deed: Deed | None = None) -> None:
        """Play one file as a command does: an error ends only that file."""
        events = self.events[path.name] = []
        try:
            for event in self.studio.play(path, report_every=0.5):
                events.append(event)
                if deed is not None:
                    deed(event)
        except AudiobusError as error:
            self.errors[path.name] = error

    def terms(self, name: str) -> Negotiated:
        """What was agreed on for a file that played to its end."""
        assert name not in self.errors
        first, last = self.events[name][0], self.events[name][-1]
        assert isinstance(first, Negotiated)
        assert isinstance(last, Summary)
        assert last.mode == first.mode
        return first

    def consumed(self) -> bytes:
        """The bytes the DSP took."""
        return self.tap.read_bytes()


def frames_of(path: Path) -> bytes:
    encoded = open_encoded(str(path))
    assert encoded is not None
    data = bytes(encoded.reader().peek(1 << 30))
    encoded.close()
    return data


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@given("a board with a DSP and a sound card")
def board(session: Session) -> None:
    assert session.studio.dsp.opens == 0


@given("a board with a DSP that takes every codec and a sound card")
def board_with_generic_dsp(session: Session) -> None:
    session.studio = Studio(profile="generic", tap=session.tap)


@given("a board with a DSP that was asked for by name")
def board_with_named_dsp(session: Session) -> None:
    session.studio = Studio(fall_back=False)


@given("a board whose DSP is not to be used")
def board_without_dsp(session: Session) -> None:
    session.studio = Studio(has_dsp=False)


@given("another player has the DSP")
def other_player(session: Session) -> None:
    studio = session.studio
    VirtualDsp("q6asm", studio.clock, hardware=studio.hardware).open()


@given("the driver refuses the next format")
def refusing_driver(session: Session) -> None:
    session.studio.dsp.faults.fail("set_params", EINVAL)


@given(parsers.parse("a file that is {bad}"))
def bad_file(session: Session, bad: str) -> None:
    path = session.bad
    if bad == "a directory":
        path.mkdir()
    elif bad != "missing":
        path.write_bytes(CONTENTS[bad])


CONTENTS = {
    "empty": b"",
    "text": b"Dear diary,\n" * 1000,
    "noise": bytes(number * number * 31 % 253 for number in range(20_000)),
    "a tag without sound": b"ID3\x04\x00\x00\x00\x00\x07\x76" + bytes(1014),
}


@given(parsers.parse('a copy of "{name}" that was cut off in the middle of a frame'))
def cut_copy(session: Session, name: str) -> None:
    session.bad.write_bytes(session.path(name).read_bytes()[:70_123])


@when(parsers.re(r'"(?P<name>[^"]+)" is played'))
def file_is_played(session: Session, name: str) -> None:
    session.play(session.path(name))


@when(parsers.re(r'"(?P<first>[^"]+)" and "(?P<second>[^"]+)" are played'))
def files_are_played(session: Session, first: str, second: str) -> None:
    for name in (first, second):
        session.play(session.path(name))


@when(parsers.parse('the bad file and "{name}" are played'))
def bad_file_is_played(session: Session, name: str) -> None:
    session.play(session.bad)
    session.play(session.path(name))


@when("the copy is played")
def copy_is_played(session: Session) -> None:
    session.play(session.bad)


@when(parsers.parse('the DSP stalls {seconds:d} seconds into "{first}" and is well again for "{second}"'))
def dsp_stalls(session: Session, seconds: int, first: str, second: str) -> None:
    faults = session.studio.dsp.faults
    session.play(session.path(first), once_past(seconds, faults.stall))
    faults.unstall()
    session.play(session.path(second))


@when(parsers.parse('the DSP disappears {seconds:d} seconds into "{first}" and is gone for "{second}"'))
def dsp_disappears(session: Session, seconds: int, first: str, second: str) -> None:
    session.play(session.path(first), once_past(seconds, session.studio.dsp.faults.unplug))
    session.play(session.path(second))


def once_past(seconds: float, deed: Callable[[], None]) -> Deed:
    def see(event: Event) -> None:
        if isinstance(event, Playing) and seconds <= event.position.seconds < seconds + 0.5:
            deed()

    return see


@then(parsers.parse('"{name}" plays undecoded on the DSP'))
def plays_undecoded(session: Session, name: str) -> None:
    terms = session.terms(name)
    assert (terms.mode, terms.sink) == ("offload", "virtual:q6asm")


@then(parsers.parse('"{name}" plays decoded on the sound card'))
def plays_decoded(session: Session, name: str) -> None:
    terms = session.terms(name)
    assert (terms.mode, terms.sink) == ("pcm", "tape")


@then(parsers.parse('"{name}" is told to be in trouble: "{words}"'))
def is_in_trouble(session: Session, name: str, words: str) -> None:
    told = [event for event in session.events[name] if isinstance(event, Stalled)]
    assert words in told[0].reason


@then(parsers.parse('"{name}" goes on decoded on the sound card'))
def goes_on_decoded(session: Session, name: str) -> None:
    moved = [event for event in session.events[name] if isinstance(event, Moved)]
    assert [(event.mode, event.sink) for event in moved] == [("pcm", "tape")]
    assert isinstance(session.events[name][-1], Summary)


@then(parsers.parse('the reason is "{reason}"'))
def reason_is(session: Session, reason: str) -> None:
    (name,) = session.events
    assert session.terms(name).reason == reason


@then(parsers.parse("the DSP consumed {count:d} frames of ADTS"))
def frames_of_adts(session: Session, count: int) -> None:
    data, found = session.consumed(), 0
    while data:
        parsed = parse_adts(data)
        assert parsed is not None
        data, found = data[parsed[2] :], found + 1
    assert found == count


@then("the sound card was not used")
def sound_card_unused(session: Session) -> None:
    assert session.studio.tape.calls == []


@then(parsers.parse("the sound card played {seconds:d} seconds"))
def sound_card_played(session: Session, seconds: int) -> None:
    assert len(session.studio.tape.kept) == seconds * 44_100 * 4


@then("the DSP was not started")
def dsp_not_started(session: Session) -> None:
    assert "start" not in [event for _, event in session.studio.dsp.journal.events]


@then(parsers.parse('"{name}" fails with "{words}"'))
def file_fails(session: Session, name: str, words: str) -> None:
    error = session.errors[name]
    assert words in error.what
    assert error.advice
    assert not [event for event in session.events[name] if isinstance(event, Summary)]


@then(parsers.parse('the bad file fails and its sentence names it and says "{words}"'))
def bad_file_fails(session: Session, words: str) -> None:
    error = session.errors[session.bad.name]
    assert error.exit_code == 2
    assert str(session.bad) in error.what
    assert words in error.what
    assert "\n" not in error.what
    assert error.advice
    assert session.events[session.bad.name] == []


@then("it plays to its end with a notice")
def plays_with_notice(session: Session) -> None:
    assert session.terms(session.bad.name).mode == "offload"
    assert [event for event in session.events[session.bad.name] if isinstance(event, Notice)]


@then("the DSP consumed whole frames only")
def whole_frames_only(session: Session) -> None:
    consumed = session.consumed()
    assert 50_000 < len(consumed) < 70_123
    assert frames_of(DEMO_MP3).startswith(consumed)
    assert frames_of(session.tap) == consumed


@then("the DSP consumed the same song twice")
def consumed_twice(session: Session) -> None:
    assert session.consumed() == frames_of(DEMO_MP3) * 2


@then(parsers.parse("it took {seconds:d} seconds and a tenth at most"))
def took(session: Session, seconds: int) -> None:
    assert seconds <= session.studio.clock.now() <= seconds + 0.1
