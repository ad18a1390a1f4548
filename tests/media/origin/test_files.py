"""Pipes, standard input and growing files as origins."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from pyaudiobus.errors import MediaError, NotSupported
from pyaudiobus.media.origin.files import GrowingFile, PipeOrigin, is_stream
from pyaudiobus.media.origin.origin import Origin


def everything(origin: Origin) -> bytes:
    data = b""
    while piece := origin.read(1000):
        data += piece
    origin.close()
    return data


@pytest.fixture
def fifo(tmp_path: Path) -> str:
    path = str(tmp_path / "fifo")
    os.mkfifo(path)
    return path


def test_a_fifo_is_read_until_its_last_writer_leaves_and_waits_for_the_first(fifo: str) -> None:
    origin = PipeOrigin(fifo)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(everything(origin)))
    reader.start()
    with open(fifo, "wb") as pipe:
        pipe.write(b"x" * 5000)
    reader.join(10)
    assert found == [b"x" * 5000]


def test_a_read_that_waits_is_ended_by_an_interruption(fifo: str) -> None:
    origin = PipeOrigin(fifo)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(origin.read(10)))
    reader.start()
    origin.interrupt()
    reader.join(10)
    assert found == [b""]
    origin.close()
    origin.close()


def test_there_is_no_going_back_in_a_pipe(fifo: str) -> None:
    origin = PipeOrigin(fifo)
    with pytest.raises(NotSupported, match="no going back or ahead in a pipe"):
        origin.seek(0)
    origin.close()


def test_what_comes_in_order_is_told_from_what_lies_there(fifo: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert is_stream(fifo)
    assert not is_stream(str(tmp_path / "file"))
    assert not is_stream(str(tmp_path / "missing"))


def test_a_file_ends_where_it_ends_once_nobody_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    with path.open("wb") as writer:
        writer.write(b"one")
        writer.flush()
        origin = GrowingFile(str(path))
        assert origin.read(10) == b"one"
        found: list[bytes] = []
        reader = threading.Thread(target=lambda: found.append(everything(origin)))
        reader.start()
        writer.write(b"two")
        writer.flush()
        writer.write(b"three")
    reader.join(10)
    assert found == [b"twothree"]


def test_a_file_that_stands_still_where_the_kernel_does_not_tell_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(b"x")
    times = iter(range(0, 100, 9))
    origin = WithoutLeases(str(path), look=lambda: float(next(times)))
    assert everything(origin) == b"x"


class WithoutLeases(GrowingFile):
    """On a file system that knows no leases."""

    def _asks_kernel(self) -> bool | None:
        return None


def test_a_directory_or_a_socket_does_not_grow(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no file that could grow"):
        GrowingFile(str(tmp_path))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        with pytest.raises(MediaError, match="cannot be opened"):
            GrowingFile(str(tmp_path / "socket"))
