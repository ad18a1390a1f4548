"""The player on a daemon's bus: the same events, bytes and sound as with a bus of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.model.events import Drained, Event, Negotiated, Playing, Started, Summary
from tests.client.studio import AAC, DEMO_FLAC, DEMO_MP3, Studio
from tests.daemon.dsp_bus import DspBus, song_at


def play(bus: DspBus, path: Path, report_every: float | None = None, *, decode: bool = False) -> list[Event]:
    with bus.remote("player") as remote:
        return list(Player(RemoteBus(remote, decode=decode), DecodedFile, report_every).play(str(path)))


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_a_file_reaches_the_dsp_byte_for_byte(tmp_path: Path, profile: str, path: Path) -> None:
    with DspBus(tmp_path, profile=profile) as bus:
        events = play(bus, path)
        assert bus.tapped() == song_at(path)[1]
    alone = list(Studio(profile=profile).play(path))
    first, last = events[0], events[-1]
    mine, other = alone[0], alone[-1]
    assert isinstance(first, Negotiated)
    assert isinstance(mine, Negotiated)
    assert isinstance(last, Summary)
    assert isinstance(other, Summary)
    assert (first.mode, first.format, first.duration) == (mine.mode, mine.format, mine.duration)
    assert "undecoded" in first.reason
    assert [type(event) for event in events][:3] == [Negotiated, Started, Playing]
    assert [type(event) for event in events][-2:] == [Drained, Summary]
    assert (last.seconds, last.mode) == (other.seconds, other.mode)
    assert last.counters.replace(wakeups=0) == other.counters.replace(wakeups=0)
    assert events[1] == alone[1]


def test_one_file_after_another_has_the_dsp(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        player = Player(RemoteBus(remote), DecodedFile)
        for path in (DEMO_MP3, DEMO_FLAC, DEMO_MP3):
            first = next(iter(list(player.play(str(path)))))
            assert isinstance(first, Negotiated)
            assert first.mode == "offload", first.reason
        assert bus.tapped() == b"".join(song_at(path)[1] for path in (DEMO_MP3, DEMO_FLAC, DEMO_MP3))


def test_what_no_dsp_knows_is_decoded(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus:
        first = play(bus, AAC)[0]
        assert isinstance(first, Negotiated)
        assert (first.mode, first.sink) == ("pcm", "null")
        assert "sent decoded" in first.reason
