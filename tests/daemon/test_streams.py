"""Streams through a running daemon: made, moved, linked, held, recorded, ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyaudiobus.client.happenings import close_all
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import (
    Cork,
    CreateLink,
    CreateStream,
    Move,
    Moved,
    Named,
    SetAttributes,
    Subscribe,
    Suspended,
)
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, MetadataEntry, PcmShape
from tests.daemon.bench import S16, Daemon, Observer, Player, Recorder, attributes, noise


@pytest.fixture
def observer(shared: Daemon) -> Iterator[Observer]:
    with shared.remote("observer") as made:
        yield Observer(made)


def own(remote: Remote, name: str) -> list[object]:
    return [one.body for one in remote.happenings() if one.name == name]


def test_what_a_stream_plays_is_heard_to_the_byte(remote: Remote) -> None:
    player = Player(remote, attributes=attributes(100))
    recorder = Recorder(remote, str(player.serial), attributes=Attributes(fragsize=9600))
    sound = noise(9600)
    player.write(sound)
    remote.ask("drain", Named(player.serial))
    assert recorder.read_sound(len(sound)) == sound


def test_a_monitor_hears_the_sum_of_what_plays(remote: Remote) -> None:
    one, two = (Player(remote, target="first", attributes=attributes(50), corked=True, sync_group=7) for _ in range(2))
    recorder = Recorder(remote, "first.monitor", attributes=Attributes(fragsize=4800))
    sound = PcmShape("s16", 48_000, 2)
    assert (one.created.shape, two.created.shape) == (sound, sound)
    for player in (one, two):
        player.write(b"\x10\x00\x20\x00" * 4800)
    remote.ask("cork", Cork(one.serial, corked=False))
    assert recorder.read_sound(4800 * 4) == b"\x20\x00\x40\x00" * 4800
    for player in (one, two):
        remote.ask("destroy", Named(player.serial))


def test_a_corked_recording_hears_nothing(remote: Remote) -> None:
    recorder = Recorder(remote, "tone", attributes=Attributes(fragsize=960))
    recorder.read(9600)
    remote.ask("cork", Cork(recorder.serial, corked=True))
    remote.ask("sync")
    held = recorder.ring.look().stored
    with Recorder(remote, "tone", attributes=Attributes(fragsize=960)).ring as other:
        while other.look().stored < 48_000:
            if not other.want_data(48_000):
                remote.wait([other.fileno()])
                other.acknowledge()
    assert recorder.ring.look().stored == held
    remote.ask("cork", Cork(recorder.serial, corked=False))
    recorder.read(held + 9600)


def test_a_stream_moves_from_the_very_byte_where_it_was(remote: Remote) -> None:
    player = Player(remote, target="first", attributes=attributes(200))
    recorder = Recorder(remote, str(player.serial), attributes=Attributes(fragsize=960))
    sound = noise(19_200)
    player.write(sound)
    start = recorder.read_sound(4800)
    remote.ask("move", Move(player.serial, "second"))
    rest = recorder.read(len(sound) - 4800)
    assert start + rest == sound
    moved = own(remote, "moved")
    assert ("second", player.serial) in [(one.device_name, one.serial) for one in moved if isinstance(one, Moved)]


def test_streams_follow_the_default_but_for_those_that_were_placed(remote: Remote, observer: Observer) -> None:
    follower = Player(remote, "follower")
    placed = Player(remote, "placed", target="first")
    fixed = Player(remote, "fixed", dont_move=True)
    remote.ask("set-metadata", MetadataEntry(0, "default.audio.sink", "string", "second"))
    remote.ask("sync")
    observer.sync()
    links = {one.facts["output"]: one.facts["input"] for one in observer.objects.values() if one.kind == "link"}
    first, second = observer.named("first"), observer.named("second")
    assert first is not None
    assert second is not None
    assert links[follower.serial] == second.serial
    assert links[placed.serial] == links[fixed.serial] == first.serial
    remote.ask("set-metadata", MetadataEntry(placed.serial, "target.object", "string", "second"))
    remote.ask("set-metadata", MetadataEntry(0, "default.audio.sink", "string", "first"))
    remote.ask("sync")
    assert [one.device_name for one in own(remote, "moved") if isinstance(one, Moved)] == ["second", "second", "first"]


def test_a_stream_without_link_waits_and_plays_on_when_it_is_linked(remote: Remote, observer: Observer) -> None:
    player = Player(remote, "lonely", target="first", attributes=attributes(50))
    observer.sync()
    link = next(one for one in observer.objects.values() if one.kind == "link" and one.facts["output"] == player.serial)
    second = observer.named("second")
    assert second is not None
    remote.ask("destroy", Named(link.serial))
    observer.sync()
    lonely = observer.named("lonely")
    assert lonely is not None
    assert lonely.state == "unlinked"
    assert own(remote, "suspended") == [Suspended(player.serial, suspended=True)]
    sound = noise(4800)
    player.write(sound)
    with pytest.raises(AudiobusError, match="linked to no sink"):
        remote.ask("drain", Named(player.serial))
    remote.ask("create-link", CreateLink(player.serial, second.serial))
    remote.ask("drain", Named(player.serial))
    assert own(remote, "moved")


def test_a_link_of_a_client_goes_with_it_and_the_stream_goes_home(shared: Daemon, remote: Remote) -> None:
    player = Player(remote, "visitor")
    with shared.remote("linker") as linker:
        seen = Observer(linker)
        second = seen.named("second")
        assert second is not None
        linker.ask("create-link", CreateLink(player.serial, second.serial))
        linker.ask("sync")
    remote.wait()
    while "moved" not in [one.name for one in remote.happenings()]:
        remote.wait(timeout=30)


def test_a_monitor_can_be_linked_to_a_recording(remote: Remote, observer: Observer) -> None:
    recorder = Recorder(remote, "tone", "linked", attributes=Attributes(fragsize=960))
    first = observer.named("first")
    assert first is not None
    remote.ask("create-link", CreateLink(first.serial, recorder.serial))
    remote.ask("sync")
    player = Player(remote, target="first", attributes=attributes(50))
    sound = noise(4800)
    player.write(sound)
    while (frame := recorder.read(4)) != sound[:4]:
        assert frame
    assert recorder.read(len(sound) - 4) == sound[4:]


def test_who_hears_a_stream_ends_with_it(remote: Remote) -> None:
    player = Player(remote, "mortal")
    recorder = Recorder(remote, str(player.serial))
    remote.ask("destroy", Named(player.serial))
    assert [one.serial for one in own(remote, "killed")] == [recorder.serial]  # type: ignore[attr-defined]


def test_a_stream_that_wants_to_be_alone_is_alone(remote: Remote) -> None:
    alone = Player(remote, "alone", target="second", exclusive=True)
    with pytest.raises(Refused) as refused:
        Player(remote, target="second")
    assert refused.value.code.value == "busy"
    with pytest.raises(Refused) as refused:
        remote.ask("move", Move(Player(remote, target="first").serial, "second"))
    assert refused.value.code.value == "busy"
    remote.ask("destroy", Named(alone.serial))
    remote.ask("destroy", Named(Player(remote, target="second").serial))


def test_an_exclusive_stream_finds_no_place_among_others(remote: Remote) -> None:
    other = Player(remote, target="second")
    with pytest.raises(Refused) as refused:
        Player(remote, target="second", exclusive=True)
    assert refused.value.code.value == "busy"
    remote.ask("destroy", Named(other.serial))


def test_a_stream_that_asked_for_a_short_queue_may_ask_for_the_longest_later(remote: Remote) -> None:
    player = Player(remote, attributes=Attributes(maxlength=4800, tlength=4800), corked=True)
    assert player.created.attributes.maxlength == 4800
    longest = remote.ask("set-attributes", SetAttributes(player.serial, Attributes())).attributes
    assert (longest.maxlength, longest.tlength) == (4 << 20, 384_000)
    recorder = Recorder(remote, str(player.serial), attributes=Attributes(fragsize=960))
    sound = noise(4800) + bytes(longest.maxlength - 19_200)
    player.write(sound)
    remote.ask("cork", Cork(player.serial, corked=False))
    assert recorder.read_sound(19_200) == sound[:19_200]


def test_every_drain_is_answered(remote: Remote) -> None:
    player = Player(remote, attributes=attributes(50))
    player.write(noise(2400))
    answers: list[object] = []
    for _ in range(3):
        remote.ask_later("drain", Named(player.serial), answers.append)
    while len(answers) < 3:
        remote.wait()
    remote.ask_later("drain", Named(player.serial), answers.append)
    while len(answers) < 4:
        remote.wait()
    assert not any(isinstance(answer, Exception) for answer in answers)


def test_a_drain_of_a_stream_that_is_destroyed_is_refused(remote: Remote) -> None:
    player = Player(remote, attributes=attributes(500))
    player.write(noise(9600))
    answers: list[object] = []
    remote.ask("cork", Cork(player.serial, corked=True))
    remote.ask_later("drain", Named(player.serial), answers.append)
    remote.ask("destroy", Named(player.serial))
    assert isinstance(answers[0], Refused)
    assert answers[0].code.value == "not found"


@pytest.mark.parametrize("encoding", ["u8", "s16", "s24", "s24_32", "s32", "f32"])
def test_every_encoding_can_be_played(remote: Remote, encoding: str) -> None:
    player = Player(remote, shape=PcmShape(encoding, 48_000, 1))
    assert player.created.shape.encoding == encoding


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ((), "offers no shape"),
        ((PcmShape("s17", 48_000, 2),), "no sink plays"),
        ((PcmShape("s16", 44_100, 2),), "no sink plays"),
        ((PcmShape("s16", 48_000, 9),), "no sink plays"),
        ((PcmShape("s16", 48_000, 2, ("FL",)),), "channel map"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(
    remote: Remote, shapes: tuple[PcmShape, ...], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        remote.ask("create-stream", CreateStream("playback", "x", shapes))
    assert refused.value.code.value == "invalid"


def test_a_client_has_so_many_streams_and_no_more(shared: Daemon) -> None:
    with shared.remote() as remote:
        for _ in range(64):
            _, descriptors = remote.ask_with_descriptors("create-stream", CreateStream("playback", "x", (S16,)))
            assert len(descriptors) == 4
            close_all(descriptors)
        with pytest.raises(Refused) as refused:
            Player(remote)
        assert refused.value.code.value == "limit"


def test_who_drains_does_not_wait_for_the_others_of_its_group(remote: Remote) -> None:
    one, two = (Player(remote, attributes=attributes(100), corked=True, sync_group=3) for _ in range(2))
    remote.ask("cork", Cork(one.serial, corked=False))
    for player in (one, two):
        player.write(noise(480))
    for player in (one, two):
        remote.ask("drain", Named(player.serial))


def test_a_second_subscription_tells_of_everything_again(remote: Remote) -> None:
    remote.ask("subscribe", Subscribe(("node",)))
    first = [one.body.serial for one in remote.happenings() if one.name == "object-added"]
    remote.ask("subscribe", Subscribe(("node",)))
    assert [one.body.serial for one in remote.happenings() if one.name == "object-added"] == first
