"""Opening files, and what becomes of those that cannot be opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.source import FileSource
from tests.media.conftest import Write


def refusal(path: Path | str) -> str:
    with pytest.raises(MediaError) as caught:
        FileSource(str(path))
    error = caught.value
    assert error.exit_code == 2
    assert error.advice
    return error.what


def test_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.mp3").endswith("none.mp3 does not exist")


def test_a_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith("is a directory")


def test_a_path_through_a_file(write: Write) -> None:
    assert "does not exist: part of its path is a file" in refusal(write(b"x") + "/more.mp3")


def test_an_empty_file(write: Write) -> None:
    assert refusal(write(b"")).endswith("is empty")


def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").endswith("is not a regular file")


def test_a_device_node() -> None:
    assert refusal("/dev/zero") == "/dev/zero is not a regular file"


def test_a_name_no_file_can_have() -> None:
    assert "cannot be a file name" in refusal("a\0b")
    assert "a name that is too long" in refusal("x" * 5000)


def test_a_circle_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "leads in a circle" in refusal(tmp_path / "a")


def test_a_file_without_read_permission(tmp_path: Path) -> None:
    """In a process without root's rights, because root reads everything."""
    path = tmp_path / "secret.mp3"
    path.write_bytes(b"x")
    path.chmod(0)
    tmp_path.chmod(0o755)
    script = (
        "import os, sys\n"
        "from pyaudiobus.errors import MediaError\n"
        "from pyaudiobus.media.source import FileSource\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "os.getuid() or os.setuid(65534)\n"
        "try:\n    FileSource('secret.mp3')\n"
        "except MediaError as error:\n    print(error.what)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "secret.mp3 may not be read"


def test_reads_are_exact_and_a_closed_file_says_so(write: Write) -> None:
    source = FileSource(write(b"0123456789"))
    assert (source.size, source.read(3, 4)) == (10, b"3456")
    source.close()
    source.close()
    with pytest.raises(MediaError, match="cannot be read"):
        source.read(0, 1)
