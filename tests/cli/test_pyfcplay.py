"""`pyfcplay` takes fcplay's flags and ends as fcplay does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Desk


def play(desk: Desk, *words: str) -> tuple[int, str, str]:
    outcome = desk.run("pyfcplay", *words, AUDIOBUS_DEVICE="virtual")
    return outcome.code, outcome.out, outcome.err


def test_it_says_nothing_unless_asked_and_plays(desk: Desk, short_flac: Path) -> None:
    assert play(desk, str(short_flac)) == (0, "", "")


def test_the_ring_is_the_one_asked_for(desk: Desk, short_flac: Path) -> None:
    code, out, _ = play(desk, "-v", "-b", "65536", "-f", "8", "-I", "flac", str(short_flac))
    assert code == 0
    assert "buffer 65536 bytes in 8 fragments of 8192" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-I", "0x2"), "holds flac, not mp3"),
        (("-I", "mp3"), "holds flac, not mp3"),
        (("-I", "tape"), "'tape' is not a codec"),
        (("-b", "100", "-f", "3"), "does not divide"),
        (("-p", "3"), "invalid choice"),
    ],
)
def test_whatever_goes_wrong_ends_with_1(desk: Desk, short_flac: Path, words: tuple[str, ...], sentence: str) -> None:
    code, _, err = play(desk, *words, str(short_flac))
    assert code == 1
    assert sentence in err
    assert "Traceback" not in err


def test_without_a_file_it_prints_its_usage(desk: Desk) -> None:
    code, _, err = play(desk)
    assert code == 1
    assert err.startswith("usage: pyfcplay")
