"""The long stream and its judge, without a guest; the long runs themselves are `make soak`."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from soak.judge import Finding, judge_kills, judge_playback
from soak.stream import BLOCK_BYTES, FRAME_BYTES, HEADER, EndlessStream, crc32_of

HOURS = 0.1
LINE = {"hours": HOURS, "bytes_sent": 5_760_000, "wakeups": 25, "rss": 17_000}


def books(**changes: str) -> dict[str, str]:
    crc = crc32_of(HOURS * 3600)
    facts = {"consumed_total": "5760000", "consumed_crc32": f"{crc:08x}", "rendered_frames": "17280000"}
    return {**facts, "starvations": "0", "overruns": "0", **changes}


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.claim for finding in findings if not finding.is_right]


def test_the_stream_is_frames_of_128_kbit_s_and_nothing_else() -> None:
    stream = EndlessStream(3600)
    assert stream.total_bytes == 3600 * 16_000
    piece = bytes(stream.peek(BLOCK_BYTES))
    assert all(piece[at : at + 4] == HEADER for at in range(0, len(piece), FRAME_BYTES))


def test_no_two_blocks_are_alike() -> None:
    pieces = [bytes(piece) for piece in EndlessStream(300).pieces()]
    assert len(set(pieces)) == len(pieces) > 1


def test_the_checksum_is_that_of_the_bytes_in_whatever_pieces_they_are_taken() -> None:
    stream, crc = EndlessStream(300), 0
    while not stream.ended:
        piece = stream.peek(100_000)
        crc = zlib.crc32(piece, crc)
        stream.advance(len(piece))
    assert crc == crc32_of(300)


def test_a_stream_can_be_played_again() -> None:
    stream = EndlessStream(300)
    first = [zlib.crc32(piece) for piece in stream.pieces()]
    stream.rewind()
    assert [zlib.crc32(piece) for piece in stream.pieces()] == first


def test_a_flawless_run_is_found_so() -> None:
    assert wrong(judge_playback(EndlessStream(HOURS * 3600), HOURS, [LINE, LINE], books())) == []


@pytest.mark.parametrize(
    ("amiss", "claim"),
    [
        ({"consumed_total": "5759999"}, "every byte was sent and consumed"),
        ({"consumed_crc32": "00000000"}, "none was lost, repeated or changed"),
        ({"rendered_frames": "17278848"}, "every frame was heard"),
        ({"starvations": "1"}, "the DSP never starved, nothing was overwritten"),
        ({"overruns": "1"}, "the DSP never starved, nothing was overwritten"),
    ],
)
def test_what_is_amiss_is_found(amiss: dict[str, str], claim: str) -> None:
    assert wrong(judge_playback(EndlessStream(HOURS * 3600), HOURS, [LINE, LINE], books(**amiss))) == [claim]


def test_memory_that_grows_is_found() -> None:
    lines = [LINE, LINE | {"rss": 17_100}]
    assert wrong(judge_playback(EndlessStream(HOURS * 3600), HOURS, lines, books())) == ["memory is flat while playing"]


def test_a_device_that_was_not_free_once_is_found() -> None:
    lines = [{"turns": 100, "held": 1, "states": {"RUNNING": 100}}]
    found = judge_kills(100, lines, {"open": "0", "state": "CLOSED"})
    assert wrong(found) == ["the device was free each time"]
    assert found[1].seen == "held 1 times"


def test_without_qemu_the_command_names_what_installs_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(Path(__file__).parent)}
    ended = subprocess.run([sys.executable, "-m", "soak"], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 125
    assert "make deps" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
