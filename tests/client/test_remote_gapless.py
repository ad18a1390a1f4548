"""Albums through a daemon: the scenes of test_gapless.py, with the DSP on a bus that plays in a thread of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.events import Drained, Event, Moved, Paused, Playing, Stopped, Summary
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Subscribe
from pyaudiobus.protocol.words import ObjectInfo
from tests.client.studio import DEMO_MP3, Studio
from tests.client.test_gapless import SMALL, album, changes, heard, song
from tests.daemon.dsp_bus import DspBus


def fast() -> PacedClock:
    """Faster than real time, and slow enough for a client whose time is real."""
    return PacedClock(4)


def listen(bus: DspBus, files: list[str], *, gapless: bool = True) -> list[Event]:
    with bus.remote("player") as remote:
        return list(Player(RemoteBus(remote), DecodedFile).play_all(files, gapless=gapless))


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_an_album_is_heard_as_one_recording_sample_for_sample(
    tmp_path: Path, kind: str, ring: RingRequest | None
) -> None:
    render = tmp_path / "render.wav"
    with DspBus(tmp_path, profile="generic", clock=fast, request=ring, render=render) as bus:
        events = listen(bus, album(kind))
        assert bus.dsp.opens == 2  # once to ask what it can do
        assert not bus.dsp.journal.incidents
    assert heard(render) == b"".join(map(song, album(kind)))
    assert changes(events) == [(f"2.{kind}", 0.0, True), (f"3.{kind}", 0.0, True)]
    assert [event.file for event in events if isinstance(event, Summary)] == album(kind)
    assert sum(isinstance(event, Drained) for event in events) == 1


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_q6asm_goes_on_without_a_stop_and_is_told_of_the_tracks_as_its_driver_needs(
    tmp_path: Path, kind: str, ring: RingRequest | None
) -> None:
    render = tmp_path / "render.wav"
    with DspBus(tmp_path, clock=fast, request=ring, render=render) as bus:
        events = listen(bus, album(kind))
        assert not bus.dsp.journal.incidents
    assert [gapless for _, _, gapless in changes(events)] == [True, True]
    lead = 2 * (576 + 529) if kind == "mp3" else 0
    wanted = b"".join(map(song, album(kind)))
    assert heard(render)[lead : lead + len(wanted)] == wanted


def told(events: list[Event]) -> list[tuple[str, str]]:
    """What a player tells and of which file, but for positions on the way."""
    return [(type(event).__name__, Path(event.file).name) for event in events if not isinstance(event, Playing)]


@pytest.mark.parametrize("gapless", [True, False], ids=["gapless", "each drained"])
@pytest.mark.parametrize("files", ["album", "mixture"])
def test_a_player_tells_of_files_on_a_bus_what_it_tells_of_them_alone(
    tmp_path: Path, files: str, *, gapless: bool
) -> None:
    mixture = [album("mp3")[0], str(DEMO_MP3), *album("flac")[:2]]
    tracks = album("mp3") if files == "album" else mixture
    alone = list(Studio(profile="generic").player().play_all(tracks, gapless=gapless))
    with DspBus(tmp_path, profile="generic", clock=lambda: PacedClock(16)) as bus:
        events = listen(bus, tracks, gapless=gapless)
        assert not bus.dsp.journal.incidents
    assert told(events) == told(alone)
    assert [change[::2] for change in changes(events)] == [change[::2] for change in changes(alone)]
    sums = ([event.counters.bytes_sent for event in run if isinstance(event, Summary)] for run in (events, alone))
    assert next(sums) == next(sums)


def test_pauses_on_the_way_come_back_to_the_very_frame(tmp_path: Path) -> None:
    render, pauses, last = tmp_path / "render.wav", 0, 0.0
    bus = DspBus(tmp_path, profile="generic", clock=fast, request=SMALL, render=render)
    with bus, bus.remote("player") as remote:
        player = Player(RemoteBus(remote), DecodedFile, 0.02)
        for event in player.play_all(album("mp3")):
            if isinstance(event, Playing) and abs(event.position.seconds - last) > 0.2:
                pauses, last = pauses + 1, event.position.seconds
                player.controls.pause()
            if isinstance(event, Paused):
                player.controls.resume()
    assert pauses > 5
    assert heard(render) == b"".join(map(song, album("mp3")))


def objects(remote: Remote) -> list[ObjectInfo]:
    """The nodes of a bus."""
    remote.ask("subscribe", Subscribe(("node",)))
    return [event.body for event in remote.happenings() if event.name == "object-added"]


class Turned:
    """An album on a bus whose time is turned by hand, far enough for the second file to be heard."""

    def __init__(self, folder: Path) -> None:
        self.bus = DspBus(folder, profile="generic", clock=ManualClock, request=SMALL)
        self.remote = self.bus.remote("player")
        self.player = Player(RemoteBus(self.remote), DecodedFile, 0.02)
        self.events = self.player.play_all(album("flac"))

    def until_turned(self) -> None:
        """Play until the device has turned to the second file, of which the player was not told yet."""
        while not isinstance(event := next(self.events), Playing) or event.latency == 0.0:
            pass
        for _ in range(5):
            next(self.events)
        self.pass_by(1.0)

    def pass_by(self, seconds: float) -> None:
        """Let time pass, when what was asked before has been done."""
        self.bus.advance(seconds)

    def rest(self, most: int) -> list[Event]:
        """What is told next, positions apart; the time goes on."""
        found: list[Event] = []
        for event in self.events:
            if not isinstance(event, Playing):
                found.append(event)
            if len(found) == most:
                break
            self.pass_by(0.02)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remote.close()
        self.bus.close()


def test_a_skip_is_meant_for_the_file_that_is_heard(tmp_path: Path) -> None:
    with Turned(tmp_path) as scene:
        scene.until_turned()
        scene.player.controls.next()
        events = scene.rest(8)
        assert told(events) == [
            ("Summary", "1.flac"),
            ("Negotiated", "2.flac"),
            ("TrackChanged", "2.flac"),
            ("Started", "2.flac"),
            ("Stopped", "2.flac"),
            ("Negotiated", "3.flac"),
            ("Started", "3.flac"),
            ("TrackChanged", "3.flac"),
        ]
        stopped = events[4]
        assert isinstance(stopped, Stopped)
        assert 0.0 < stopped.position.seconds < 0.2


def test_a_seek_that_crosses_a_change_of_tracks_is_obeyed_in_the_file_that_it_was_meant_for(tmp_path: Path) -> None:
    with Turned(tmp_path) as scene:
        node = FileNode(album("flac")[0], open_encoded(album("flac")[0]), DecodedFile)
        following = FileNode(album("flac")[1], open_encoded(album("flac")[1]), DecodedFile)
        connection = RemoteBus(scene.remote).connect(node, joins=True)
        connection.start()
        connection.step()
        assert connection.wants_next
        assert connection.queue(following)
        connection.step()
        scene.pass_by(1.0)
        connection.seek(0.2)
        connection.step()
        assert connection.wants_next
        assert not connection.queue(None)
        connection.step()
        scene.pass_by(0.3)
        scene.bus.call(scene.bus.node.look_at_device)
        scene.pass_by(0)
        assert connection.news() == ()
        assert connection.position().seconds == pytest.approx(0.5, abs=0.05)
        (stream,) = (info for info in objects(scene.remote) if info.properties.get("media.filename"))
        assert stream.properties["media.filename"] == album("flac")[0]
        connection.close()
        for each in (node, following):
            each.close()


def test_a_card_lost_behind_a_change_of_tracks_lets_the_second_go_on_decoded(tmp_path: Path) -> None:
    with Turned(tmp_path) as scene:
        scene.until_turned()
        scene.bus.dsp.faults.unplug()
        scene.bus.call(scene.bus.node.look_at_device)
        events = scene.rest(6)
        assert told(events)[:4] == [
            ("Summary", "1.flac"),
            ("Negotiated", "2.flac"),
            ("TrackChanged", "2.flac"),
            ("Started", "2.flac"),
        ]
        (moved,) = (event for event in events if isinstance(event, Moved))
        assert (moved.file, moved.mode) == (album("flac")[1], "pcm")
