"""Monkey's Audio: what a driver is told of files of all versions, and what is sent."""

from __future__ import annotations

import struct

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded
from tests.media.build_ape import FRAME, new_file, old_file
from tests.media.conftest import Write


def opened(write: Write, data: bytes) -> EncodedFile:
    found = open_encoded(write(data, "song.ape"))
    assert found is not None
    return found


def told(found: EncodedFile) -> tuple[int, ...]:
    """Version, level, flags, blocks a frame, blocks of the last, frames, whether a seek table is sent."""
    return struct.unpack("<HHHIIII", found.form.codec_private)


def test_a_file_is_sent_from_its_descriptor_to_its_last_frame(write: Write) -> None:
    data = new_file()
    found = opened(write, data + b"APETAGEX" + struct.pack("<IIII8s", 2000, 32, 0, 0, bytes(8)))
    assert bytes(found.reader().peek(1 << 20)) == data
    assert told(found) == (3990, 2000, 0, 4096, 1000, 3, 1)
    assert (found.total_frames, str(found.form), found.form.bit_depth) == (2 * 4096 + 1000, "ape/44100/2", 16)
    assert found.index.byte_at(4096) == len(data) - 2 * len(FRAME)


@pytest.mark.parametrize(
    ("version", "level", "blocks"),
    [(3800, 2000, 9216), (3800, 4000, 73_728), (3900, 2000, 73_728), (3950, 2000, 294_912), (3970, 5000, 294_912)],
)
@pytest.mark.parametrize("flags", [32, 32 | 4, 32 | 4 | 16])
def test_older_versions_tell_their_frames_by_what_they_are(
    write: Write, version: int, level: int, blocks: int, flags: int
) -> None:
    found = opened(write, old_file(version, level, flags))
    assert told(found) == (version, level, flags, blocks, 1000, 3, 1)
    assert found.audio_bytes == 3 * len(FRAME)


def test_a_file_that_was_cut_off_plays_the_frames_that_are_there(write: Write) -> None:
    data = new_file(frames=5)
    found = opened(write, data[: -2 * len(FRAME)])
    assert found.total_frames == 3 * 4096
    assert found.warnings == ("truncated: 3 of 5 frames are there",)


@pytest.mark.parametrize(
    "data",
    [
        new_file(frames=0),
        new_file(final=9999),
        new_file()[:80],
        struct.pack("<4sHH7I16s", b"MAC ", 3990, 0, 52, 24, 1 << 30, 0, 0, 0, 0, bytes(16)) + bytes(100),
        b"MAC " + struct.pack("<H", 9000) + bytes(200),
    ],
)
def test_headers_that_contradict_themselves_are_errors(write: Write, data: bytes) -> None:
    with pytest.raises(MediaError) as error:
        open_encoded(write(data, "song.ape"))
    assert error.value.advice
