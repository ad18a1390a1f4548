"""What a session manager decides about encoded streams: which DSP they get, and when they leave it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.protocol.messages import (
    CreateStream,
)
from pyaudiobus.protocol.session_messages import (
    PlaceStream,
)
from tests.daemon.bench import Raw
from tests.daemon.dsp_bus import FLAC, MP3, PCM, DspBus, Encoded, song_at
from tests.daemon.governor import Governor, close_received, code_of, heard


def test_an_encoded_stream_is_placed_on_its_dsp_and_taken_off_again(tmp_path: Path) -> None:
    shape, data = song_at(FLAC)
    with DspBus(tmp_path) as bus, Raw(bus.path).greet() as raw, Governor(bus.remote("governor")) as governor:
        wish = CreateStream("playback", "song", (shape, PCM))
        asked = raw.say("create-stream", wish)
        waiting = governor.stream("song")
        assert waiting.facts["formats"] == "flac/44100/2 s16/44100/2"
        link = governor.place("song", "dsp", format="flac/44100/2", reason="the DSP is free", decision="target-1")
        answer = close_received(raw.answer(asked)).body
        assert (answer.serial, answer.device_name) == (waiting.serial, "dsp")
        assert governor.place("song", "dsp", decision="target-2") == link
        governor.place("song", "null", reason="an alert needs the DSP", decision="target-3", expected=link)
        lost = next(heard(raw, "format-lost"))
        assert (lost.serial, lost.reason) == (waiting.serial, "an alert needs the DSP")
        for event in raw.events:
            close_received(event)
        assert bus.call(lambda: bus.node.stream) is None
        assert len(data)


def test_a_dsp_that_is_taken_is_refused_and_the_stream_waits_for_another_decision(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote("first") as remote, Raw(bus.path).greet() as raw:
        Encoded(remote, shape)
        with Governor(bus.remote("governor")) as governor:
            asked = raw.say("create-stream", CreateStream("playback", "next", (shape, PCM)))
            serial, dsp = governor.stream("next").serial, governor.picture.named("dsp")
            assert dsp is not None
            assert code_of(governor.remote, "place-stream", PlaceStream(serial, dsp.serial)) == "busy"
            governor.hold("next", "it waits for its turn")
            assert next(heard(raw, "stream-held")).reason == "it waits for its turn"
            governor.picture.sync()
            assert governor.stream("next").facts["waits"] == "it waits for its turn"
            governor.place("next", "null", format="s16/44100/2")
            assert close_received(raw.answer(asked)).body.device_name == "null"


def test_a_device_that_does_not_open_is_told_and_decided_about_again(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, Raw(bus.path).greet() as raw, Governor(bus.remote("governor")) as governor:
        bus.dsp.faults.unplug()
        asked = raw.say("create-stream", CreateStream("playback", "song", (shape, PCM)))
        serial, dsp = governor.stream("song").serial, governor.picture.named("dsp")
        assert dsp is not None
        assert code_of(governor.remote, "place-stream", PlaceStream(serial, dsp.serial, "mp3/44100/2")) == "device"
        governor.picture.sync()
        assert governor.stream("song").state == "waiting"
        governor.place("song", "null")
        assert close_received(raw.answer(asked)).body.serial == serial


# ---- while a device is being opened ----


class Slow:
    """A DSP that takes its time: what is ordered of it waits until a test lets it go on."""

    def __init__(self, bus: DspBus) -> None:
        self._go = threading.Event()
        bus.call(lambda: bus.node._thread.must(self._go.wait, lambda _: None))  # as a slow driver does

    def end(self) -> None:
        self._go.set()


class Opening:
    """An encoded stream whose device is being opened, by order of a session manager."""

    def __init__(self, bus: DspBus, raw: Raw, governor: Governor, *, is_back: bool = False) -> None:
        shape, self.data = song_at(FLAC)
        self.bus, self.raw, self.governor = bus, raw, governor
        self.answers: list[object] = []
        asked = raw.say("create-stream", CreateStream("playback", "song", (shape, PCM), may_return=True))
        if is_back:
            governor.place("song", "null", format="s16/44100/2")
            close_received(raw.answer(asked))
        self.slow = Slow(bus)
        self.place("dsp")
        self.asked = None if is_back else asked

    def place(self, target: str) -> None:
        stream, sink = self.governor.stream("song"), self.governor.picture.named(target)
        assert sink is not None
        self.governor.remote.ask_later("place-stream", PlaceStream(stream.serial, sink.serial), self.answers.append)

    def end(self, answers: int) -> None:
        """Let the device go on, and wait until so many orders are answered."""
        self.governor.remote.ask("sync")
        self.slow.end()
        self.governor.picture.until(lambda: len(self.answers) == answers)
        if self.asked is not None:
            close_received(self.raw.answer(self.asked))

    def until(self, state: str, form: str) -> None:
        def is_so() -> bool:
            found = self.governor.stream("song")
            return (found.state, str(found.facts["format"]).partition("/")[0]) == (state, form)

        self.governor.picture.until(is_so)

    def owner(self) -> object:
        return self.bus.call(lambda: self.bus.node.stream)


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Callable[..., Opening]]:
    with DspBus(tmp_path) as bus, Raw(bus.path).greet() as raw, Governor(bus.remote("governor")) as governor:
        yield lambda **more: Opening(bus, raw, governor, **more)


def test_a_stream_that_is_held_while_its_device_is_opened_waits_when_that_is_open(
    opening: Callable[..., Opening],
) -> None:
    scene = opening()
    scene.governor.hold("song", "an alert needs the DSP")
    scene.end(1)
    assert next(heard(scene.raw, "stream-held")).reason == "an alert needs the DSP"
    scene.until("waiting", "flac")
    assert scene.owner() is None


def test_a_stream_that_is_held_on_its_way_back_from_waiting_waits_again(opening: Callable[..., Opening]) -> None:
    scene = opening()
    scene.end(1)
    scene.asked = None
    scene.governor.hold("song", "an alert needs the DSP")
    scene.slow = Slow(scene.bus)
    scene.place("dsp")
    scene.governor.hold("song", "another alert needs the DSP")
    scene.end(2)
    scene.until("waiting", "flac")
    scene.governor.picture.until(lambda: scene.owner() is None)
    scene.governor.place("song", "dsp")
    scene.until("paused", "flac")


def test_a_stream_that_is_sent_elsewhere_while_its_device_is_opened_goes_there(
    opening: Callable[..., Opening],
) -> None:
    scene = opening()
    scene.place("null")
    scene.end(2)
    scene.until("paused", "s16")
    assert scene.owner() is None


@pytest.mark.parametrize("order", ["hold", "place"])
def test_a_stream_on_its_way_back_from_decoding_can_be_held_or_stay(
    opening: Callable[..., Opening], order: str
) -> None:
    scene = opening(is_back=True)
    if order == "hold":
        scene.governor.hold("song", "it is to be silent")
    else:
        scene.place("null")
    scene.end(1 if order == "hold" else 2)
    scene.until("waiting" if order == "hold" else "paused", "s16")
    assert scene.owner() is None
