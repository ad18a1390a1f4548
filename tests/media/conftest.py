"""Files for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.media.encoded import EncodedFile, open_encoded

Write = Callable[..., str]
Tap = Callable[[EncodedFile], bytes]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write bytes into a file and return its path."""

    def put(data: bytes, name: str = "sound.bin") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return put


@pytest.fixture
def opened(write: Write) -> Callable[[bytes], EncodedFile]:
    """Write bytes into a file and open it as MP3 or FLAC."""

    def put(data: bytes) -> EncodedFile:
        found = open_encoded(write(data))
        assert found is not None
        return found

    return put
