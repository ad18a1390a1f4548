"""Lists that are decoded for a bus: heard as one recording, sample for sample as without a daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.devices.clock import MonotonicClock
from pyaudiobus.model.events import Event, Moved, Negotiated, Paused, Playing, Sought, Started, Summary
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Named
from tests.client.studio import AAC, Studio
from tests.client.test_gapless import album, changes, heard, song
from tests.client.test_remote_gapless import told
from tests.daemon.dsp_bus import PCM, DspBus, Encoded, song_at

SMALL = RingRequest(32 * 1024, 4)


def listen(bus: DspBus, files: list[str], *, decode: bool = True) -> list[Event]:
    with bus.remote("player") as remote:
        return list(Player(RemoteBus(remote, decode=decode), DecodedFile).play_all(files))


@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_an_album_is_one_recording_and_told_of_as_without_a_daemon(
    tmp_path: Path, decoded: bytearray, kind: str
) -> None:
    with DspBus(tmp_path) as bus:
        events = listen(bus, album(kind))
    assert decoded == b"".join(map(song, album(kind)))
    assert changes(events) == [(f"2.{kind}", 0.0, True), (f"3.{kind}", 0.0, True)]
    alone = list(Studio(has_dsp=False).player().play_all(album(kind)))
    assert told(events) == told(alone)
    sizes = ([event.counters.bytes_sent for event in run if isinstance(event, Summary)] for run in (events, alone))
    assert next(sizes) == next(sizes)


def test_files_of_a_kind_that_the_dsp_refuses_are_joined_and_one_that_it_takes_goes_there(
    tmp_path: Path, decoded: bytearray
) -> None:
    with DspBus(tmp_path) as bus:
        events = listen(bus, [str(AAC), str(AAC), album("mp3")[0]], decode=False)
    modes = [event.mode for event in events if isinstance(event, Negotiated)]
    assert modes == ["pcm", "pcm", "offload"]
    once = decoded[: len(decoded) // 2]
    assert decoded == once * 2
    assert song(str(AAC)).startswith(once)
    assert [gapless for _, _, gapless in changes(events)] == [True, False]


def test_an_album_that_found_the_dsp_taken_is_one_recording_too(tmp_path: Path, decoded: bytearray) -> None:
    files = album("flac")
    with DspBus(tmp_path) as bus, bus.remote("first") as first:
        Encoded(first, song_at(Path(files[0]))[0], PCM)
        events = listen(bus, files, decode=False)
    assert decoded == b"".join(map(song, files))
    assert [gapless for _, _, gapless in changes(events)] == [True, True]
    assert not [event for event in events if isinstance(event, Moved)]


def test_one_of_its_files_goes_to_the_dsp_when_that_is_free(tmp_path: Path, decoded: bytearray) -> None:
    files, events, render = [*album("flac"), *album("flac")], list[Event](), tmp_path / "render.wav"
    bus = DspBus(tmp_path, clock=MonotonicClock, profile="generic", request=SMALL, render=render, longest=20_000)
    with bus, bus.remote("first") as first, bus.remote("player") as remote:
        owner = Encoded(first, song_at(Path(files[0]))[0], PCM)
        left = iter([owner.serial])
        for event in Player(RemoteBus(remote), DecodedFile, 0.02).play_all(files):
            events.append(event)
            if isinstance(event, Started) and event.file == files[1] and (serial := next(left, 0)):
                first.ask("destroy", Named(serial))
    assert decoded[: len(song(files[0]))] == song(files[0])
    assert [gapless for _, _, gapless in changes(events)] == [True] * 5
    assert [event.mode for event in events if isinstance(event, Moved)] == ["offload"]
    assert heard(render).endswith(song(files[5])[-88_200:])
    assert [event.file for event in events if isinstance(event, Summary)] == files


def test_a_seek_while_the_next_file_is_stored_goes_to_a_place_in_the_one_that_is_heard(
    tmp_path: Path, decoded: bytearray
) -> None:
    files = album("flac")[:2]
    first, second = map(song, files)
    sought, paused = list[str](), list[str]()
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        player = Player(RemoteBus(remote, decode=True), DecodedFile, 0.02)
        for event in player.play_all(files):
            if isinstance(event, Playing) and len(decoded) > len(first) and not paused:
                paused.append(event.file)
                player.controls.pause()
            if isinstance(event, Paused):
                stored = len(decoded)
                player.controls.seek(0.5)
                player.controls.resume()
            if isinstance(event, Sought):
                sought.append(event.file)
    assert sought == paused == files[:1]
    assert decoded[stored:] == first[44_100:] + second
