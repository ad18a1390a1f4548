"""Encoded streams in time turned by hand: prebuf, trigger, flush, cork, and devices that fail; what is heard of it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.protocol.messages import Cork, Named, SetAttributes
from pyaudiobus.protocol.words import Attributes
from tests.daemon.dsp_bus import FLAC, MP3, PCM, DspBus, Encoded, song_at
from tests.daemon.heard import Song, pieces_of, sound_of

SMALL = RingRequest(32 * 1024, 4)
RATE = 44_100
SLACK = 0.5
"""Seconds that a device is away, all in all, while it is opened anew in a script; nothing of the song is lost."""


def facts(stream: Encoded) -> dict[str, Any]:
    found: dict[str, Any] = stream.remote.ask("get", Named(stream.serial)).facts
    return found


def happened(stream: Encoded) -> dict[str, Any]:
    """Return the bodies of all events that came, by their names."""
    stream.remote.ask("sync")
    return {event.name: event.body for event in stream.remote.happenings()}


def test_nothing_is_heard_before_prebuf_bytes_are_there(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=ManualClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, attributes=Attributes(maxlength=1 << 20, prebuf=20_000))
        assert stream.created.attributes.prebuf == 20_000
        stream.write(data[:19_999])
        bus.advance(5)
        assert bus.tapped() == b""
        stream.write(data[19_999:20_000])
        bus.advance(5)
        stream.await_event("started")
        assert bus.tapped() == data[:16_384]


def test_trigger_plays_what_is_there(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=ManualClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        stream.write(data[:20_000])
        bus.advance(5)
        assert bus.tapped() == b""
        remote.ask("trigger", Named(stream.serial))
        bus.advance(5)
        assert bus.tapped() == data[:16_384]
        stream.await_event("underflow")
        stream.write(data[20_000:30_000])
        bus.advance(5)
        assert bus.tapped() == data[:16_384]
        remote.ask("trigger", Named(stream.serial))
        bus.advance(5)
        assert bus.tapped() == data[:24_576]


def test_prebuf_holds_a_stream_that_has_too_little(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=ManualClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, attributes=Attributes(maxlength=1 << 20, prebuf=16_384))
        stream.write(data[:24_576])
        bus.advance(1)
        remote.ask("prebuf", Named(stream.serial))
        before = bus.tapped()
        bus.advance(10)
        assert bus.tapped() == before
        stream.write(data[24_576:40_000])
        bus.advance(10)
        assert bus.tapped() == data[:32_768]


def test_attributes_can_be_changed_and_are_told(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=ManualClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        capacity = stream.ring.capacity
        told = remote.ask("set-attributes", SetAttributes(stream.serial, Attributes(prebuf=9_000, tlength=50_000)))
        assert told.attributes == Attributes(capacity, 50_000, 9_000, 8_192)
        assert told.latency == 32 * 1024 * 8 * 10**9 // shape.bit_rate
        stream.write(data[:9_000])
        bus.advance(2)
        assert bus.tapped() == data[:8192]


def test_what_the_device_holds_stays_in_the_ring(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=ManualClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        stream.write(data[:60_000])
        bus.advance(0.5)
        stream.ring.space()
        assert stream.ring.taken <= len(bus.tapped())
        assert stream.ring.written - stream.ring.taken > 32 * 1024


def test_a_drain_that_never_ends_is_noticed_by_the_seconds_that_are_left(tmp_path: Path) -> None:
    shape, data = song_at(MP3)
    with DspBus(tmp_path, clock=ManualClock) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.end()
        bus.advance(2)
        bus.dsp.faults.stall()
        seconds = 0
        while not any(event.name == "format-lost" for event in remote.happenings()):
            bus.advance(1)
            seconds += 1
            remote.ask("sync")
        left = len(data) * 8 / shape.bit_rate
        assert seconds <= 4 * (1.1 * left + 3 + 2)  # noticed, and tried three times more
        lost = facts(stream)
        assert lost["format"] == "s16/44100/2"


@pytest.mark.parametrize("path", [MP3, FLAC], ids=lambda path: path.suffix)
def test_after_an_xrun_the_dsp_is_opened_again_at_the_frame_that_was_heard(tmp_path: Path, path: Path) -> None:
    song = Song(path, tmp_path / "whole")
    shape, data = song_at(path)
    render = tmp_path / "heard.wav"
    bus = DspBus(tmp_path, profile="generic", clock=ManualClock, request=SMALL, render=render)
    with bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.end()
        bus.advance(1.5)
        bus.dsp.faults.xrun()
        bus.call(bus.node.look_at_device)
        bus.advance(60)
        told = happened(stream)
        assert "EPIPE" in told["recovered"].reason
        assert "ended" in told
        assert facts(stream)["recoveries"] == 1
    assert sound_of(render) == song.sound


def seek(stream: Encoded, data: bytes, byte: int) -> None:
    """Do what a player does to go elsewhere."""
    stream.ring.mark_end(None)
    stream.ring.space()
    stream.ring.publish(stream.ring.taken)
    stream.remote.ask("flush", Named(stream.serial))
    stream.ring.space()
    stream.ring.publish(stream.ring.taken)
    stream.write(data[byte:])
    stream.end()


class Script:
    """What was done to a stream, and what should be heard of it."""

    def __init__(self, length: float) -> None:
        self.length = length
        self.at = 0.0
        self.is_corked = False
        self.pieces = [(0.0, 0.0)]
        """Seconds of the song."""

    def passes(self, seconds: float) -> float:
        """Let time pass, but not to the end; return how much."""
        seconds = min(seconds, max(0.0, self.length - self.at - 0.5))
        self.at += 0 if self.is_corked else seconds
        return seconds

    def leaps(self, at: float) -> None:
        """Go on elsewhere."""
        self.pieces[-1] = (self.pieces[-1][0], self.at)
        self.at = at
        self.pieces.append((self.at, self.at))

    def wanted(self) -> list[tuple[float, float]]:
        """Return what should be heard until the end: a device that fails leaves no trace."""
        self.pieces[-1] = (self.pieces[-1][0], self.length)
        return [piece for piece in self.pieces if piece[1] - piece[0] > 0.01]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_heard_of_a_long_random_script_is_what_it_says(tmp_path: Path, seed: int) -> None:
    """Cork, seek, xrun and time that passes; every piece that is heard is compared sample by sample."""
    song = Song(FLAC, tmp_path / "whole")
    dice, render = random.Random(seed), tmp_path / "heard.wav"
    shape, data = song_at(FLAC)
    encoded = open_encoded(str(FLAC))
    assert encoded is not None
    index = encoded.index
    script = Script(song.frames / RATE)
    bus = DspBus(tmp_path, profile="generic", clock=ManualClock, request=SMALL, render=render)
    with bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.end()
        for _ in range(30):
            action = dice.choice(["wait", "wait", "wait", "cork", "seek", "xrun"])
            if action == "wait":
                bus.advance(script.passes(dice.uniform(0.1, 0.8)))
            elif action == "cork":
                script.is_corked = not script.is_corked
                remote.ask("cork", Cork(stream.serial, script.is_corked))
            elif action == "seek":
                byte = index.byte_at(dice.randrange(song.frames * 3 // 4))
                seek(stream, data, byte)
                script.leaps(index.frames_at(byte) / RATE)
            elif not script.is_corked and script.length - script.at > 1:
                bus.dsp.faults.xrun()
                bus.call(bus.node.look_at_device)
                bus.advance(0)
        remote.ask("cork", Cork(stream.serial, False))
        bus.advance(script.length + 30)
        stream.await_event("ended")
    pieces, unknown = pieces_of(sound_of(render), song)
    wanted = script.wanted()
    assert unknown == 0
    assert len(pieces) == len(wanted), (wanted, pieces)
    for piece, (start, end) in zip(pieces, wanted, strict=True):
        assert piece.start == round(start * RATE), (wanted, pieces)
        assert abs(piece.end / RATE - end) < SLACK, (wanted, pieces)
    encoded.close()


@pytest.mark.parametrize("path", [MP3, FLAC], ids=lambda path: path.suffix)
def test_a_song_whose_card_is_unplugged_goes_on_decoded_at_the_frame_that_was_heard(tmp_path: Path, path: Path) -> None:
    shape, data = song_at(path)
    encoded = open_encoded(str(path))
    assert encoded is not None
    with DspBus(tmp_path, profile="generic", clock=ManualClock, request=SMALL) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        stream.write(data)
        stream.end()
        bus.advance(2.3)
        bus.dsp.faults.unplug()
        bus.call(bus.node.look_at_device)
        bus.advance(3)
        lost = happened(stream)["format-lost"]
        assert lost.shape == PCM
        heard = encoded.index.frames_at(lost.index) + lost.skip - encoded.form.lead
        assert abs(heard - 2.3 * RATE) < 1152
    encoded.close()
