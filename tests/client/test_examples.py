"""The examples run, against a real daemon."""

import os
import subprocess
import sys
import wave
from pathlib import Path

from tests.client.live_bus import LiveBus

EXAMPLES = Path(__file__).parents[2] / "service" / "share" / "examples"


def run(bus: LiveBus, *words: str) -> str:
    environment = {**os.environ, "AUDIOBUS_REMOTE": bus.path}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / words[0]), *words[1:]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_generator_is_played_in_ten_lines(bus: LiveBus) -> None:
    run(bus, "play_generator.py")
    lines = (EXAMPLES / "play_generator.py").read_text().split('"""')[2].splitlines()
    assert len([line for line in lines if line]) <= 10


def test_a_second_is_recorded(bus: LiveBus, tmp_path: Path) -> None:
    run(bus, "record_monitor.py", str(tmp_path / "x.wav"), "mic")
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (48_000, 1, 48_000)


def test_two_tones_are_played_from_two_tasks(bus: LiveBus) -> None:
    assert "started" in run(bus, "play_asyncio.py")
