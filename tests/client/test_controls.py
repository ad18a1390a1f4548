"""What is asked of a player while it plays: by the thread that reads its events, and by others."""

from __future__ import annotations

import threading

import pytest

from pyaudiobus.client.controls import MOST_ASKED, Ask, Controls, Wish
from pyaudiobus.model.events import (
    Event,
    Failed,
    Negotiated,
    Paused,
    Playing,
    Resumed,
    Started,
    Stopped,
    Summary,
    TrackChanged,
)
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.studio import DEMO_FLAC, DEMO_MP3, MEDIA, Studio
from tests.nodes.bench import KIB

SMALL = RingRequest(4 * 8 * KIB, 4)


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events if not isinstance(event, Playing)]


def test_wishes_are_taken_in_order_and_seeks_that_follow_each_other_become_one() -> None:
    controls = Controls()
    controls.seek(10)
    controls.seek_by(5)
    controls.seek_by(-1)
    controls.pause()
    controls.seek_by(1)
    controls.seek(3)
    taken = [controls.take() for _ in range(3)]
    assert taken == [Wish(Ask.SEEK, 14), Wish(Ask.PAUSE), Wish(Ask.SEEK, 3)]
    assert controls.take() is None
    assert not controls.is_waiting


def test_of_more_wishes_than_can_wait_the_oldest_are_forgotten() -> None:
    controls = Controls()
    controls.stop()
    for _ in range(MOST_ASKED):
        controls.toggle()
    assert controls.take() == Wish(Ask.TOGGLE)


def test_a_player_holds_and_goes_on_and_hears_every_frame_once() -> None:
    studio = Studio(profile="generic", ring=SMALL)
    player = studio.player(0.5)
    events: list[Event] = []
    for event in player.play(str(DEMO_MP3)):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 2.0 and Paused not in kinds(events):
            player.controls.pause()
        if isinstance(event, Paused):
            player.controls.resume()
    assert kinds(events) == [Negotiated, Started, Paused, Resumed, *kinds(events)[-2:]]
    assert isinstance(events[-1], Summary)
    assert studio.dsp.stream.firmware.rendered == 9 * 44_100


def test_another_thread_pauses_and_resumes_a_player_that_sleeps() -> None:
    studio = Studio(ring=SMALL)
    player = studio.player()
    clock = studio.clock
    clock.join()

    def ask() -> None:
        never = clock.signal()
        clock.wait(never, 3.0)
        player.controls.pause()
        clock.wait(never, 10.0)
        player.controls.resume()
        clock.leave()

    thread = threading.Thread(target=ask)
    thread.start()
    events = list(player.play(str(DEMO_MP3)))
    thread.join()
    paused = next(event for event in events if isinstance(event, Paused))
    assert paused.position.seconds == pytest.approx(3.0, abs=0.05)
    assert clock.now() == pytest.approx(9.0 + 7.0, abs=0.1)


def test_files_are_played_in_turn_and_one_that_fails_is_told_between_them() -> None:
    studio = Studio()
    files = [str(DEMO_MP3), str(MEDIA / "no-such.mp3"), str(DEMO_FLAC)]
    events = list(studio.player().play_all(files, gapless=False))
    assert [event.file for event in events if isinstance(event, Summary)] == [files[0], files[2]]
    assert [event.file for event in events if isinstance(event, Failed)] == [files[1]]
    changed = [event for event in events if isinstance(event, TrackChanged)]
    assert [(event.file, event.previous, event.gap, event.gapless) for event in changed] == [
        (files[2], files[1], 0.0, False)
    ]


def test_next_previous_and_stop_lead_from_file_to_file() -> None:
    studio = Studio()
    player = studio.player(0.5)
    files = [str(DEMO_MP3), str(DEMO_FLAC)]
    asked = iter([player.controls.next, player.controls.previous, player.controls.stop])
    begun: list[str] = []
    stopped: list[str] = []
    for event in player.play_all(files):
        if isinstance(event, Started):
            begun.append(event.file)
            next(asked)()
        if isinstance(event, Stopped):
            stopped.append(event.file)
    assert begun == [files[0], files[1], files[0]]
    assert stopped == begun


def test_a_list_that_grows_while_it_is_played_plays_on() -> None:
    studio = Studio()
    files = [str(DEMO_MP3)]
    ended: list[str] = []
    for event in studio.player().play_all(files):
        if isinstance(event, Summary):
            ended.append(event.file)
            if len(files) == 1:
                files.append(str(DEMO_FLAC))
    assert ended == [str(DEMO_MP3), str(DEMO_FLAC)]
