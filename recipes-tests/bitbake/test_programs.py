"""Runs what the packages hold by QEMU's user-mode emulation: the target's programs, not its kernel, card or systemd."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bitbake.emulator import Emulator
from bitbake.package import Package
from bitbake.pins import REPOSITORY
from bitbake.world import HERE, World

pytestmark = pytest.mark.bitbake

_DEMO = "/usr/share/audiobus/demo"


@pytest.mark.parametrize("program", ["cplay", "crecord", "fcplay"])
def test_tinycompress_s_program_starts_and_tells_its_options(program: str, emulator: Emulator) -> None:
    done = emulator.run(f"/usr/bin/{program}", "-h")
    assert "usage" in (done.stdout + done.stderr).lower()


def test_the_service_s_native_part_is_used(emulator: Emulator) -> None:
    assert emulator.python("from pyaudiobus.engine import _frame_runs; print(_frame_runs.__file__)").endswith("abi3.so")


def test_the_version_is_the_recipe_s(emulator: Emulator, mini: World) -> None:
    version = mini.variable("PV", "pyaudiobus")
    code = "from importlib.metadata import version; print(version('pyaudiobus'))"
    assert emulator.python(code) == version


@pytest.mark.parametrize("program", ["audiobus", "pyfcplay"])
def test_the_command_tells_its_usage(program: str, emulator: Emulator) -> None:
    done = emulator.run("/usr/bin/python3.14", str(emulator.root / "usr/bin" / program), "--help")
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()


@pytest.mark.parametrize("song", ["carillon.mp3", "carillon.flac"])
def test_a_song_is_probed_with_mutagen_and_decoded_with_ffmpeg(song: str, emulator: Emulator) -> None:
    """PyAV, our FFmpeg, and Python are the target's; the song comes from the demo's package."""
    code = f"""
import av, mutagen
path = {str(emulator.root) + _DEMO + "/" + song!r}
length = mutagen.File(path).info.length
with av.open(path) as opened:
    frames = sum(frame.samples for frame in opened.decode(audio=0))
    print(abs(frames / opened.streams.audio[0].rate - length) < 0.1, frames > 0)
"""
    assert emulator.python(code) == "True True"


def test_alsa_s_python_binding_loads(emulator: Emulator) -> None:
    assert emulator.python("import alsaaudio; print(alsaaudio.PCM_PLAYBACK)") == "0"


def test_the_virtual_dsp_plays_a_song_on_the_target_s_python(emulator: Emulator) -> None:
    done = emulator.run(
        "/usr/bin/python3.14",
        str(emulator.root / "usr/bin/audiobus"),
        *("play", "--device", "virtual", "--speed", "50", f"{emulator.root}{_DEMO}/carillon.mp3"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_installing_the_service_makes_its_user(
    packages: dict[str, Package], emulator: Emulator, mini: World, tmp_path: Path
) -> None:
    script = tmp_path / "preinst"
    script.write_text(packages["pyaudiobus"].scripts["preinst"])
    confined = [str(HERE / "host/confine"), str(emulator.root), "sh", str(script)]
    environment = {"D": str(emulator.root), "PATH": f"{HERE}/host:/usr/sbin:/usr/bin:/sbin:/bin", "PSEUDO": ""}
    done = subprocess.run(confined, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    user = next(
        line for line in (emulator.root / "etc/passwd").read_text().splitlines() if line.startswith("audiobus:")
    )
    assert user.split(":")[5:] == ["/var/lib/audiobus", mini.variable("base_sbindir") + "/nologin"]
    groups = (emulator.root / "etc/group").read_text().splitlines()
    assert any(line.startswith("audio:") and line.endswith("audiobus") for line in groups)


def test_the_unit_files_are_the_repository_s(packages: dict[str, Package]) -> None:
    entries = packages["pyaudiobus"].entries
    for file in (REPOSITORY / "service/share/systemd").glob("*.service"):
        assert entries[f"/usr/lib/systemd/system/{file.name}"].content == file.read_bytes()
