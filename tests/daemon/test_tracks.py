"""Tracks that follow each other in one encoded stream: what a client may say of them, and what is heard.

Past 300 lines because the rules are many and short, and share one stage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.following import Following
from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Code, CreateStream, FollowTrack, Named, StreamCreated
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Shape
from tests.daemon.dsp_bus import PCM, DspBus, Encoded, song_at
from tests.daemon.governor import Governor
from tests.daemon.heard import sound_of

ALBUM = [Path(__file__).parents[1] / "client" / "files" / "album" / f"{number}.flac" for number in (1, 2, 3)]
SMALL = RingRequest(4 * 8 * 1024, 4)
SECONDS = 0.907
"""How long the first of the album sounds."""


class Scene:
    """A bus whose time is turned by hand, and a stream that plays the first of the album."""

    def __init__(self, folder: Path, profile: str = "generic") -> None:
        self.render = folder / "heard.wav"
        self.bus = DspBus(folder, profile=profile, clock=ManualClock, request=SMALL, render=self.render)
        self.remote = self.bus.remote()
        self.shapes, self.songs = zip(*(song_at(path) for path in ALBUM), strict=True)
        self.stream = Encoded(self.remote, self.shapes[0], PCM)
        self.told: dict[str, Any] = {}

    def follow(self, shape: Shape, index: int | None = None, **more: Any) -> None:
        """Say what follows, from what is written on."""
        at = self.stream.ring.written if index is None else index
        self.stream.remote.ask("follow-track", FollowTrack(self.stream.serial, at, shape, **more))

    def play(self, number: int) -> None:
        """Let one of the album follow, and store it."""
        self.follow(self.shapes[number], size=len(self.songs[number]))
        self.stream.write(self.songs[number])

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and hear what is told."""
        self.bus.advance(seconds)
        self.remote.ask("sync")
        for event in self.remote.happenings():
            if getattr(event.body, "serial", 0) == self.stream.serial:
                self.told[event.name] = event.body

    def wanted(self, *numbers: int) -> bytes:
        """What is to be heard of some of the album."""
        found = b""
        for number in numbers:
            folder = self.render.parent / f"alone{number}{len(found)}"
            folder.mkdir()
            with DspBus(folder, profile="generic", render=folder / "heard.wav") as bus, bus.remote() as remote:
                alone = Encoded(remote, self.shapes[number])
                alone.write(self.songs[number])
                alone.end()
                alone.await_event("ended")
            found += sound_of(folder / "heard.wav")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remote.close()
        self.bus.close()


def test_a_track_is_heard_behind_another_and_its_stream_is_known_by_it(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.follow(scene.shapes[1], properties={"media.filename": "two"})
        scene.stream.write(scene.songs[1])
        scene.stream.end()
        scene.pass_by(SECONDS - 0.1)
        assert "track-joined" not in scene.told
        scene.pass_by(0.2)
        joined = scene.told["track-joined"]
        assert (joined.index, joined.gap, joined.gapless) == (len(scene.songs[0]), 0, True)
        found = scene.remote.ask("get", Named(scene.stream.serial))
        assert found.properties["media.filename"] == "two"
        assert found.facts["bit_rate"] == scene.shapes[1].bit_rate
        assert scene.bus.dsp.stream.firmware.starvations == 0
        scene.pass_by(2)
        assert scene.told["ended"].index == len(scene.songs[0]) + len(scene.songs[1])
        assert "underflow" not in scene.told
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


@pytest.mark.parametrize("profile", ["generic", "q6asm"])
def test_a_driver_that_ends_its_partial_drain_early_changes_no_track_before_the_old_one_was_heard(
    tmp_path: Path, profile: str
) -> None:
    with Scene(tmp_path, profile) as scene:
        scene.bus.dsp.faults.ends_tracks_early = True
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.stream.end()
        scene.pass_by(SECONDS - 0.05)
        assert "track-joined" not in scene.told
        scene.pass_by(0.1)
        assert scene.told["track-joined"].gap == 0
        scene.pass_by(2)
        assert "ended" in scene.told
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


BAD: dict[str, tuple[dict[str, Any], Code, str]] = {
    "a place beyond what is stored": ({"index": 1 << 20}, Code.INVALID, "no track can begin at byte 1048576"),
    "a place that the device has": ({"index": 1}, Code.INVALID, "no track can begin at byte 1"),
    "another rate": ({"rate": 48_000}, Code.NOT_SUPPORTED, "flac/48000/1 cannot follow flac/44100/1"),
    "another codec": ({"codec": "mp3"}, Code.NOT_SUPPORTED, "mp3/44100/1 cannot follow flac/44100/1"),
    "a codec that is none": ({"codec": "kazoo"}, Code.INVALID, "the kernel has no name for kazoo"),
    "decoded sound": ({"shape": PCM}, Code.INVALID, "s16/44100/2 cannot follow in an encoded stream"),
    "the bus's own property": ({"properties": {"media.class": "x"}}, Code.INVALID, "media.class"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_follow_is_refused_by_name_and_nobody_else_notices(tmp_path: Path, case: str) -> None:
    bad, code, words = BAD[case]
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.remote.ask("trigger", Named(scene.stream.serial))
        scene.pass_by(0.3)
        wish = {"index": len(scene.songs[0]), "shape": scene.shapes[1], **bad}
        shape = wish.pop("shape")
        changes = {key: wish.pop(key) for key in ("rate", "codec") if key in wish}
        with pytest.raises(Refused, match=words) as refused:
            scene.follow(msgspec.structs.replace(shape, **changes), **wish)
        assert refused.value.code is code
        scene.play(1)
        scene.stream.end()
        scene.pass_by(3)
        assert scene.told["ended"].index == scene.stream.ring.written
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


def test_one_track_may_be_told_of_at_a_time(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        with pytest.raises(Refused, match="a track follows already, from byte 17697 on") as refused:
            scene.play(2)
        assert refused.value.code is Code.STATE
        scene.pass_by(SECONDS + 0.1)
        scene.play(2)
        scene.stream.end()
        scene.pass_by(3)
        wanted = scene.wanted(0, 1, 2)
    assert sound_of(scene.render) == wanted


def test_no_track_follows_in_a_stream_that_is_mixed(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        mixed: StreamCreated = scene.remote.ask("create-stream", CreateStream("playback", "mixed", (PCM,)))
        with pytest.raises(Refused, match="no encoded stream") as refused:
            scene.remote.ask("follow-track", FollowTrack(mixed.serial, 0, scene.shapes[1]))
        assert refused.value.code is Code.NOT_SUPPORTED


def test_a_track_of_which_nothing_comes_lets_the_stream_run_dry_and_is_heard_when_it_comes(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.remote.ask("trigger", Named(scene.stream.serial))
        scene.follow(scene.shapes[1])
        scene.pass_by(SECONDS + 1)
        assert "underflow" in scene.told
        assert "ended" not in scene.told
        scene.stream.write(scene.songs[1])
        scene.stream.end()
        scene.pass_by(3)
        assert scene.told["track-joined"].index == len(scene.songs[0])
        assert "ended" in scene.told


@pytest.mark.parametrize("profile", ["generic", "q6asm"])
def test_what_is_told_while_the_device_drains_is_heard_after_a_gap_that_is_told(tmp_path: Path, profile: str) -> None:
    with Scene(tmp_path, profile) as scene:
        scene.stream.write(scene.songs[0])
        scene.stream.end()
        scene.pass_by(SECONDS - 0.1)
        scene.stream.ring.mark_end(None)
        scene.play(1)
        scene.stream.end()
        scene.pass_by(3)
        joined = scene.told["track-joined"]
        assert (joined.index, joined.gapless) == (len(scene.songs[0]), False)
        assert scene.told["ended"].index == scene.stream.ring.written
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


def test_a_flush_drops_what_follows_too(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.pass_by(0.3)
        scene.remote.ask("flush", Named(scene.stream.serial))
        scene.stream.ring.space()
        scene.stream.ring.publish(scene.stream.ring.taken)
        scene.stream.write(scene.songs[0])
        scene.play(2)
        scene.stream.end()
        scene.pass_by(4)
        assert scene.told["track-joined"].index == scene.stream.ring.written - len(scene.songs[2])
        wanted = scene.wanted(0, 2)
    heard = sound_of(scene.render)
    assert heard.endswith(wanted)
    assert len(heard) - len(wanted) == pytest.approx(0.3 * 88_200, abs=88)


def test_what_follows_may_be_stored_at_the_very_moment_in_which_prebuf_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    has_begun = Following.has_begun

    def too_early(following: Following, fragment: int) -> bool:
        looks.append(has_begun(following, fragment))
        return looks[-1] and looks.count(True) > 1

    monkeypatch.setattr(Following, "has_begun", too_early)
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.pass_by(2)
        assert scene.told["track-joined"].index == len(scene.songs[0])
    assert True in looks


def test_a_drain_ends_with_the_track_that_follows(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        answers: list[Any] = []
        scene.remote.ask_later("drain", Named(scene.stream.serial), answers.append)
        scene.pass_by(SECONDS + 0.1)
        assert not answers
        scene.pass_by(1)
        assert len(answers) == 1
        assert scene.told["ended"].index == scene.stream.ring.written


@pytest.mark.parametrize("after", [0.4, SECONDS - 0.05, SECONDS - 0.01, SECONDS + 0.1])
def test_a_device_that_breaks_off_near_a_change_of_tracks_loses_nothing(tmp_path: Path, after: float) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.stream.end()
        scene.pass_by(after)
        scene.bus.dsp.faults.xrun()
        scene.bus.call(scene.bus.node.look_at_device)
        scene.pass_by(5)
        assert "EPIPE" in scene.told["recovered"].reason
        assert "ended" in scene.told
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


def test_a_card_lost_in_the_second_track_is_told_with_its_own_frames(tmp_path: Path) -> None:
    encoded = open_encoded(str(ALBUM[1]))
    assert encoded is not None
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.stream.end()
        scene.pass_by(SECONDS + 0.2)
        scene.bus.dsp.faults.unplug()
        scene.bus.call(scene.bus.node.look_at_device)
        scene.pass_by(3)
        lost = scene.told["format-lost"]
        heard = encoded.index.frames_at(lost.index - len(scene.songs[0]))
        assert abs(heard - 0.2 * 44_100) < 4096
    encoded.close()


def test_a_stream_that_begins_anew_may_be_another_track(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.stream.end()
        scene.pass_by(2)
        assert "ended" in scene.told
        scene.stream.ring.mark_end(None)
        scene.play(1)
        scene.stream.end()
        scene.told.clear()
        scene.pass_by(2)
        assert "ended" in scene.told
        assert "track-joined" not in scene.told
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


@pytest.mark.parametrize("after", [0.4, SECONDS - 0.05])
def test_a_stream_that_left_its_device_and_has_it_again_keeps_what_follows(tmp_path: Path, after: float) -> None:
    with Scene(tmp_path) as scene:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.stream.end()
        scene.pass_by(after)
        found, offload = scene.bus.bus.registry.get(scene.stream.serial), scene.bus.bus.offload
        assert isinstance(found, EncodedStream)
        scene.bus.call(lambda: offload.moves.park(found, "an alert has the DSP"))  # it goes on at once: nobody has
        scene.pass_by(3)
        assert scene.told["stream-held"].held is False
        assert scene.told["track-joined"].index == len(scene.songs[0])
        assert "ended" in scene.told
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


@pytest.mark.parametrize("parked_at", [(0.3,), (0.85,), (SECONDS - 0.01,), (0.95,), (0.2, 0.5, 0.9, 1.2)], ids=str)
def test_a_stream_that_is_parked_with_a_track_behind_it_loses_nothing_of_either(
    tmp_path: Path, parked_at: tuple[float, ...]
) -> None:
    with Scene(tmp_path) as scene, Governor(scene.bus.remote("governor")) as governor:
        scene.stream.write(scene.songs[0])
        scene.play(1)
        scene.stream.end()
        now = 0.0
        for at in parked_at:
            scene.pass_by(at - now)
            governor.hold("song", "another needs the DSP")
            scene.pass_by(0.2)
            governor.place("song", "dsp")
            now = at
        scene.pass_by(3)
        scene.pass_by(1)
        assert "track-joined" in scene.told
        assert scene.told["ended"].index == len(scene.songs[0]) + len(scene.songs[1])
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted


def test_a_track_that_is_told_of_while_a_stream_is_parked_follows_it(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene, Governor(scene.bus.remote("governor")) as governor:
        scene.stream.write(scene.songs[0])
        scene.pass_by(0.4)
        governor.hold("song", "another needs the DSP")
        scene.play(1)
        scene.stream.end()
        scene.pass_by(1)
        governor.place("song", "dsp")
        scene.pass_by(3)
        scene.pass_by(1)
        assert "ended" in scene.told
        wanted = scene.wanted(0, 1)
    assert sound_of(scene.render) == wanted
