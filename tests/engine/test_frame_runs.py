"""The native scan finds what the walkers find, on good files and on every way to break them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pyaudiobus.engine.frame_runs import NativeRuns, native_runs
from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded

FILES = Path(__file__).parents[1] / "media" / "files"
WALKED = sorted(path for path in FILES.iterdir() if path.suffix in (".mp3", ".flac", ".oga"))
SHORT = [path for path in WALKED if path.stat().st_size < 20_000]


def outcome(path: Path, runs: NativeRuns | None) -> object:
    """All that can be known of a file, or the error it gives."""
    try:
        found = open_encoded(str(path), runs)
    except MediaError as error:
        return str(error)
    if not isinstance(found, EncodedFile):
        return None
    reader = found.reader(for_kernel=runs is not None)
    stream = bytes(reader.peek(reader.total))
    ends = [found.index.frames_at(byte) for byte in range(0, found.index.total_bytes, 97)]
    facts = (found.form, found.warnings, found.bit_rate_mode, found.total_frames, stream, ends)
    found.close()
    return facts


def test_the_native_scan_was_built() -> None:
    assert native_runs() is not None


@pytest.mark.parametrize("path", WALKED, ids=lambda path: path.name)
def test_whole_files_give_the_same(path: Path) -> None:
    assert outcome(path, NativeRuns()) == outcome(path, None)


@pytest.mark.parametrize("path", SHORT, ids=lambda path: path.name)
def test_broken_files_give_the_same(path: Path, tmp_path: Path) -> None:
    dice = random.Random(path.name)
    data = path.read_bytes()
    for turn in range(40):
        broken = bytearray(data)
        at = dice.randrange(len(data))
        if turn % 4 == 0:
            del broken[at:]
        elif turn % 4 == 1:
            del broken[at : at + dice.randrange(1, 900)]
        elif turn % 4 == 2:
            broken[at:at] = dice.randbytes(dice.randrange(1, 900))
        else:
            for _ in range(20):
                broken[dice.randrange(len(data))] = dice.randrange(256)
        target = tmp_path / f"broken{path.suffix}"
        target.write_bytes(broken)
        assert outcome(target, NativeRuns()) == outcome(target, None), turn


def test_a_file_that_shrinks_is_an_error_and_not_a_signal(tmp_path: Path) -> None:
    path = tmp_path / "shrinks.mp3"
    path.write_bytes((FILES / "lame-cbr-64.mp3").read_bytes() * 8)
    found = open_encoded(str(path), NativeRuns())
    assert isinstance(found, EncodedFile)
    reader = found.reader(for_kernel=True)
    reader.advance(5000)
    path.write_bytes(b"")
    with pytest.raises(MediaError, match="became shorter"):
        reader.peek(4096)
