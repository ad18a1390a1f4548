"""`audiobus play` end to end; what a board's owner would say of it is in play.feature."""

from __future__ import annotations

import os
import signal
import subprocess
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from pyaudiobus.media.encoded import open_encoded
from tests.cli.conftest import PROGRAMS, Desk

FAST = ("--device", "virtual", "--speed", "inf", "--json")


def stream_of(path: Path) -> bytes:
    """The bytes that should reach the DSP, by the walker."""
    opened = open_encoded(str(path))
    assert opened is not None
    reader = opened.reader()
    return bytes(reader.peek(reader.total))


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_every_byte_sent_is_consumed_and_nothing_else_is(desk: Desk, mp3: Path, flac: Path, profile: str) -> None:
    for path in (mp3, flac):
        outcome = desk.run("audiobus", "play", str(path), *FAST, "--device", f"virtual:{profile}", "--tap", "tap")
        assert outcome.code == 0, outcome.err
        assert (desk.folder / "tap").read_bytes() == stream_of(path)
        summary = outcome.last("summary")
        assert summary["mode"] == "offload"
        assert summary["bytes_sent"] == summary["bytes_consumed"] == len(stream_of(path))
        assert summary["underruns"] == 0


def test_the_render_has_as_many_frames_as_the_stream(desk: Desk, mp3: Path) -> None:
    assert desk.run("audiobus", "play", str(mp3), *FAST, "--render", "out.wav").code == 0
    opened = open_encoded(str(mp3))
    assert opened is not None
    with wave.open(str(desk.folder / "out.wav")) as wav:
        assert wav.getnframes() == opened.total_frames
        assert (wav.getframerate(), wav.getnchannels()) == (opened.form.rate, opened.form.channels)


def test_events_come_in_order_and_positions_every_second(desk: Desk, mp3: Path) -> None:
    events = desk.run("audiobus", "play", str(mp3), *FAST).events
    kinds = [event["event"] for event in events]
    assert kinds[:2] == ["negotiated", "started"]
    assert kinds[-2:] == ["drained", "summary"]
    seconds = [float(str(event["seconds"])) for event in events if event["event"] == "position"]
    assert seconds == sorted(seconds)
    assert max(later - sooner for sooner, later in pairwise(seconds)) <= 1.0
    opened = open_encoded(str(mp3))
    assert opened is not None
    assert events[-1]["seconds"] == pytest.approx(opened.duration, abs=1e-6)


def test_wakeups_follow_the_ring_and_not_the_reports(desk: Desk, mp3: Path) -> None:
    wide = desk.run("audiobus", "play", str(mp3), *FAST, "--buffer", "524288", "--fragments", "64")
    narrow = desk.run("audiobus", "play", str(mp3), *FAST, "--buffer", "32768", "--fragments", "4")
    assert int(str(wide.last("summary")["wakeups"])) <= 4
    assert int(str(narrow.last("summary")["wakeups"])) > int(str(wide.last("summary")["wakeups"]))
    assert narrow.last("started")["fragment_size"] == 8192
    assert narrow.last("summary")["underruns"] == 0


def test_ctrl_c_stops_at_once_and_leaves_valid_files(desk: Desk, mp3: Path) -> None:
    player = desk.start("audiobus", "play", str(mp3), "--device", "virtual", "--render", "out.wav")
    assert player.stdout is not None
    while "buffer" not in player.stdout.readline():
        pass
    player.send_signal(signal.SIGINT)
    out, err = player.communicate(timeout=5)
    assert player.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in out
    with wave.open(str(desk.folder / "out.wav")) as wav:
        assert wav.getnchannels() == 2


def test_a_bad_file_does_not_keep_the_next_from_playing(desk: Desk, mp3: Path) -> None:
    outcome = desk.run("audiobus", "play", "absent.mp3", str(mp3), *FAST)
    assert outcome.code == 2
    assert outcome.last("summary")["file"] == str(mp3)
    assert "absent.mp3" in outcome.err
    assert "Traceback" not in outcome.err


def test_flags_of_the_virtual_device_choose_it(desk: Desk, mp3: Path) -> None:
    outcome = desk.run("audiobus", "play", str(mp3), "--speed", "inf", "--json")
    assert outcome.last("negotiated")["sink"] == "virtual:q6asm"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--device", "usb"), "'usb' is not a compress device"),
        (("--device", "virtual:dsp9"), "there is no virtual DSP 'dsp9'"),
        (("--device", "hw:0,0", "--tap", "x"), "--tap belongs to the virtual device"),
        (("--decode", "--render", "x"), "--render and --tap belong to the virtual device"),
        (("--render", "x", "--tap", "./x"), "--tap names ./x, which this command also writes for --render"),
        (("--device", "virtual", "--pcm", "radio", "--decode"), "'radio' is not a PCM output"),
        (("--device", "virtual", "--buffer", "100000", "--fragments", "3"), "does not divide into 3 equal fragments"),
        (("--device", "virtual", "--buffer", "4096", "--fragments", "4"), "is not possible"),
        (("--device", "virtual", "--buffer", "524288", "--fragments", "8"), "would stop this driver"),
    ],
)
def test_a_mistake_gets_one_sentence_and_exit_code_2(
    desk: Desk, mp3: Path, words: tuple[str, ...], sentence: str
) -> None:
    outcome = desk.run("audiobus", "play", str(mp3), *words)
    assert outcome.code == 2, outcome.err
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("flag", ["--render", "--tap"])
def test_a_file_that_is_to_be_played_is_not_written_over(desk: Desk, short_flac: Path, flag: str) -> None:
    song = desk.put("song.flac", short_flac.read_bytes())
    (desk.folder / "alias").symlink_to(song)
    outcome = desk.run("audiobus", "play", song, *FAST, flag, "alias")
    assert outcome.code == 2
    assert f"{flag} names alias, which this command also plays" in outcome.err
    assert (desk.folder / song).read_bytes() == short_flac.read_bytes()


def test_a_full_disk_under_the_output_is_one_sentence(desk: Desk, short_flac: Path) -> None:
    player = f"{PROGRAMS / 'audiobus'} play {short_flac} --device virtual --speed inf > /dev/full"
    done = subprocess.run(["sh", "-c", player], cwd=desk.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("audiobus: cannot write to standard output: no space left on device")
    assert "Traceback" not in done.stderr


def test_it_plays_with_nobody_to_tell(desk: Desk, short_flac: Path) -> None:
    player = f"{PROGRAMS / 'audiobus'} play {short_flac} --device virtual --speed inf --tap tap >&- 2>&-"
    done = subprocess.run(["sh", "-c", player], cwd=desk.folder, check=False)
    assert done.returncode == 0
    assert (desk.folder / "tap").read_bytes() == stream_of(short_flac)


@pytest.mark.parametrize("name", [b"\xff\xfe.flac", "Äpfel.flac".encode(), b"two\nlines.flac", b"\x1b[31m.flac"])
@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_any_name_can_be_told(desk: Desk, short_flac: Path, name: bytes, encoding: str) -> None:
    path = os.fsdecode(name)
    desk.put(path, short_flac.read_bytes())
    plain = desk.run("audiobus", "play", path, *FAST[:-1], PYTHONIOENCODING=encoding)
    assert (plain.code, plain.err) == (0, "")
    assert "\x1b" not in plain.out
    told = desk.run("audiobus", "play", path, *FAST, PYTHONIOENCODING=encoding).last("summary")["file"]
    assert os.fsencode(str(told)) == name


def test_a_missing_device_is_a_failure_and_not_the_users_mistake(desk: Desk, mp3: Path) -> None:
    outcome = desk.run("audiobus", "play", str(mp3), "--device", "hw:7,7", "--backend", "kernel")
    assert outcome.code == 1
    assert "hw:7,7" in outcome.err
    assert "Traceback" not in outcome.err


def test_decode_plays_the_same_sound_into_a_file(desk: Desk, flac: Path) -> None:
    outcome = desk.run("audiobus", "play", str(flac), "--decode", "--pcm", "file:pcm.wav", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.last("negotiated")["mode"] == "pcm"
    assert "--decode" in str(outcome.last("negotiated")["reason"])
    desk.run("audiobus", "play", str(flac), *FAST, "--render", "dsp.wav")
    with wave.open(str(desk.folder / "pcm.wav")) as pcm, wave.open(str(desk.folder / "dsp.wav")) as dsp:
        assert pcm.readframes(1 << 24) == dsp.readframes(1 << 24)
