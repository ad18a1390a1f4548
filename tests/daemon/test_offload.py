"""Encoded streams through a bus to a DSP: which bytes arrive, who gets it, and what happens when something fails.

Past 300 lines because the rules are many and short, and share one stage.
"""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyaudiobus.client.commands import set_default_sink
from pyaudiobus.client.remote import Remote
from pyaudiobus.devices.clock import MonotonicClock
from pyaudiobus.engine.ring import CORKED
from pyaudiobus.errors import PeerError
from pyaudiobus.model.daemon_settings import DaemonSettings, SecondEncoded
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Code, Cork, CreateStream, Named, SetVolume, Subscribe
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import EncodedShape
from tests.daemon.dsp_bus import FLAC, MP3, PATIENCE, PCM, DspBus, Encoded, song_at

SMALL = RingRequest(32 * 1024, 4)


def free(bus: DspBus) -> bool:
    """Whether nobody has the DSP."""
    return bool(bus.call(lambda: bus.node.stream is None))


@pytest.mark.parametrize("path", [MP3, FLAC], ids=lambda path: path.suffix)
@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_the_dsp_consumes_what_the_ring_brought_and_nothing_else(tmp_path: Path, profile: str, path: Path) -> None:
    shape, data = song_at(path)
    with DspBus(tmp_path, profile=profile) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        assert stream.created.device_name == "dsp"
        stream.write(data)
        stream.end()
        stream.await_event("started")
        assert stream.await_event("ended").index == len(data)
        assert bus.tapped() == data


def test_bytes_that_come_in_small_pieces_arrive_all_the_same(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    dice = random.Random(5)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        at = 0
        while at < len(data):
            size = min(dice.randrange(1, 9000), len(data) - at)
            stream.write(data[at : at + size])
            at += size
        stream.end()
        stream.await_event("ended")
        assert bus.tapped() == data


def test_a_ring_smaller_than_the_song_is_filled_again_and_again(tmp_path: Path) -> None:
    shape, data = song_at(FLAC)
    shape.bit_rate = 0
    with DspBus(tmp_path, profile="generic") as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        rest = data * 3
        while rest:
            piece = rest[: stream.ring.space()]
            stream.write(piece)
            rest = rest[len(piece) :]
            if rest and not stream.ring.want_space(stream.ring.written - stream.ring.capacity // 2):
                assert remote.wait([stream.ring.fileno()], PATIENCE)
                stream.ring.acknowledge()
        stream.end()
        assert stream.await_event("ended").index == 3 * len(data)
        assert bus.tapped() == data * 3


def test_drain_ends_a_stream_without_a_mark_and_more_may_follow(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        for _ in range(2):
            stream.write(data)
            remote.ask("drain", Named(stream.serial))
        remote.ask("drain", Named(stream.serial))
        assert bus.tapped() == data * 2


def test_a_corked_stream_is_not_heard_until_it_is_let_go(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, corked=True)
        stream.write(data)
        stream.end()
        remote.ask("sync")
        assert bus.tapped() == b""
        remote.ask("cork", Cork(stream.serial, False))
        stream.await_event("ended")
        assert bus.tapped() == data


def test_a_stream_is_held_and_goes_on(tmp_path: Path) -> None:
    shape, data = song_at(FLAC)
    with DspBus(tmp_path, profile="generic", clock=MonotonicClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        stream.write(data)
        stream.await_event("started")
        remote.ask("cork", Cork(stream.serial, True))
        timing = stream.ring.timing()
        assert timing is not None
        assert timing.flags == CORKED
        assert remote.ask("get", Named(stream.serial)).state == "corked"
        remote.ask("cork", Cork(stream.serial, False))
        timing = stream.ring.timing()
        assert timing is not None
        assert not timing.flags & CORKED


def test_flush_drops_what_the_device_has(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=MonotonicClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, corked=True)
        stream.write(data)
        stream.end()
        remote.ask("cork", Cork(stream.serial, False))
        stream.await_event("started")
        stream.ring.mark_end(None)
        stream.ring.space()
        stream.ring.publish(stream.ring.taken)
        remote.ask("flush", Named(stream.serial))
        stream.ring.space()
        stream.ring.publish(stream.ring.taken)
        assert remote.ask("get", Named(stream.serial)).state in ("paused", "running")
        stream.write(data[:8192])
        remote.ask("drain", Named(stream.serial))
        tapped = bus.tapped()
        assert tapped.endswith(data[:8192])
        assert len(tapped) < len(data)


def test_the_second_stream_plays_decoded_where_that_is_the_policy(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        first = Encoded(remote, shape, PCM)
        second = Encoded(remote, shape, PCM)
        assert second.created.device_name == "null"
        assert second.created.shape == PCM
        assert "plays song" in second.created.reason
        first.write(data)
        first.end()
        first.await_event("ended")
        assert bus.tapped() == data


def test_without_another_shape_the_second_is_refused(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        first = Encoded(remote, shape)
        with pytest.raises(Refused, match="no sink plays what the stream offers"):
            Encoded(remote, shape)
        remote.ask("destroy", Named(first.serial))
        assert Encoded(remote, shape).created.device_name == "dsp"


def test_the_second_stream_is_refused_where_that_is_the_policy(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    settings = DaemonSettings(second_encoded=SecondEncoded.REFUSE)
    with DspBus(tmp_path, settings=settings) as bus, bus.remote() as remote:
        first = Encoded(remote, shape, PCM)
        with pytest.raises(Refused) as refused:
            Encoded(remote, shape, PCM)
        assert refused.value.code is Code.BUSY
        assert f"dsp plays song ({first.serial})" in str(refused.value)


def test_those_who_wait_are_answered_in_their_order(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    settings = DaemonSettings(second_encoded=SecondEncoded.WAIT)
    with DspBus(tmp_path, settings=settings) as bus, bus.remote() as remote, bus.remote("leaver") as leaver:
        first = Encoded(remote, shape)
        answers: list[tuple[str, object]] = []
        wish = CreateStream("playback", "later", (shape, PCM))
        remote.ask_later("create-stream", wish, lambda body: answers.append(("second", body)))
        leaver.ask_later("create-stream", wish, lambda body: answers.append(("leaver", body)))
        leaver.ask("sync")
        remote.ask_later("create-stream", wish, lambda body: answers.append(("third", body)))
        remote.ask("sync")
        leaver.close()
        assert [name for name, body in answers if name != "leaver"] == []
        first.write(data)
        remote.ask("drain", Named(first.serial))
        remote.ask("destroy", Named(first.serial))
        for name in ("second", "third"):
            while answers[-1:] == [] or answers[-1][0] != name:
                assert remote.wait(timeout=PATIENCE)
            created = answers[-1][1]
            assert created.device_name == "dsp"  # type: ignore[attr-defined]
            assert "it waited for song" in created.reason or name == "third"  # type: ignore[attr-defined]
            remote.ask("destroy", Named(created.serial))  # type: ignore[attr-defined]
        assert free(bus)


def test_a_stream_that_waits_can_be_ended(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    settings = DaemonSettings(second_encoded=SecondEncoded.WAIT)
    with DspBus(tmp_path, settings=settings) as bus, bus.remote() as remote, bus.remote() as other:
        Encoded(remote, shape)
        answers: list[object] = []
        remote.ask_later("create-stream", CreateStream("playback", "w", (shape,)), answers.append)
        remote.ask("sync")
        waiting = bus.call(lambda: [found.serial for found in bus.bus.registry if found.state == "waiting"])
        assert len(waiting) == 1
        remote.ask("destroy", Named(waiting[0]))
        assert isinstance(answers[0], Refused)
        assert answers[0].code is Code.NOT_FOUND
        del other


def test_an_unplugged_device_lets_the_stream_go_on_decoded(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=MonotonicClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.await_event("started")
        bus.dsp.faults.unplug()
        stream.end()
        lost = stream.await_event("format-lost")
        assert lost.shape == PCM
        assert 0 <= lost.index <= len(data)
        assert remote.ask("get", Named(stream.serial)).facts["format"] == "s16/44100/2"


def test_without_another_shape_a_lost_device_ends_the_stream_with_the_reason(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=MonotonicClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        stream.write(data)
        stream.await_event("started")
        bus.dsp.faults.unplug()
        stream.end()
        assert "virtual:q6asm" in stream.await_event("killed").reason
        assert free(bus)


def test_a_device_that_cannot_be_opened_leaves_the_stream_decoded(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        bus.dsp.faults.unplug()
        stream = Encoded(remote, shape, PCM)
        assert stream.created.device_name == "null"
        assert "virtual:q6asm" in stream.created.reason
        with pytest.raises(Refused):
            Encoded(remote, shape, PCM, target="dsp")


def test_a_codec_that_the_dsp_does_not_know_is_refused_by_name(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        for codec in ("opus", "nonsense", ""):
            with pytest.raises(Refused) as refused:
                Encoded(remote, EncodedShape(codec, 44_100, 2))
            assert refused.value.code is Code.INVALID
        assert free(bus)


def test_an_encoded_stream_has_no_volume(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        with pytest.raises(Refused, match="no volume"):
            remote.ask("set-volume", SetVolume(stream.serial, (0.5,)))


def test_a_hostile_ring_costs_its_client_the_connection_and_nobody_else(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        bad = bus.remote("bad")
        stream = Encoded(bad, shape)
        stream.ring.publish(1 << 40)
        with pytest.raises(PeerError):
            stream.await_event("ended")
        bad.close()
        again = Encoded(remote, shape)
        again.write(data)
        again.end()
        again.await_event("ended")
        assert bus.tapped() == data


def test_an_end_that_lies_ahead_is_waited_for(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        stream.ring.mark_end(len(data))
        stream.write(data[:50_000])
        remote.ask("sync")
        stream.write(data[50_000:])
        assert stream.await_event("ended").index == len(data)
        assert bus.tapped() == data


def test_the_sink_is_an_object_that_can_be_seen(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        remote.ask("subscribe", Subscribe(("node", "port", "link")))
        remote.ask("sync")
        found = {event.body.name: event.body for event in remote.happenings() if event.name == "object-added"}
        assert found["dsp"].facts["stream"] == stream.serial
        assert found["dsp"].properties["media.class"] == "Audio/Sink"
        stream.write(bytes(shape.bit_rate // 8))
        facts = remote.ask("get", Named(stream.serial)).facts
        while "queued_seconds" not in facts:  # the thread that plays has not got the stream yet
            facts = remote.ask("get", Named(stream.serial)).facts
        assert facts["queued_seconds"] == pytest.approx(1, abs=0.01)
        assert "song -> dsp" in found


VICTIM = """
import sys
from pathlib import Path
from pyaudiobus.client.remote import Remote
from tests.daemon.dsp_bus import Encoded, song_at, MP3, PCM
remote = Remote("victim", sys.argv[1])
shape, data = song_at(MP3)
while True:
    stream = Encoded(remote, shape)
    print("made", flush=True)
    stream.write(data)
    print("stored", flush=True)
    stream.end()
    stream.await_event("ended")
    from pyaudiobus.protocol.messages import Named
    remote.ask("destroy", Named(stream.serial))
    stream.ring.close()
"""


def test_a_player_that_is_killed_leaves_the_dsp_to_the_next(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    dice = random.Random(7)
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root}/service/src"}
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        for _ in range(6):
            victim = subprocess.Popen(
                [sys.executable, "-c", VICTIM, bus.path], env=environment, stdout=subprocess.PIPE, text=True
            )
            assert victim.stdout is not None
            for _ in range(dice.randrange(1, 8)):
                victim.stdout.readline()
            victim.send_signal(signal.SIGKILL)
            victim.communicate()
            before = len(bus.tapped())
            stream = None
            while stream is None:
                try:
                    stream = Encoded(remote, shape)
                except Refused:  # the daemon has not heard of the death yet
                    remote.ask("sync")
            before = len(bus.tapped())
            stream.write(data)
            stream.end()
            stream.await_event("ended")
            assert bus.tapped()[before:] == data
            remote.ask("destroy", Named(stream.serial))
            stream.ring.close()


def test_a_dsp_that_stalls_lets_the_stream_go_on_decoded(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM, corked=True)
        stream.write(data)
        bus.dsp.faults.stall()
        remote.ask("cork", Cork(stream.serial, False))
        told = stream.await_event("format-lost")
        assert told.shape == PCM
        assert told.reason == "virtual:q6asm stopped consuming while playing"


def test_a_driver_that_fails_again_and_again_lets_the_stream_go_on_decoded(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=MonotonicClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.await_event("started")
        bus.dsp.faults.fail("write", errno.EIO, times=9)
        bus.dsp.faults.xrun()
        stream.end()
        assert "EIO" in stream.await_event("format-lost").reason


def test_a_device_that_is_back_is_used_again(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=MonotonicClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.await_event("started")
        bus.dsp.faults.unplug()
        stream.end()
        stream.await_event("format-lost")
        assert remote.ask("get", Named(bus.node.serial)).state == "error"
        bus.dsp.faults.plug()
        assert Encoded(remote, shape, PCM).created.device_name == "dsp"


def test_a_default_that_takes_encoded_audio_only_does_not_keep_pcm_from_playing(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        remote.do(set_default_sink("dsp"))
        body, descriptors = remote.ask_with_descriptors("create-stream", CreateStream("playback", "p", (PCM,)))
        assert body.device_name == "null"
        for descriptor in descriptors:
            os.close(descriptor)


def flood(remote: Remote, stream: Encoded) -> None:
    """Wake the bus for nothing until it hangs up."""
    while True:
        os.write(stream.ring.descriptors.daemon_event, (1).to_bytes(8, "little"))
        remote.wait(timeout=0)


def test_a_client_that_wakes_the_bus_for_nothing_is_ended(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=MonotonicClock) as bus, bus.remote() as remote, bus.remote("flooder") as flooder:
        stream = Encoded(flooder, shape)
        stream.write(data[:1000])
        with pytest.raises(PeerError):
            flood(flooder, stream)
        again = Encoded(remote, shape)
        assert again.created.device_name == "dsp"


def test_streams_of_a_group_are_mixed(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM, sync_group=1, corked=True)
        assert stream.created.device_name == "null"
        assert "streams of a group" in stream.created.reason
