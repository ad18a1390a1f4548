"""The native scan finds what the walkers find, on good files and on every way to break them."""

from __future__ import annotations

import mmap
import random
import signal
import subprocess
import sys
from array import array
from pathlib import Path
from textwrap import dedent

import pytest

from pyaudiobus.engine.frame_runs import NativeRuns, native_runs
from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded
from tests.media.build_mp3 import frame

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
    facts = (
        found.form,
        found.warnings,
        found.bit_rate_mode,
        found.total_frames,
        stream,
        ends,
    )
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


def test_a_mapped_file_that_became_shorter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "song"
    path.write_bytes(frame() * 200)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        file.truncate(mmap.PAGESIZE)
        view = memoryview(mapped)
        with pytest.raises(OSError, match="Bad address"):
            NativeRuns().mp3(view, frame()[:4], 44100, 0, array("H"))
        view.release()


def test_a_bus_error_that_is_not_ours_goes_to_whoever_had_it_before(tmp_path: Path) -> None:
    ended = ended_by(
        """
        faulthandler.enable()
        runs.mp3(view, first, 44100, 0, array('H'))
        file.truncate(0); mapped[0]
        """,
        tmp_path,
    )
    assert ended.returncode == -signal.SIGBUS
    assert "Fatal Python error: Bus error" in ended.stderr


def test_two_libraries_that_look_for_bus_errors_do_not_pass_one_to_and_fro(tmp_path: Path) -> None:
    ended = ended_by(
        """
        from pyaudiobus.engine.ring import RingProducer
        ring = RingProducer.create(65536, 1)
        for _ in range(2):
            runs.mp3(view, first, 44100, 0, array('H')); ring.store(0, view[:4096])
        file.truncate(0); mapped[0]
        """,
        tmp_path,
    )
    assert ended.returncode == -signal.SIGBUS


def test_a_bus_error_that_somebody_sends_ends_the_process(tmp_path: Path) -> None:
    ended = ended_by(
        """
        runs.mp3(view, first, 44100, 0, array('H'))
        os.kill(os.getpid(), signal.SIGBUS); signal.pause()
        """,
        tmp_path,
    )
    assert ended.returncode == -signal.SIGBUS


def ended_by(deeds: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Have a process map a song, and do that."""
    path = folder / "song"
    path.write_bytes(frame() * 200)
    script = """
        import faulthandler, mmap, os, signal, sys
        from array import array
        from pyaudiobus.engine.frame_runs import NativeRuns
        file = open(sys.argv[1], 'r+b'); mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        runs, view, first = NativeRuns(), memoryview(mapped), bytes(mapped[:4])
        """
    words = [sys.executable, "-c", dedent(script) + dedent(deeds), str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
