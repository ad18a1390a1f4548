"""Pauses of an hour, at the moments at which players lose sound: with a full queue, in mid-song, while draining."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.devices.clock import Clock
from pyaudiobus.model.events import Event, Paused, Playing, Resumed, Summary, Suspended
from pyaudiobus.nodes.compressed_sink.states import SinkState
from tests.client.rounding import alike
from tests.client.studio import DEMO_FLAC, DEMO_MP3, Studio
from tests.client.test_gapless import SMALL, heard, song

HOUR = 3600.0


def later(clock: Clock, seconds: float, deed: Callable[[], None]) -> threading.Thread:
    """Do something after so long."""
    signal, due = clock.signal(), clock.now() + seconds

    def wait() -> None:
        clock.wait(signal, due)
        deed()
        clock.leave()

    thread = threading.Thread(target=wait, daemon=True)
    clock.join()
    thread.start()
    return thread


MOMENTS: dict[str, Callable[[Studio, Playing], bool]] = {
    "with a full queue": lambda _, told: told.fill > 0.5,
    "in mid-song": lambda _, told: told.position.seconds > 4,
    "while draining": lambda studio, _: studio.sink.state is SinkState.DRAINING,
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
@pytest.mark.parametrize("profile", ["generic", "q6asm"])
def test_after_an_hour_a_song_goes_on_where_it_was(
    tmp_path: Path, profile: str, path: Path, moment: Callable[[Studio, Playing], bool]
) -> None:
    studio = Studio(profile=profile, ring=SMALL, render=tmp_path / "render.wav")
    player, events = studio.player(0.1), list[Event]()
    for event in player.play(str(path)):
        events.append(event)
        if isinstance(event, Playing) and moment(studio, event) and not any(isinstance(one, Paused) for one in events):
            player.controls.pause()
        if isinstance(event, Paused):
            waits = later(studio.clock, HOUR, player.controls.resume)
    waits.join()
    assert [type(event) for event in events if isinstance(event, Paused | Suspended | Resumed)] == [
        Paused,
        Suspended,
        Resumed,
    ]
    [paused] = [event.position.seconds for event in events if isinstance(event, Paused)]
    [resumed] = [event.position.seconds for event in events if isinstance(event, Resumed)]
    assert resumed == paused
    [summary] = [event for event in events if isinstance(event, Summary)]
    assert studio.clock.now() == pytest.approx(HOUR + summary.seconds, abs=0.3)
    if profile == "generic":  # q6asm begins anew with the encoded frame that holds the place
        assert alike(heard(tmp_path / "render.wav"), song(str(path)))
