"""Programs and a real daemon: streams that play, record, seek, start together, and what time it is in them."""

import json
from collections.abc import Iterator

import pytest

from pyaudiobus.client.commands import (
    clear_metadata,
    destroy,
    get,
    permissions,
    play_sample,
    profile,
    remove_sample,
    set_default_sink,
    set_mute,
    set_properties,
    set_volume,
)
from pyaudiobus.client.mirror import follow, look
from pyaudiobus.client.playback import PlaybackStream, Seek, StreamKilled, play
from pyaudiobus.client.record import RecordStream, record
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.together import SyncGroup
from pyaudiobus.client.uploading import upload
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.model.snapshot import PLAYBACK, SINK, Snapshot
from pyaudiobus.protocol.messages import Code
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes
from tests.client.live_bus import LiveBus

FORM = PcmFormat(Encoding.S16, 48_000, 2)
FRAME = 4


def noise(frames: int, seed: int = 1) -> bytes:
    return bytes((number * 31 + seed * 7 + number // 251) % 255 + 1 for number in range(frames * FRAME))


def heard(ear: RecordStream, sound: bytes) -> bytes:
    """Read until a whole sound has come, and return it from its first byte on."""
    got = b""
    while (start := got.find(sound[:64])) < 0 or len(got) - start < len(sound):
        got += ear.read()
    return got[start : start + len(sound)]


@pytest.fixture
def stream(remote: Remote) -> Iterator[PlaybackStream]:
    with play(remote, FORM, "song", attributes=Attributes(tlength=19_200)) as playing:
        yield playing


def test_what_is_written_is_heard_bit_by_bit(remote: Remote, stream: PlaybackStream) -> None:
    sound = noise(12_000)
    with record(remote, FORM, "ear", str(stream.serial), attributes=Attributes(fragsize=3840)) as ear:
        stream.write(sound)
        stream.drain()
        assert heard(ear, sound) == sound


def test_who_joins_a_group_begins_where_it_reads_and_is_flushed_with_it(remote: Remote) -> None:
    with SyncGroup(remote) as group:
        first = group.play(FORM, "first", attributes=Attributes(tlength=19_200))
        first.write(noise(4800))
        group.start()
        group.drain()
        group.stop()
        second = group.play(FORM, "second", attributes=Attributes(tlength=19_200))
        assert (first.queue.taken, second.queue.taken, second.queue.index) == (19_200,) * 3
        for stream in (first, second):
            stream.write(noise(2400))
        first.flush()
        assert (first.queue.queued(), second.queue.queued()) == (0, 0)
        for stream in (first, second):
            stream.write(noise(2400, 2))
        group.start()
        group.drain()
        assert (first.queue.taken, second.queue.taken) == (28_800, 28_800)


def test_time_stands_where_the_sound_ended_and_never_goes_back(stream: PlaybackStream) -> None:
    assert stream.time() == 0
    stream.write(noise(9600))
    seen = [stream.time() for _ in range(200)]
    stream.drain()
    assert seen == sorted(seen)
    assert stream.time() == 200_000
    assert stream.latency() == 0


def test_a_corked_stream_keeps_what_it_has_and_its_time(remote: Remote) -> None:
    with play(remote, FORM, "held", corked=True, attributes=Attributes(tlength=19_200, prebuf=0)) as stream:
        stream.write(noise(100))
        remote.ask("sync")
        assert stream.queue.queued() == 400
        assert stream.time() == 0
        assert stream.latency() == 100 * 1_000_000 // 48_000
        stream.uncork()
        stream.drain()
        assert stream.queue.queued() <= 0


def test_a_seek_changes_what_was_not_heard_yet(remote: Remote) -> None:
    sound, other = noise(4000), noise(1000, seed=5)
    with (
        play(remote, FORM, "held", corked=True, attributes=Attributes(tlength=40_000)) as stream,
        record(remote, FORM, "ear", str(stream.serial)) as ear,
    ):
        stream.write(sound)
        assert stream.write_at(other, 1000 * FRAME, Seek.ABSOLUTE)
        assert stream.write_at(b"", 0, Seek.RELATIVE_END)
        assert stream.queue.index == 16_000
        stream.uncork()
        stream.drain()
        expected = sound[: 1000 * FRAME] + other + sound[2000 * FRAME :]
        assert heard(ear, expected) == expected


def test_what_is_no_whole_frame_is_refused_and_nothing_is_written(stream: PlaybackStream) -> None:
    for broken in (lambda: stream.write(b"123"), lambda: stream.write_at(b"1234", 2), lambda: stream.write_at(b"1", 0)):
        with pytest.raises(UserError, match="no whole number of frames"):
            broken()
    assert stream.queue.index == 0


def test_flush_drops_what_waits(remote: Remote) -> None:
    with play(remote, FORM, "held", corked=True, attributes=Attributes(tlength=40_000)) as stream:
        stream.write(noise(4000))
        stream.flush()
        assert stream.queue.queued() == 0
        assert stream.wait_writable(0) == stream.attributes.tlength


def test_attributes_can_be_asked_for_again(stream: PlaybackStream) -> None:
    stream.set_attributes(Attributes(tlength=9600, minreq=960))
    assert stream.attributes.minreq == 960
    assert stream.queue.minreq == 960
    assert stream.wait_writable(0) == stream.attributes.tlength


def test_waiting_ends_with_the_time(remote: Remote) -> None:
    with play(remote, FORM, "held", corked=True, attributes=Attributes(tlength=19_200)) as stream:
        stream.write(bytes(stream.writable()))
        assert stream.wait_writable(0) == 0
        assert stream.wait_writable(0.01) == 0
    with record(remote, FORM, "ear", "other", corked=True) as ear:
        assert ear.wait_readable(0.01) == 0
        assert ear.readable() == 0


def test_somebody_else_ends_a_stream(bus: LiveBus, remote: Remote, stream: PlaybackStream) -> None:
    with Remote("other", bus.path) as other:
        other.do(destroy(stream.serial))
    with pytest.raises(StreamKilled, match="ended by another"):
        stream.write(noise(48_000))
    with pytest.raises(StreamKilled):
        stream.drain()
    stream.close()
    remote.ask("sync")


def test_streams_of_a_group_start_on_the_same_frame(remote: Remote) -> None:
    form = PcmFormat(Encoding.S16, 48_000, 1)
    with SyncGroup(remote) as group, record(remote, FORM, "ear", "other", attributes=Attributes(fragsize=4800)) as ear:
        for value in (100, 1000, 10_000):
            stream = group.play(form, f"voice {value}", target="other", attributes=Attributes(tlength=9600))
            stream.write(value.to_bytes(2, "little") * 960)
        group.start()
        group.drain()
        both = (11_100).to_bytes(2, "little") * 2
        got = heard(ear, both * 960)
        assert got == both * 960


def test_a_group_without_streams_cannot_start(remote: Remote) -> None:
    with pytest.raises(UserError, match="without streams"):
        SyncGroup(remote).start()


def test_a_microphone_can_be_read_in_pieces_and_looked_at(remote: Remote) -> None:
    form = PcmFormat(Encoding.S16, 48_000, 1)
    with record(remote, form, "ear", "mic", attributes=Attributes(fragsize=960)) as ear:
        assert ear.format == form.replace(channel_map=("MONO",))
        assert len(ear.read(4801)) == 4800
        ear.wait_readable()
        piece = ear.peek()
        assert 0 < len(piece) <= 960
        assert piece.readonly
        first = ear.timing()
        ear.drop()
        with pytest.raises(UserError, match="cannot be dropped"):
            ear.drop(1 << 30)
        with pytest.raises(UserError, match="cannot be dropped"):
            ear.drop(1)
        assert first is not None
        assert ear.time() >= first.read_index // 2 * 1_000_000 // 48_000
        assert ear.latency() >= 0
        ear.cork()
        ear.flush()
        assert ear.readable() == 0


def test_a_recording_that_somebody_ended_is_read_to_its_end(bus: LiveBus, remote: Remote) -> None:
    with record(remote, FORM.replace(channels=1), "ear", "mic", attributes=Attributes(fragsize=3840)) as ear:
        ear.wait_readable()
        with Remote("other", bus.path) as other:
            other.do(destroy(ear.serial))
        pieces = list(ear)
        assert sum(map(len, pieces)) > 0
        with pytest.raises(StreamKilled):
            ear.read()


def test_a_sample_is_uploaded_played_and_forgotten(remote: Remote) -> None:
    mirror = follow(remote)
    sound = noise(480)
    upload(remote, FORM, "bell", sound)
    remote.ask("sync")
    assert [sample.facts["bytes"] for sample in mirror.snapshot().of_kind("sample")] == [len(sound)]
    with record(remote, FORM, "ear", "other", attributes=Attributes(fragsize=3840)) as ear:
        remote.do(play_sample("bell", "other"))
        assert heard(ear, sound) == sound
    remote.do(remove_sample("bell"))
    remote.ask("sync")
    assert not mirror.snapshot().of_kind("sample")
    with pytest.raises(Refused) as caught:
        remote.do(play_sample("bell"))
    assert caught.value.code is Code.NOT_FOUND
    with pytest.raises(Refused):
        upload(remote, FORM, "bell", b"")


def test_a_mirror_shows_what_there_is_and_what_changes(bus: LiveBus, remote: Remote) -> None:
    mirror = follow(remote)
    before = mirror.snapshot()
    assert [sink.name for sink in before.nodes(SINK)] == ["null", "other", "slow"]
    assert before is mirror.snapshot()
    mirror.changes()

    with Remote("other", bus.path) as other, play(other, FORM, "song", target="other", corked=True) as stream:
        other.do(set_properties(stream.serial, {"media.title": "x"}))
        other.do(set_volume(stream.serial, 0.5))
        other.do(set_mute(stream.serial))
        other.do(set_default_sink("other"))
        remote.ask("sync")
        now = mirror.snapshot()
        node = now.find(stream.serial)
        assert node is not None
        assert node.media_class == PLAYBACK
        assert (node.properties["media.title"], node.facts["volume"], node.facts["muted"]) == ("x", "0.5", True)
        assert now.default_sink is now.find("other")
        (link,) = now.links_from(stream.serial)
        assert now.items[link.number("input")].name == "other"
        assert link in now.links_into(link.number("input"))
        assert [port.facts["direction"] for port in now.ports_of(stream.serial)] == ["output"]
        assert now.find("song") is node
        assert node in now.owned_by(other.welcome.client)
        assert before.find("song") is None
        with pytest.raises(TypeError):
            now.items[1] = node  # type: ignore[index]

    remote.do(set_default_sink("null"))
    remote.do(clear_metadata(remote.welcome.client))
    remote.ask("sync")
    assert mirror.snapshot().find("song") is None
    gone = {getattr(change.before, "name", "") for change in mirror.changes() if change.after is None}
    assert {"song", "song:output"} <= gone


def test_a_snapshot_survives_json(remote: Remote) -> None:
    now = look(remote)
    assert Snapshot.from_words(json.loads(json.dumps(now.as_words()))).as_words() == now.as_words()
    assert now.find("tester", "client") is now.items[remote.welcome.client]


def test_small_requests_are_values(remote: Remote) -> None:
    sink = next(node.serial for node in look(remote).nodes(SINK) if node.name == "null")
    assert remote.do(get(sink)).name == "null"
    assert remote.do(permissions(remote.welcome.client)).permissions is not None
    assert len(remote.do(profile(sink, 3)).cycles) <= 3
