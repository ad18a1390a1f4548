"""Songs that play decoded because the bus's DSP was taken or away: they go back to it in mid-song.

The DSP's time is turned by hand; what is decoded sounds in real time, for less than the song is long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.daemon import encoded_returns
from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.events import Event, Moved, Negotiated, Paused, Playing, Started, Summary, TrackChanged
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Named
from tests.client.studio import MEDIA
from tests.daemon.dsp_bus import FLAC, PCM, DspBus, Encoded, song_at
from tests.session.governing import Governing

SHORT = MEDIA / "flac-16-stereo.flac"
"""Half a second."""
SMALL = RingRequest(32 * 1024, 4)


@pytest.fixture
def governing(bus: DspBus, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Lets a session manager govern the bus by a policy."""
    managers = []

    def govern(policy: str) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(policy)
        managers.append(Governing(bus.remote("session"), path))

    yield govern
    for manager in managers:
        manager.end()


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DspBus:
    monkeypatch.setattr(encoded_returns, "RETURN_AFTER", 0.02)
    return DspBus(tmp_path, clock=ManualClock, request=SMALL, longest=20_000)


def play(bus: DspBus, files: list[Path], on_start: Callable[[Event], None]) -> list[Event]:
    """Play files, and do something at each of their positions and beginnings."""
    found = []
    with bus.remote("player") as remote:
        for event in Player(RemoteBus(remote), DecodedFile, 0.02).play_all([str(file) for file in files]):
            found.append(event)
            on_start(event)
            if isinstance(event, Playing):
                bus.advance(0.5)
    return found


def away(bus: DspBus) -> None:
    """Take the DSP's card out, and let what plays there find that it does not come back."""
    bus.dsp.faults.unplug()
    bus.advance(2)


def back(bus: DspBus) -> None:
    """Put it in again, as udev has it done."""
    bus.dsp.faults.plug()
    bus.call(bus.node.try_again)


def moves(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.mode, event.reason) for event in events if isinstance(event, Moved)]


def check_order(events: list[Event]) -> None:
    """Positions never go back, and a song ends where it should."""
    seconds = [event.position.seconds for event in events if isinstance(event, Playing)]
    assert seconds == sorted(seconds)
    first, last = next(event for event in events if isinstance(event, Negotiated)), events[-1]
    assert isinstance(last, Summary)
    assert (last.seconds, last.mode) == (first.duration, "offload")


def test_a_song_that_found_the_dsp_taken_goes_there_when_it_is_free(bus: DspBus) -> None:
    with bus, bus.remote("first") as first:
        owner = Encoded(first, song_at(SHORT)[0], PCM)

        def leave(event: Event) -> None:
            stream = bus.node.stream
            is_time = isinstance(event, Playing) and event.position.seconds > 0.1
            if is_time and stream is not None and stream.serial == owner.serial:
                first.ask("destroy", Named(owner.serial))

        events = play(bus, [FLAC], leave)
        begun = events[0]
        assert isinstance(begun, Negotiated)
        assert begun.mode == "pcm"
        assert moves(events) == [("offload", "dsp is free again")]
        check_order(events)
        data = song_at(FLAC)[1]
        back = next(event for event in events if isinstance(event, Moved)).position.seconds
        encoded = open_encoded(str(FLAC))
        assert encoded is not None
        entry = encoded.index.byte_at(round(back * 44_100))
        encoded.close()
        assert bus.tapped()[42:] == data[entry:]  # behind a header, from the frame on that was to be heard


def test_a_song_whose_card_was_away_goes_back_to_it(bus: DspBus) -> None:
    def pull(event: Event) -> None:
        if isinstance(event, Started):
            away(bus)
        if isinstance(event, Moved) and event.mode == "pcm":
            back(bus)

    with bus:
        events = play(bus, [FLAC], pull)
        assert [mode for mode, _ in moves(events)] == ["pcm", "offload"]
        check_order(events)


def test_an_album_goes_on_without_a_gap_where_its_first_file_came_back(bus: DspBus) -> None:
    started = []

    def pull(event: Event) -> None:
        if isinstance(event, Started):
            started.append(event.file)
            if len(started) == 1:
                away(bus)
        if isinstance(event, Moved) and event.mode == "pcm":
            back(bus)

    with bus:
        events = play(bus, [FLAC, FLAC], pull)
        assert [mode for mode, _ in moves(events)] == ["pcm", "offload"]
        assert [event.gapless for event in events if isinstance(event, TrackChanged)] == [True]


def test_what_is_offered_to_a_player_that_has_ended_is_given_back(bus: DspBus) -> None:
    with bus, bus.remote("first") as first, bus.remote("player") as remote:
        owner = Encoded(first, song_at(SHORT)[0], PCM)
        player = Player(RemoteBus(remote), DecodedFile, 0.02)
        for event in player.play(str(SHORT)):
            if isinstance(event, Playing) and event.position.seconds > 0.05:
                first.ask("destroy", Named(owner.serial))
                break
        for _ in range(3):
            remote.ask("sync")
        assert bus.call(lambda: bus.node.stream is None)


def test_a_song_that_is_paused_does_not_take_the_dsp(bus: DspBus) -> None:
    with bus, bus.remote("first") as first, bus.remote("player") as remote:
        owner = Encoded(first, song_at(SHORT)[0], PCM)
        player = Player(RemoteBus(remote), DecodedFile, 0.02)
        events, asked = [], 0
        for event in player.play(str(FLAC)):
            events.append(event)
            if isinstance(event, Playing):
                bus.advance(0.5)
            if isinstance(event, Playing) and event.position.seconds > 0.1 and not asked:
                asked = 1
                player.controls.pause()
                first.ask("destroy", Named(owner.serial))
                player.controls.resume()
        assert moves(events) == [("offload", "dsp is free again")]
        check_order(events)


def test_a_song_that_lost_its_dsp_while_it_was_paused_can_be_resumed(bus: DspBus) -> None:
    is_asked = False
    with bus, bus.remote("player") as remote:
        player = Player(RemoteBus(remote), DecodedFile, 0.02)
        events = []
        for event in player.play(str(SHORT)):
            events.append(event)
            if isinstance(event, Playing):
                bus.advance(0.1)
            if isinstance(event, Playing) and event.position.seconds > 0.1 and not is_asked:
                is_asked = True
                player.controls.pause()
            if isinstance(event, Paused):
                bus.dsp.faults.unplug()
                bus.call(bus.node.look_at_device)
                bus.advance(2)
                player.controls.resume()
        assert [mode for mode, _ in moves(events)] == ["pcm"]
        assert isinstance(event, Summary)
        assert event.mode == "pcm"


ROLES = "roles: {music: {priority: 10}, alert: {priority: 50}}\n"


def test_the_session_manager_takes_a_song_back_to_the_dsp_that_is_free(
    bus: DspBus, governing: Callable[[str], None]
) -> None:
    with bus, bus.remote("first") as first:
        governing(ROLES)
        owner = Encoded(first, song_at(SHORT)[0], PCM)

        def leave(event: Event) -> None:
            if isinstance(event, Playing) and event.position.seconds > 0.1 and is_there(bus, owner):
                first.ask("destroy", Named(owner.serial))

        events = play(bus, [FLAC], leave)
        (told,) = moves(events)
        assert told == ("offload", "it plays flac/44100/2 undecoded")
        check_order(events)


def test_a_song_that_an_alert_sent_away_goes_back_behind_it(bus: DspBus, governing: Callable[[str], None]) -> None:
    alerts: list[Encoded] = []
    with bus, bus.remote("alert") as other:
        governing(ROLES)

        def call(event: Event) -> None:
            if isinstance(event, Started):
                alerts.append(Encoded(other, song_at(SHORT)[0], PCM, properties={"media.role": "alert"}))
            if isinstance(event, Moved) and event.mode == "pcm":
                other.ask("destroy", Named(alerts[0].serial))

        events = play(bus, [FLAC], call)
        assert [mode for mode, _ in moves(events)] == ["pcm", "offload"]
        check_order(events)


@pytest.mark.parametrize("policy", ["", "settings: {encoded.return: off}"])
def test_a_song_that_plays_decoded_asks_for_nothing(bus: DspBus, governing: Callable[[str], None], policy: str) -> None:
    with bus, bus.remote("first") as first:
        governing(policy)
        owner = Encoded(first, song_at(SHORT)[0], PCM)
        last = bus.call(bus.bus.registry.new_serial)
        events = play(bus, [SHORT], lambda _: None)
        assert not moves(events)
        made = 3
        """The player, its stream, and what of the bus names those; a question for a DSP would have made streams."""
        assert is_there(bus, owner)
        assert bus.call(bus.bus.registry.new_serial) - last <= 2 * made


def is_there(bus: DspBus, stream: Encoded) -> bool:
    """Tell whether a stream has the DSP."""
    return bool(bus.call(lambda: bus.node.stream is not None and bus.node.stream.serial == stream.serial))


@pytest.mark.parametrize("is_governed", [False, True])
def test_a_song_at_another_rate_than_the_sink_s_plays_there_converted_and_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_governed: bool
) -> None:
    monkeypatch.setattr(encoded_returns, "RETURN_AFTER", 0.02)
    bus = DspBus(tmp_path, clock=ManualClock, request=SMALL, longest=20_000, rate=48_000)

    def break_off(event: Event) -> None:
        if isinstance(event, Started):
            away(bus)
        if isinstance(event, Moved) and event.mode == "pcm":
            assert str(event.format) == "s16/44100/2"
            back(bus)

    with bus:
        manager = None
        if is_governed:
            (tmp_path / "policy.yaml").write_text(ROLES)
            manager = Governing(bus.remote("session"), tmp_path / "policy.yaml")
        events = play(bus, [FLAC], break_off)
        if manager is not None:
            manager.end()
        assert [mode for mode, _ in moves(events)] == ["pcm", "offload"]
        check_order(events)
