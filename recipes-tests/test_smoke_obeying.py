"""Steps of obey_on_a_real_kernel.feature."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_bdd import scenarios, then, when

from pyaudiobus.media.decode import Decoder
from smoke.board import INSIDE, Board, Outcome
from smoke.shelf import Shelf
from smoke.songs import Song

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("obey_on_a_real_kernel.feature")

WAV = "/run/rest.wav"
WAV_HEADER = 44
SMALL, LARGE = 65_536, 262_144
"""Bytes of a ring that holds two seconds of the demo FLAC, and of one from which the end is drained at 4 s."""
BLOCK = 4608
"""Frames of the largest encoded frame: where the driver cuts nothing, an entry begins up to so much early."""
SWITCH = 0.03
"""Seconds between a player's reading of the position and ours of the driver's."""


class Opening(NamedTuple):
    """What the DSP did between open and close."""

    consumed: bytes
    frames: int
    """PCM frames it rendered."""


class Entry(NamedTuple):
    """A place that should be heard from: a song, and the PCM frame that is due."""

    song: Song
    due: int | None
    """None: the one after the last that was heard."""


def obey(
    board: Board, songs: Sequence[Song], *script: tuple[int, float, str, float | str], ring: int = SMALL
) -> Outcome:
    words = (INSIDE / "obey_a_script.py", json.dumps(script), str(ring), f"file:{WAV}")
    outcome = board.run("python3", *words, songs=songs)
    assert outcome.status == 0, outcome.err
    return outcome


@when(
    "the demo FLAC is paused at 2 s, left at 4 s for 1 s, at 3 s for 7 s, and paused in the drain",
    target_fixture="outcome",
)
def _pause_and_seek(board: Board, shelf: Shelf) -> Outcome:
    song = shelf.find("the demo FLAC")
    return obey(board, [song], (0, 2, "pause", 2), (0, 4, "seek", 1), (0, 3, "seek", 7), (0, 8, "pause", 1.5))


@pytest.fixture
def entries(outcome: Outcome) -> list[Entry]:
    """What the outcome's script asks for."""
    first, rate = outcome.songs[0], outcome.songs[0].rate
    if len(outcome.songs) > 1:
        return [Entry(song, 0) for song in outcome.songs]
    return [Entry(first, 0), Entry(first, rate), Entry(first, 7 * rate), Entry(first, None)]


@when("an album in three files is played", target_fixture="outcome")
def _album(board: Board, shelf: Shelf) -> Outcome:
    return obey(board, [shelf.find(f"track {number}") for number in (1, 2, 3)])


@when("the demo FLAC is left at 1 s for another song", target_fixture="outcome")
def _skip(board: Board, shelf: Shelf) -> Outcome:
    return obey(board, [shelf.find("the demo FLAC"), shelf.find("track 3")], (0, 1, "next", 0))


@when("the card goes away at 4 s of the demo FLAC", target_fixture="outcome")
def _unplug(board: Board, shelf: Shelf) -> Outcome:
    return obey(board, [shelf.find("the demo FLAC")], (0, 4, "order", "unplug"), ring=LARGE)


@then("what was heard is the song from each place that was asked for, to its end")
def _heard(board: Board, outcome: Outcome, entries: list[Entry], tmp_path: Path) -> None:
    heard, at = openings(board), 0
    assert len(heard) == len(entries)
    for opening, entry in zip(heard, entries, strict=True):
        whole, size = decode(entry.song.stream, tmp_path)
        due = at if entry.due is None else entry.due
        pcm = decode(opening.consumed, tmp_path)[0][: opening.frames * size]
        starts = (start for start in range(due, max(-1, due - BLOCK), -1) if whole.startswith(pcm, start * size))
        at = next(starts) + opening.frames
    assert at == outcome.songs[-1].frames


@then("each position was that of the driver's clock")
def _positions(outcome: Outcome) -> None:
    """Compare those until the device was opened anew: the driver counts from zero then."""
    events = outcome.events
    first = events[: next(at for at, event in enumerate(events) if event["event"] == "sought")]
    positions = [event for event in first if event["event"] == "position"]
    assert len(positions) > 30
    for position in positions:
        true = int(str(position["rendered_frames"])) / outcome.songs[0].rate
        assert float(str(position["seconds"])) == pytest.approx(true, abs=SWITCH)


@then("the device was opened once and what was heard is the whole recording")
def _one(board: Board, outcome: Outcome) -> None:
    (opening,) = openings(board)
    assert opening == Opening(outcome.stream, sum(song.frames for song in outcome.songs))
    assert board.books()["starvations"] == "0"


@then("the tracks changed where the recording was cut")
def _cuts(board: Board, outcome: Outcome) -> None:
    first, second, _ = (song.frames for song in outcome.songs)
    assert [int(event.facts["frame"]) for event in board.log("boundary")] == [first, first + second]
    changes = outcome.told("track-changed")
    assert [event["gapless"] for event in changes] == [True, True]
    assert all(float(str(event["gap"])) < SWITCH for event in changes)


@then("the rest was decoded from the very frame on")
def _rest(board: Board, outcome: Outcome, tmp_path: Path) -> None:
    assert [event["mode"] for event in outcome.told("moved")] == ["pcm"]
    whole, size = decode(outcome.songs[0].stream, tmp_path)
    rest = board.guest.read(WAV)[WAV_HEADER:]
    rendered = int(board.books()["rendered_frames"])
    assert abs(len(whole) // size - len(rest) // size - rendered) <= 1
    assert whole.endswith(rest)


def openings(board: Board) -> list[Opening]:
    """What each opening took and played, by the driver's own log."""
    found, at, consumed, frames, size = [], 0, board.consumed(), 0, 0
    for event in board.log():
        if event.name in ("stop", "drained"):
            fetched = int(event.facts["fetched" if event.name == "stop" else "byte"])
            frames, size = (int(event.facts["frame"]), fetched) if fetched else (frames, size)
        elif event.name == "close":
            found.append(Opening(consumed[at : at + size], frames))
            at, frames, size = at + size, 0, 0
    return [opening for opening in found if opening.consumed]


def decode(flac: bytes, folder: Path) -> tuple[bytes, int]:
    """Return PCM, and the bytes of a frame."""
    file = folder / "consumed.flac"
    file.write_bytes(flac)
    decoder = Decoder(str(file))
    pcm, size = decoder.read(1 << 30), decoder.form.frame_size
    decoder.close()
    return pcm, size
