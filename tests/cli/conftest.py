"""The commands as a person runs them: real processes, real files, the virtual DSP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = Path(sys.executable).parent
DEMO = Path(__file__).parents[2] / "service" / "share" / "demo"


@dataclass
class Outcome:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, object]]:
        """What --json printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    def last(self, kind: str) -> dict[str, object]:
        """The last event of a kind."""
        return [event for event in self.events if event["event"] == kind][-1]


class Desk:
    """A folder to work in, and programs to run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, timeout: float = 60, **environment: str) -> Outcome:
        """Run one command to its end."""
        done = subprocess.run(
            [str(PROGRAMS / words[0]), *words[1:]],
            cwd=self.folder,
            env={**_quiet_environment(), **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start one command and leave it running."""
        return subprocess.Popen(
            [str(PROGRAMS / words[0]), *words[1:]],
            cwd=self.folder,
            env=_quiet_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def put(self, name: str, data: bytes) -> str:
        """Leave a file there and return its name."""
        (self.folder / name).write_bytes(data)
        return name


def _quiet_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUDIOBUS_")}
    return {**kept, "AUDIOBUS_BOARD": ""}  # whatever this machine is


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def board_file() -> Path:
    """A Dragonboard's."""
    return Path(__file__).parents[1] / "config" / "dragonboard.yaml"


@pytest.fixture
def mp3() -> Path:
    return DEMO / "carillon.mp3"


@pytest.fixture
def flac() -> Path:
    return DEMO / "carillon.flac"


@pytest.fixture
def short_flac() -> Path:
    """One second."""
    return Path(__file__).parents[1] / "media" / "files" / "flac-16-stereo.flac"
