"""Steps of play_pcm.feature. QEMU finishes the WAV only when the guest ends, so this board is a guest of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import given, scenarios, then, when

from qemu.guest import Guest
from smoke.board import Outcome
from smoke.machine import ARCH, KERNEL
from smoke.songs import write_wave

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("play_pcm.feature")

_SECONDS = 2


@given("a board with the virtual DSP and a sound card", target_fixture="wav")
def _wav(tmp_path: Path) -> Path:
    return tmp_path / "heard.wav"


@when("audiobus plays a PCM file on the sound card", target_fixture="outcome")
def _play(wav: Path, share: Path) -> Outcome:
    noise = share / "noise.wav"
    write_wave(noise, _SECONDS)
    with Guest(arch=ARCH, kernel=KERNEL, virtual_time=True, wav=wav, share=share) as guest:
        guest.run(["cp", noise, "/run/noise.wav"]).check()
        return Outcome.of(guest.run(["audiobus", "play", "--decode", "--pcm", "alsa:hw:1,0", "/run/noise.wav"]))


@then("it ended with 0")
def _ended(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.err or outcome.out


@then("what the sound card got is the file, bit for bit")
def _bit_exact(wav: Path, tmp_path: Path) -> None:
    noise = write_wave(tmp_path / "again.wav", _SECONDS)
    heard = wav.read_bytes()
    assert noise in heard
