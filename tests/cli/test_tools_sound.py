"""cat, record, loopback: sound in and out of pipes, sample by sample."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyaudiobus.client.mirror import follow
from pyaudiobus.client.playback import play
from pyaudiobus.client.record import RecordStream, record
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.cli.bus_desk import BusDesk
from tests.client.live_bus import LiveBus

STEREO = PcmFormat(Encoding.S16, 48_000, 2)
RAMP = b"".join((at % 20_000 + 1).to_bytes(2, "little") * 2 for at in range(9_600))
"""A fifth of a second, in stereo; no sample is silence."""


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def desk(bus: LiveBus) -> BusDesk:
    return BusDesk(bus)


@pytest.fixture
def tape(bus: LiveBus) -> Iterator[RecordStream]:
    with Remote("ear", bus.path) as remote, record(remote, STEREO, "tape", "null") as stream:
        remote.ask("sync")
        yield stream


def start(desk: BusDesk, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pyaudiobus.cli", words[0], "--remote", desk.path, *words[1:]]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def heard(tape: RecordStream, size: int) -> bytes:
    """The next bytes that are no silence."""
    found = b""
    while len(found) < size:
        piece = tape.read()
        found += piece if found else piece.lstrip(b"\0")
    return found[:size]


def test_what_goes_into_cat_is_heard(desk: BusDesk, tape: RecordStream) -> None:
    done = desk.run("cat", "--to", "null", "--json", stdin=RAMP)
    assert done.code == 0, done.err
    begun, ended = (json.loads(line) for line in done.out.splitlines())
    assert (begun["event"], begun["sink"], ended["bytes"]) == ("started", "null", len(RAMP))
    assert heard(tape, len(RAMP)) == RAMP


def test_a_part_of_a_frame_is_left_out_and_told(desk: BusDesk, tape: RecordStream) -> None:
    done = desk.run("cat", stdin=RAMP[:4802])
    assert (done.code, done.err) == (0, "audiobus: the last 2 bytes are no whole frame of 4 and were left out\n")
    assert heard(tape, 4800) == RAMP[:4800]


def test_another_rate_is_converted(desk: BusDesk, tape: RecordStream) -> None:
    done = desk.run("cat", "--format", "u8/24000/1", "--latency", "50", stdin=b"\xc0" * 4800)
    assert done.code == 0, done.err
    assert len(heard(tape, 8000)) == 8000


def test_nothing_is_played_as_nothing(desk: BusDesk) -> None:
    assert desk.run("cat", stdin=b"").code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cat", "--format", "mp3/44100/2"), "is encoded"),
        (("cat", "--format", "s16"), "is not a format"),
        (("cat", "--to", "radio"), "there is no sink 'radio'"),
        (("cat", "/absent/file"), "cannot read /absent/file"),
        (("record", "/absent/folder/x.wav"), "cannot write /absent/folder/x.wav"),
        (("record", "-", "--from", "radio"), "there is no source, sink or playing stream 'radio'"),
        (("record", "x.wav", "--seconds", "-1"), "is no time"),
    ],
)
def test_a_mistake_is_one_sentence(desk: BusDesk, words: tuple[str, ...], sentence: str) -> None:
    done = desk.run(*words)
    assert (done.code, sentence in done.err) == (2, True), done.err


def test_a_recording_is_a_wav_of_as_many_frames_as_asked_for(desk: BusDesk, tmp_path: Path) -> None:
    path = tmp_path / "mic.wav"
    words = [json.loads(line) for line in desk.run("record", str(path), "--seconds", "0.1", "--json").out.splitlines()]
    assert (words[0]["from"], words[0]["format"], words[1]["frames"]) == ("mic", "s16/48000/1", 4800)
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getnframes()) == (48_000, 1, 4800)


def test_one_stream_is_recorded_alone(desk: BusDesk, bus: LiveBus, tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "song") as song:
        taker = start(desk, "record", str(path), "--from", "song", "--seconds", "0.1")
        mirror = follow(remote)
        while not any(link.name == "song -> record" for link in mirror.snapshot().of_kind("link")):
            remote.wait()
        song.write(RAMP)
        song.drain()
        song.write(bytes(len(RAMP)))
        song.drain()
        assert taker.wait(60) == 0
    with wave.open(str(path)) as wav:
        pcm = wav.readframes(4800).lstrip(b"\0")
    assert pcm == RAMP[: len(pcm)]


def test_ctrl_c_ends_a_recording_with_a_valid_file(desk: BusDesk, tmp_path: Path) -> None:
    path = tmp_path / "mic.wav"
    taker = start(desk, "record", str(path), "--json")
    assert taker.stdout is not None
    assert b"recording" in taker.stdout.readline()
    taker.send_signal(signal.SIGINT)
    assert (taker.wait(60), taker.stderr.read() if taker.stderr else b"") == (130, b"")
    with wave.open(str(path)) as wav:
        assert wav.getnchannels() == 1


def test_standard_output_takes_raw_sound_and_a_reader_may_go(desk: BusDesk) -> None:
    taker = start(desk, "record", "-")
    assert taker.stdout is not None
    assert taker.stdout.read(96) == bytes(96)
    taker.stdout.close()
    assert taker.wait(60) == 141
    assert taker.stderr is not None
    assert taker.stderr.read() == b""


def test_a_stream_that_ends_while_it_is_recorded_is_told(desk: BusDesk, bus: LiveBus) -> None:
    with Remote("jukebox", bus.path) as remote:
        song = play(remote, STEREO, "song", corked=True)
        taker = start(desk, "record", "-", "--from", "song", "--json")
        assert taker.stderr is not None
        assert b"recording" in taker.stderr.readline()
        song.close()
    _, err = taker.communicate(timeout=60)
    assert taker.returncode == 0
    assert b"song, which it heard, is gone" in err


@pytest.mark.parametrize(("words", "channels"), [((), 2), (("--format", "s16/48000/1"), 1)])
def test_a_mono_stream_is_recorded_as_its_sink_has_it_unless_asked_otherwise(
    desk: BusDesk, bus: LiveBus, tmp_path: Path, words: tuple[str, ...], channels: int
) -> None:
    path = tmp_path / "mono.wav"
    mono = STEREO.replace(channels=1)
    with Remote("jukebox", bus.path) as remote, play(remote, mono, "mono", corked=True) as song:
        taker = start(desk, "record", str(path), "--from", "mono", "--seconds", "0.05", "--json", *words)
        assert taker.stdout is not None
        assert b"recording" in taker.stdout.readline()
        song.write(b"\x11\x11" * 9_600)
        song.uncork()
        song.trigger()
        assert taker.wait(60) == 0
    with wave.open(str(path)) as wav:
        assert (wav.getnchannels(), wav.getnframes()) == (channels, 2_400)
        assert b"\x11\x11" in wav.readframes(2_400)
