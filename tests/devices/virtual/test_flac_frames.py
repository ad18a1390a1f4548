"""Cutting a FLAC stream into frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.devices.virtual.flac_frames import FlacFrames, parse_header
from tests.devices.virtual.bench import FILES

WHOLE = (FILES / "tone-16.flac").read_bytes()
FIRST = WHOLE.index(b"\xff\xf8")
BARE = WHOLE[FIRST:]
FRAMES = -(-int(22_050 * 0.29) // 512)


def cut(stream: bytes, size: int) -> list[bytes]:
    splitter = FlacFrames(b"")
    frames = [frame for at in range(0, len(stream), size) for frame in splitter.split(stream[at : at + size])]
    return frames + splitter.flush()


def number(frame: bytes) -> int | None:
    header = parse_header(frame, 0)
    return None if header is None else header.number


@pytest.mark.parametrize("stream", [WHOLE, BARE], ids=["with metadata", "frames alone"])
@pytest.mark.parametrize("size", [1, 7, 100, 4096, 1 << 20])
def test_frames_come_out_whole_however_the_bytes_come_in(stream: bytes, size: int) -> None:
    frames = cut(stream, size)
    assert b"".join(frames) == BARE
    assert [number(frame) for frame in frames] == list(range(FRAMES))


def test_the_streams_own_stream_info_is_kept() -> None:
    splitter = FlacFrames(b"something else")
    splitter.split(WHOLE)
    assert splitter.stream_info == WHOLE[8:42]


def test_a_whole_frame_comes_out_at_once_when_asked_for_and_half_of_one_does_not() -> None:
    frames = cut(BARE, 4096)
    splitter = FlacFrames(b"")
    for frame in frames:
        assert splitter.split(frame[:-1]) == []
        assert splitter.settle() == []
        assert splitter.split(frame[-1:]) == []
        assert splitter.settle() == [frame]
    assert splitter.settle() == []


def test_a_chain_is_picked_up_again_after_a_gap() -> None:
    frames = cut(BARE, 4096)
    patched = b"".join(frames[:3] + frames[6:])
    assert cut(patched, 4096)[-4:] == frames[-4:]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_nothing_is_lost_of_any_bytes(noise: bytes, size: int) -> None:
    if not noise.startswith(b"fLaC"):
        assert b"".join(cut(noise, size)) == noise


@pytest.mark.parametrize(
    ("coded", "number"),
    [
        ("00", 0),
        ("7f", 127),
        ("c280", 128),
        ("dfbf", 2047),
        ("e0a080", 2048),
        ("efbfbf", 65_535),
        ("f0908080", 65_536),
        ("f8888080 80", 1 << 21),
        ("fc84808080 80", 1 << 26),
        ("fe8280808080 80", 1 << 31),
        ("febfbfbfbfbf bf", (1 << 36) - 1),
    ],
)
def test_frame_numbers_are_read_at_every_length(coded: str, number: int) -> None:
    head = bytes.fromhex("fff8c9a8") + bytes.fromhex(coded)
    crc = next(crc for crc in range(256) if parse_header(head + bytes([crc]), 0))
    header = parse_header(head + bytes([crc]), 0)
    assert header is not None
    assert (header.number, header.follower) == (number, number + 1)


@pytest.mark.parametrize(
    ("second", "third", "fourth", "extra", "samples"),
    [
        (0xF9, 0x19, 0xA8, "", 192),
        (0xF9, 0x29, 0xA8, "", 576),
        (0xF9, 0x59, 0xA8, "", 4608),
        (0xF9, 0x89, 0xA8, "", 256),
        (0xF9, 0xF9, 0xA8, "", 32_768),
        (0xF9, 0x69, 0xA8, "0f", 16),
        (0xF9, 0x79, 0xA8, "ffff", 65_536),
        (0xF9, 0x7D, 0xA8, "0fffac44", 4096),
    ],
)
def test_block_sizes_are_read_from_every_code(second: int, third: int, fourth: int, extra: str, samples: int) -> None:
    head = bytes([0xFF, second, third, fourth, 0]) + bytes.fromhex(extra)
    found = [parse_header(head + bytes([crc]), 0) for crc in range(256)]
    assert [header.follower for header in found if header is not None] == [samples]


@pytest.mark.parametrize("head", ["fff809a8", "fff8cfa8", "fff8c9b8", "fff8c9a6", "fff8c9a9", "fffac9a8", "fef8c9a8"])
def test_reserved_codes_make_no_header(head: str) -> None:
    assert all(parse_header(bytes.fromhex(head) + bytes([0, crc]), 0) is None for crc in range(256))
