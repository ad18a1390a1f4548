"""Steps of suspend_the_dsp.feature: the DSP's time and the session manager's are turned by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Cork, Named
from pyaudiobus.session.configuration import Places, read
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile
from tests.daemon.bench import Observer
from tests.daemon.dsp_bus import FLAC, PCM, DspBus, Encoded, song_at
from tests.daemon.heard import Song, sound_of

scenarios("suspend_the_dsp.feature")


class Night:
    """A bus, a song, and a session manager that looks at its watch when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        (folder / "bus").mkdir()
        self.render = folder / "bus" / "render.wav"
        request = RingRequest(32 * 1024, 4)
        self.bus = DspBus(folder / "bus", profile="generic", clock=ManualClock, request=request, render=self.render)
        self.song = Encoded(self.bus.remote("song"), song_at(FLAC)[0], PCM)
        self.play()
        self.bus.advance(0.5)
        self.eye = Observer(self.bus.remote("eye"))
        policy = folder / "policy.yaml"
        policy.write_text("settings: {power.suspend-dsp-after: 2}\n")
        configuration = read(Places(policy=str(policy)))
        self.session = Session(self.bus.remote("session"), configuration, StateFile(None), clock=lambda: self.now)
        self.session.start()

    def play(self) -> None:
        self.song.write(song_at(FLAC)[1])
        self.song.end()

    def catch_up(self) -> None:
        """Let the session manager hear of all that has happened."""
        self.bus.settle()
        self.session._remote.ask("sync")
        self.session.settle()
        self.bus.settle()

    def pass_time(self, seconds: float) -> None:
        self.catch_up()
        self.now += seconds
        self.catch_up()

    def state(self) -> str:
        self.eye.sync()
        found = self.eye.named("dsp")
        assert found is not None
        return found.state

    def hear_out(self) -> None:
        has_ended = False
        while not has_ended:
            self.bus.advance(0.5)
            self.song.remote.ask("sync")
            events = self.song.remote.happenings()
            has_ended = any(event.name == "ended" for event in events)
        self.bus.settle()

    def sound(self) -> bytes:
        """End the song and return what was heard."""
        self.hear_out()
        self.song.remote.ask("destroy", Named(self.song.serial))
        self.bus.settle()
        return sound_of(self.render)

    def whole(self) -> bytes:
        return Song(FLAC, self.folder / "whole").sound

    def close(self) -> None:
        self.session._remote.close()
        self.bus.close()


@given("a bus with a DSP that sleeps after 2 seconds, and a song that plays there", target_fixture="night")
def _(tmp_path: Path) -> Iterator[Night]:
    made = Night(tmp_path)
    yield made
    made.close()


@given("the DSP never sleeps")
def _(night: Night) -> None:
    night.session.set_live["power.suspend-dsp-after"] = "0"
    night.session.refresh_settings()


@when(parsers.parse("the song is paused after {seconds:g} seconds"))
def _(night: Night, seconds: float) -> None:
    night.bus.advance(seconds)
    night.song.remote.ask("cork", Cork(night.song.serial, True))
    night.catch_up()


@when(parsers.parse("{seconds:g} seconds pass for the session manager"))
def _(night: Night, seconds: float) -> None:
    night.pass_time(seconds)


@when("the song goes on")
def _(night: Night) -> None:
    night.song.remote.ask("cork", Cork(night.song.serial, False))
    night.bus.advance(0.25)
    night.catch_up()


@when("the song is heard to its end, and its program stays")
def _(night: Night) -> None:
    night.hear_out()
    night.catch_up()


@when("its program plays it again")
def _(night: Night) -> None:
    night.song.ring.mark_end(None)
    night.play()
    night.bus.call(night.bus.node.look_at_device)
    night.bus.advance(0.25)
    night.catch_up()


@then(parsers.re("the DSP is (?P<state>idle|running)$"))
def _(night: Night, state: str) -> None:
    assert night.state() == state


@then("the DSP is suspended, and another program could have it")
def _(night: Night) -> None:
    assert night.state() == "suspended"
    night.bus.dsp.open()
    night.bus.dsp.close()


@then("all of the song is heard, and nothing twice")
def _(night: Night) -> None:
    assert night.sound() == night.whole()


@then("all of the song is heard twice")
def _(night: Night) -> None:
    assert night.sound() == 2 * night.whole()
