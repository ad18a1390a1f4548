"""The demo: its files are of the shapes it shows, and its comparison sees a difference."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "service" / "share" / "demo"
AUDIOBUS = (sys.executable, "-m", "pyaudiobus.cli")


def play(file: Path, folder: Path) -> tuple[Path, Path]:
    """Play a file through the virtual DSP as the demo does, but at any speed; return the WAV and the tap."""
    rendered, tap = folder / "heard.wav", folder / "taken.bin"
    device = ("--device", "virtual", "--speed", "inf")
    command = [*AUDIOBUS, "play", str(file), *device, "--render", str(rendered), "--tap", str(tap)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return rendered, tap


def compare(file: Path, rendered: Path, tap: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo's own comparison."""
    command = [sys.executable, *map(str, (DEMO / "compare.py", file, rendered, tap))]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def block_kinds(flac: bytes) -> list[int]:
    """Return the kinds of a FLAC file's metadata blocks."""
    kinds, offset = [flac[4] & 0x7F], 4
    while not flac[offset] & 0x80:
        offset += 4 + int.from_bytes(flac[offset + 1 : offset + 4])
        kinds.append(flac[offset] & 0x7F)
    return kinds


def test_the_mp3_has_a_cover_and_gapless_tags_in_front() -> None:
    front = (DEMO / "carillon.mp3").read_bytes()[:30_000]
    assert front.startswith(b"ID3")
    assert b"APIC" in front
    assert b"LAME3.100" in front


def test_the_flac_has_a_cover_padding_and_comments_in_front() -> None:
    padding, comment, picture = 1, 4, 6
    assert {padding, comment, picture} <= set(block_kinds((DEMO / "carillon.flac").read_bytes()))


@pytest.mark.parametrize("name", ["carillon.mp3", "carillon.flac"])
def test_what_was_played_is_what_the_file_holds(tmp_path: Path, name: str) -> None:
    result = compare(DEMO / name, *play(DEMO / name, tmp_path))
    assert result.returncode == 0, result.stderr
    assert "the same as in the file" in result.stdout


@pytest.mark.parametrize("name", ["carillon.mp3", "carillon.flac"])
def test_a_byte_that_the_dsp_did_not_get_is_noticed(tmp_path: Path, name: str) -> None:
    rendered, tap = play(DEMO / name, tmp_path)
    tap.write_bytes(tap.read_bytes()[:-1])
    result = compare(DEMO / name, rendered, tap)
    assert result.returncode == 1
    assert "the DSP took other bytes" in result.stderr


@pytest.mark.parametrize("name", ["carillon.mp3", "carillon.flac"])
def test_a_sample_that_was_played_wrong_is_noticed(tmp_path: Path, name: str) -> None:
    rendered, tap = play(DEMO / name, tmp_path)
    with wave.open(str(rendered)) as sound:
        shape, samples = sound.getparams(), bytearray(sound.readframes(sound.getnframes()))
    samples[-1] ^= 1
    with wave.open(str(rendered), "wb") as sound:
        sound.setparams(shape)
        sound.writeframes(bytes(samples))
    result = compare(DEMO / name, rendered, tap)
    assert result.returncode == 1
    assert f"the samples in {rendered}" in result.stderr
