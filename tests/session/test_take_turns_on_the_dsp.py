"""Steps of take_turns_on_the_dsp.feature: a bus with a virtual DSP whose time is turned by hand, and its samples."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.daemon.compressed_node import encoded_format
from pyaudiobus.daemon.passing_index import PassingIndex
from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.model.daemon_settings import DaemonSettings, SecondEncoded
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Cork, Named
from pyaudiobus.protocol.words import EncodedShape
from tests.client.studio import MEDIA
from tests.daemon.bench import Observer
from tests.daemon.dsp_bus import FLAC, MP3, PCM, DspBus, Encoded, song_at
from tests.daemon.heard import FRAME, Song, pieces_of, sound_of
from tests.session.governing import Governing

scenarios("take_turns_on_the_dsp.feature")
SONGS = {"mp3": MP3, "flac": FLAC}
ALERT = MEDIA / "flac-16-stereo.flac"
RATE = 44_100
LONGEST_FRAME = 4608
"""PCM frames."""
ROLES = "roles:\n  music: {priority: 10}\n  alert: {priority: 50}\n"
AAC = EncodedShape("aac", 44_100, 2, 128_000)


@cache
def whole(path: Path) -> Song:
    """A song as it sounds when nothing comes between."""
    with TemporaryDirectory() as folder:
        return Song(path, Path(folder) / "song")


class Turns:
    """One bus, its session manager, and who plays there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.profile = "generic"
        self.preempted = "wait"
        self.path = FLAC
        self.bus: DspBus
        self.governing: Governing
        self.music: Encoded
        self.alert: Encoded
        self.eye: Observer
        self.sound = b""
        self.stops = 0

    def begin(self) -> None:
        folder = self.folder / "bus"
        folder.mkdir()
        self.render = folder / "render.wav"
        settings = DaemonSettings(second_encoded=SecondEncoded.WAIT)
        request = RingRequest(32 * 1024, 4)
        self.bus = DspBus(
            folder, profile=self.profile, clock=ManualClock, request=request, render=self.render, settings=settings
        )
        policy = self.folder / "policy.yaml"
        policy.write_text(f"{ROLES}settings: {{encoded.preempted: {self.preempted}}}\n")
        self.governing = Governing(self.bus.remote("session"), policy)
        self.eye = Observer(self.bus.remote("eye"))

    def play(self, role: str, shape: EncodedShape, data: bytes) -> Encoded:
        stream = Encoded(self.bus.remote(role), shape, PCM, name=role, properties={"media.role": role})
        stream.write(data)
        stream.end()
        return stream

    def place(self, stream: Encoded) -> str:
        """The name of the sink a stream plays on; nothing while it waits."""
        self.eye.sync()
        links = [one for one in self.eye.objects.values() if one.kind == "link"]
        inputs = [int(str(one.facts["input"])) for one in links if one.facts["output"] == stream.serial]
        return self.eye.objects[inputs[0]].name if inputs else ""

    def until_on(self, stream: Encoded, sink: str) -> None:
        self.eye.until(lambda: self.place(stream) == sink)

    def call(self, seconds: float) -> None:
        """Let so much time pass, and an alert come."""
        self.bus.advance(seconds)
        self.alert = self.play("alert", *song_at(ALERT))
        self.stops += 1

    def end(self, stream: Encoded) -> None:
        """Let time pass until a stream has ended, and its program with it."""
        has_ended = False
        while not has_ended:
            self.bus.advance(1)
            stream.remote.ask("sync")
            has_ended = any(
                event.name == "ended" and event.body.serial == stream.serial for event in stream.remote.happenings()
            )
        stream.remote.ask("destroy", Named(stream.serial))

    def heard(self) -> list[bytes]:
        """End the music; return what was heard before, between and after the alerts."""
        self.end(self.music)
        self.bus.settle()
        return sound_of(self.render).split(whole(ALERT).sound)

    def close(self) -> None:
        self.governing.end()
        self.bus.close()


@given("a bus with a DSP, on which an alert is more important than music", target_fixture="turns")
def _(tmp_path: Path) -> Iterator[Turns]:
    made = Turns(tmp_path)
    yield made
    made.close()


@given("a DSP of Qualcomm")
def _(turns: Turns) -> None:
    turns.profile = "q6asm"


@given("who is sent away is decoded")
def _(turns: Turns) -> None:
    turns.preempted = "decode"


@given("who is sent away has to wait")
def _(turns: Turns) -> None:
    turns.preempted = "wait"


@given(parsers.re(r"music plays a (?P<codec>mp3|flac) song on the DSP"))
def _(turns: Turns, codec: str) -> None:
    turns.path = SONGS[codec]
    turns.begin()
    turns.music = turns.play("music", *song_at(turns.path))
    assert turns.music.created.device_name == "dsp"


@given("music plays aac on the DSP")
def _(turns: Turns) -> None:
    turns.begin()
    turns.music = turns.play("music", AAC, (MEDIA / "aac.aac").read_bytes() * 40)
    assert turns.music.created.device_name == "dsp"


@when(parsers.parse("an alert comes after {seconds:g} seconds"))
def _(turns: Turns, seconds: float) -> None:
    turns.call(seconds)


@when("alerts come after 1, 3, 4 and 8 seconds")
def _(turns: Turns) -> None:
    for seconds in (1, 2, 1, 4):
        turns.call(seconds)
        turns.end(turns.alert)
        turns.until_on(turns.music, "dsp")


@then(parsers.parse("the alert is on the DSP, and music waits because {why}"))
def _(turns: Turns, why: str) -> None:
    assert (turns.place(turns.alert), turns.place(turns.music)) == ("dsp", "")
    found = turns.eye.objects[turns.music.serial]
    assert found.state == "waiting"
    assert why in str(found.facts["waits"])


@then(parsers.parse("the alert is on the DSP, and music is on {sink}"))
def _(turns: Turns, sink: str) -> None:
    turns.until_on(turns.music, sink)
    assert turns.place(turns.alert) == "dsp"


@when("the alert has ended")
def _(turns: Turns) -> None:
    turns.end(turns.alert)


@then("music is on the DSP again")
def _(turns: Turns) -> None:
    turns.until_on(turns.music, "dsp")


@then("all of the music was heard, the alert between two of its frames, and nothing twice")
def _(turns: Turns) -> None:
    parts, song = turns.heard(), whole(turns.path)
    assert len(parts) == turns.stops + 1
    assert all(parts)
    assert len(b"".join(parts)) == len(song.sound)
    assert b"".join(parts) == song.sound


@then(parsers.parse("all of the music was heard, and less than {most:d} frames of it twice"))
def _(turns: Turns, most: int) -> None:
    turns.until_on(turns.music, "dsp")
    song, parts = whole(turns.path), turns.heard()
    (first,), (second,) = (pieces_of(part, song)[0] for part in parts)
    assert (first.start, second.end) == (0, song.frames)
    assert 0 <= first.end - second.start < most


@then("music was told to go on with the frame that follows what was heard")
def _(turns: Turns) -> None:
    index = turns.music.await_event("format-lost").index
    turns.bus.settle()
    (heard,), _ = pieces_of(sound_of(turns.render), whole(turns.path))
    shape, data = song_at(turns.path)
    frames = PassingIndex(encoded_format(shape))
    frames.follow(memoryview(data))
    assert abs(frames.frames_at(index) - heard.end) < LONGEST_FRAME


@when("music is paused by its program")
def _(turns: Turns) -> None:
    turns.music.remote.ask("cork", Cork(turns.music.serial, True))


@when("music is flushed and begun again by its program")
def _(turns: Turns) -> None:
    music = turns.music
    music.ring.mark_end(None)
    music.remote.ask("flush", Named(music.serial))
    music.ring.space()
    music.ring.publish(music.ring.taken)
    music.write(song_at(turns.path)[1])
    music.end()


@when("the music's program ends")
def _(turns: Turns) -> None:
    turns.music.remote.close()


@when("the session manager dies, and the bus would let a second stream wait")
def _(turns: Turns) -> None:
    turns.governing.end()


@then("the DSP is free")
def _(turns: Turns) -> None:
    turns.eye.until(lambda: turns.bus.call(lambda: turns.bus.node.stream is None))
    assert turns.music.serial not in turns.eye.objects


@then("nothing of it is heard until its program lets it go on")
def _(turns: Turns) -> None:
    before = len(sound_of(turns.render))
    turns.bus.advance(5)
    assert len(sound_of(turns.render)) == before
    turns.music.remote.ask("cork", Cork(turns.music.serial, False))


@then("the music was heard for 3 seconds, and then from its beginning to its end")
def _(turns: Turns) -> None:
    song, (first, second) = whole(turns.path), turns.heard()
    assert second == song.sound
    assert song.sound.startswith(first)
    assert abs(len(first) // FRAME - 3 * RATE) < RATE
