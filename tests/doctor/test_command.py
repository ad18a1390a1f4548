"""`audiobus doctor` as a person runs it, on the machine that the tests run on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

AUDIOBUS = Path(sys.executable).parent / "audiobus"


ELSEWHERE = """\
dsp: {firmware: [nowhere.bin]}
cards: {Elsewhere: {}}
sinks: {dsp: {kind: compress, card: Elsewhere, device: 3}}
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return a board file that names a card which is not in this machine."""
    path = tmp_path / "board.yaml"
    path.write_text(ELSEWHERE)
    return path


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the doctor to its end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUDIOBUS_")}
    return subprocess.run(
        [AUDIOBUS, "doctor", *words],
        env={"AUDIOBUS_BOARD": "", **kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_machine_without_a_compress_device_is_told_of_the_virtual_dsp() -> None:
    done = run()
    has_device = any(Path("/dev/snd").glob("compr*"))
    assert has_device or done.stdout.endswith("files play on the virtual DSP (audiobus play FILE).\n")
    assert done.stderr == ""


def test_another_machines_board_file_finds_no_card_here(elsewhere: Path) -> None:
    done = run("--board", elsewhere)
    assert (done.returncode, done.stderr) == (1, "")
    assert "there is no card Elsewhere" in done.stdout
    assert "\nCause: " in done.stdout


def test_json_is_one_object_a_line(elsewhere: Path) -> None:
    done = run("--json", AUDIOBUS_BOARD=str(elsewhere))
    *checks, diagnosis = [json.loads(line) for line in done.stdout.splitlines()]
    assert {check["event"] for check in checks} == {"check"}
    assert diagnosis["event"] == "diagnosis"
    assert done.returncode == (0 if diagnosis["well"] else 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--wait", "soon"), "'soon' is no time to wait: write seconds, up to a day"),
        (("--wait", "-1"), "'-1' is no time to wait"),
        (("--wait", "nan"), "'nan' is no time to wait"),
        (("--board", "nowhere.yaml"), "there is no board file nowhere.yaml"),
        (("--bord",), "unrecognized arguments: --bord"),
    ],
)
def test_a_wrong_flag_is_the_users_mistake(words: tuple[str, ...], says: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_waited_for_is_told_beside_the_report(elsewhere: Path) -> None:
    done = run("--board", elsewhere, "--wait", "0.1")
    assert done.returncode == 1
    assert done.stderr.startswith("audiobus: not yet well (")
    assert done.stderr.endswith("looking again for up to 0.1 s\n")
