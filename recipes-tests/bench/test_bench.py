"""The benchmark's arithmetic and what it takes into the guest. No guest is booted here."""

from __future__ import annotations

import importlib.util
import json
import struct
import tarfile
from pathlib import Path

import pytest

from bench.cli import main
from bench.findings import Findings, find
from bench.guestrun import Cost
from bench.kit import VENV, Kit
from bench.measure import Round, Row
from bench.media import FLAC, MP3_128, Song
from bench.programs import AUDIOBUS, BY_DAEMON, PYFCPLAY, Program, select_programs
from bench.table import render
from qemu.options import CHECKOUT


class MadeSong(Song):
    """A song whose bit rate is known without an encoder."""

    def bit_rate(self, seconds: int) -> float:
        del seconds
        return 128_000.0


MP3 = MadeSong(MP3_128.key, MP3_128.name, MP3_128.suffix, MP3_128.command)
LOSSLESS = MadeSong(FLAC.key, FLAC.name, FLAC.suffix, FLAC.command)
MPG123 = Program("mpg123 -t", ["mpg123"], plays=False)


def played(base: int, per_minute: int, wakeups: int) -> Round:
    """A program that costs `base`, and so much a minute, of which half comes before the sound."""
    short = Cost(base + per_minute, 10 + wakeups, base + per_minute // 2, 1024, "")
    long = Cost(base + 10 * per_minute, 10 + 10 * wakeups, base + 5 * per_minute, 1024, "")
    return Round(short, long, 9.0)


def made_findings() -> Findings:
    rows = [
        Row(AUDIOBUS, MP3, [played(100_000_000, 1_000_000, 4), played(100_000_000, 1_010_000, 4)]),
        Row(AUDIOBUS, LOSSLESS, [played(100_000_000, 8_000_000, 12)]),
        Row(BY_DAEMON, MP3, [played(150_000_000, 2_600_000, 5)]),
        Row(PYFCPLAY, MP3, [played(90_000_000, 1_000_000, 4)]),
        Row(MPG123, MP3, [Round(Cost(75, 1, None, 1, ""), Cost(225_000_075, 1, None, 1, ""), 0.5)]),
    ]
    return find("6.1.0 x86_64", rows, [Cost(48_000_000, 1, None, 1024, "")], 2, ["cplay is left out; no reason"])


def test_a_minute_costs_the_difference_of_two_runs_by_the_minutes_between_them() -> None:
    minute = made_findings().minutes[0]
    assert (minute.instructions, minute.wakeups, minute.before_start) == (1_005_000, 4.0, 502_500)
    assert minute.spread == pytest.approx(0.01, rel=0.01)


def test_a_decoder_is_compared_with_our_player_on_the_same_song() -> None:
    decoder = made_findings().minutes[4]
    assert decoder.instructions == 450_000_000
    assert decoder.before_start is None
    assert decoder.times_audiobus == pytest.approx(447.8, rel=0.001)


def test_start_is_told_to_the_first_sound_and_beside_bare_python() -> None:
    starts = {start.program: start for start in made_findings().starts}
    assert starts["pyfcplay"].until_start == 90_500_000
    assert (starts["python3 -c pass"].until_start, starts["python3 -c pass"].one_minute) == (None, 48_000_000)


def test_every_target_says_whether_it_is_met() -> None:
    assert [target.met for target in made_findings().targets] == [True, True, False, True, False, True, True]


def test_the_json_holds_what_the_table_shows() -> None:
    findings = made_findings()
    told = json.loads(json.dumps(findings.as_json()))
    assert told["targets"][2]["met"] is False
    assert told["minutes"][3]["program"] in render(findings)
    assert told["missing"][0] in render(findings)


def test_the_guest_gets_byte_code_that_is_as_old_as_its_source(tmp_path: Path) -> None:
    source = CHECKOUT / "service/src/pyaudiobus/errors.py"
    with Kit(tmp_path / "kit.tar") as kit:
        kit.add_python()
    with tarfile.open(tmp_path / "kit.tar") as archive:
        sources = archive.getmember(str(source).lstrip("/"))
        code = archive.extractfile(importlib.util.cache_from_source(str(source)).lstrip("/"))
        assert code is not None
        _, time, size = struct.unpack("<III", code.read(16)[4:])
    assert (time, size) == (sources.mtime, sources.size)


def test_the_guest_gets_python_its_libraries_and_our_programs_but_no_tools(tmp_path: Path) -> None:
    with Kit(tmp_path / "kit.tar") as kit:
        kit.add_python()
    with tarfile.open(tmp_path / "kit.tar") as archive:
        names = archive.getnames()
    assert {str(VENV / name).lstrip("/") for name in ("bin/python", "bin/audiobus", "bin/pyfcplay")} <= set(names)
    assert any(name.rpartition("/")[2].startswith("libc.so") for name in names)
    assert not [name for name in names if "/mypy/" in name or "/pytest/" in name]


def test_c_players_are_taken_from_the_folder_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cplay").write_bytes(b"\x7fELF")
    selection = select_programs(tmp_path)
    assert str(tmp_path / "bin/cplay") in [program.argv[0] for program in selection.programs]
    assert [sentence for sentence in selection.missing if sentence.startswith("fcplay is left out")]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cplayers", str(tmp_path / "none")]) == 2
    assert f"{tmp_path}/none is not a folder" in capsys.readouterr().err
