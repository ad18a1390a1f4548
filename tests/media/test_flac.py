"""The FLAC walker on streams made bit by bit."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded
from pyaudiobus.media.flac_header import coded_number, parse_frame_header
from tests.media.build_flac import block, coded, crc, frame, stream_info
from tests.media.build_mp3 import ape, id3v1, id3v2
from tests.media.conftest import Write
from tests.media.taps import tap

Opened = Callable[[bytes], EncodedFile]
RANDOM = random.Random(3)
COUNT = 12


def sound(channels: int = 1, samples: int = 192, depth: int = 16) -> list[list[int]]:
    return [[RANDOM.randrange(-(1 << depth - 1), 1 << depth - 1) for _ in range(samples)] for _ in range(channels)]


def native(info: bytes, frames: Sequence[bytes], *extra: bytes) -> bytes:
    return b"fLaC" + block(0, info, last=not extra) + b"".join(extra) + b"".join(frames)


def sent(info: bytes, frames: Sequence[bytes]) -> bytes:
    return b"fLaC\x80\0\0\x22" + info + b"".join(frames)


FRAMES = [frame(number, sound()) for number in range(COUNT - 1)] + [frame(COUNT - 1, sound(samples=50))]
TOTAL = (COUNT - 1) * 192 + 50
INFO = stream_info(total=TOTAL)


def test_only_streaminfo_and_the_frames_are_sent(opened: Opened) -> None:
    extra = (block(6, bytes(3000)), block(4, b"\xff\xf8" * 40), block(1, bytes(100), last=True))
    found = opened(native(INFO, FRAMES, *extra))
    assert tap(found) == sent(INFO, FRAMES)
    assert found.form.codec_private == INFO
    assert found.total_frames == 11 * 192 + 50
    assert found.first_frame_offset == 4 + 38 + 3004 + 84 + 104
    assert found.audio_bytes == sum(map(len, FRAMES))
    assert found.warnings == ()


@pytest.mark.parametrize("depth", [8, 12, 16, 20, 24, 32])
@pytest.mark.parametrize("channels", [1, 2, 5, 8])
@pytest.mark.parametrize("says_depth", [True, False])
def test_every_depth_and_channel_count(opened: Opened, depth: int, channels: int, says_depth: bool) -> None:
    frames = [frame(number, sound(channels, 32, depth), depth=depth, says_depth=says_depth) for number in range(4)]
    info = stream_info(channels=channels, depth=depth, blocks=(32, 32))
    found = opened(native(info, frames))
    assert tap(found) == sent(info, frames)
    assert (found.form.bit_depth, found.form.channels) == (depth, channels)


@pytest.mark.parametrize(
    ("rate", "code", "field"),
    [
        (655350, 14, (65535).to_bytes(2, "big")),
        (12345, 13, (12345).to_bytes(2, "big")),
        (7000, 12, b"\x07"),
        (192000, 3, b""),
        (44100, 0, b""),
        (1, 0, b""),
    ],
)
def test_every_way_to_write_a_rate(opened: Opened, rate: int, code: int, field: bytes) -> None:
    frames = [frame(number, sound(), rate_code=code, rate_field=field) for number in range(4)]
    found = opened(native(stream_info(rate=rate), frames))
    assert found.form.rate == rate
    assert len(tap(found)) == 42 + sum(map(len, frames))


def test_frames_of_different_lengths_are_counted_by_samples(opened: Opened) -> None:
    lengths = [16, 700, 31, 4000, 192, 192, 65, 1]
    frames, number = [], 0
    for samples in lengths:
        frames.append(frame(number, sound(samples=samples), variable=True))
        number += samples
    info = stream_info(blocks=(16, 4000))
    found = opened(native(info, frames))
    assert tap(found) == sent(info, frames)
    assert found.total_frames == sum(lengths)
    assert found.index.frames_at(42 + len(frames[0])) == 16
    assert found.index.byte_at(16 + 700 + 31) == 42 + sum(map(len, frames[:3]))


@pytest.mark.parametrize("first", [0, 100, 0x7E, 0x7FC, 0xFFFA])
def test_numbers_go_on_from_wherever_the_stream_was_cut(opened: Opened, first: int) -> None:
    frames = [frame(first + number, sound()) for number in range(9)]
    assert tap(opened(native(stream_info(), frames))) == sent(stream_info(), frames)


def test_headers_that_are_only_sound_are_not_believed(opened: Opened) -> None:
    """A verbatim frame whose samples spell the header of the frame that comes next, but for the checksum."""
    header = frame(1, sound())[:8]
    lure = header[:7] + bytes((header[7] ^ 1,))
    spelled = [int.from_bytes(lure[at : at + 2], "big") for at in range(0, 8, 2)]
    signed = [number - 65536 if number > 32767 else number for number in spelled]
    frames = [frame(0, [signed * 48]), frame(1, sound()), frame(2, sound())]
    assert tap(opened(native(stream_info(), frames))) == sent(stream_info(), frames)


@pytest.mark.parametrize(
    "behind", [id3v1(), ape() + id3v1(), bytes(999), b"\xff\xf8" * 60, random.Random(5).randbytes(3000)]
)
def test_what_follows_the_last_frame_is_not_sent(opened: Opened, behind: bytes) -> None:
    assert tap(opened(native(INFO, FRAMES) + behind)) == sent(INFO, FRAMES)


@pytest.mark.parametrize("front", [id3v2(), id3v2(footer=True) + id3v2()])
def test_a_tag_in_front_is_skipped(opened: Opened, front: bytes) -> None:
    assert tap(opened(front + native(INFO, FRAMES))) == sent(INFO, FRAMES)


@pytest.mark.parametrize("missing", [1, 2, 3, 60, 100])
def test_a_truncated_last_frame_is_not_sent(opened: Opened, missing: int) -> None:
    found = opened(native(INFO, FRAMES)[:-missing])
    assert tap(found) == sent(INFO, FRAMES[:-1])
    assert found.warnings == (f"truncated: the last {len(FRAMES[-1]) - missing} bytes are not a whole frame",)


def test_junk_between_frames_is_left_out(opened: Opened) -> None:
    junk = random.Random(6).randbytes(2000)
    found = opened(native(INFO, [*FRAMES[:5], junk, *FRAMES[5:]]))
    assert tap(found) == sent(INFO, FRAMES)


def test_a_damaged_header_costs_one_frame(opened: Opened) -> None:
    broken = b"\0\0" + FRAMES[5][2:]
    found = opened(native(INFO, [*FRAMES[:5], broken, *FRAMES[6:]]))
    assert tap(found) == sent(INFO, [*FRAMES[:5], *FRAMES[6:]])
    assert len(found.warnings) == 1


def test_a_lost_frame_costs_only_itself(opened: Opened) -> None:
    found = opened(native(INFO, [*FRAMES[:5], *FRAMES[6:]]))
    assert tap(found) == sent(INFO, [*FRAMES[:5], *FRAMES[6:]])


def test_bytes_lost_in_a_frame_cost_that_frame(opened: Opened) -> None:
    found = opened(native(INFO, [*FRAMES[:5], FRAMES[5][:80] + FRAMES[5][90:], *FRAMES[6:]]))
    assert found.total_frames in (TOTAL, TOTAL - 192)


@pytest.mark.parametrize(
    "broken",
    [
        stream_info(rate=0),
        stream_info(blocks=(0, 0)),
        stream_info(blocks=(4096, 192)),
        stream_info(channels=2),
        stream_info(depth=24),
        stream_info(rate=8000),
        stream_info(blocks=(16, 16)),
        bytes(34),
        b"\xff" * 34,
    ],
    ids=["rate 0", "blocks 0", "blocks reversed", "channels", "depth", "rate", "block too short", "zeros", "ones"],
)
def test_a_broken_streaminfo_is_made_again_from_the_frames(opened: Opened, broken: bytes) -> None:
    found = opened(native(broken, FRAMES))
    assert (found.form.rate, found.form.channels, found.form.bit_depth) == (44100, 1, 16)
    assert tap(found)[42:] == b"".join(FRAMES)
    assert found.form.codec_private[:4] == b"\0\xc0\0\xc0"
    assert "STREAMINFO is broken" in found.warnings[0]


def test_a_missing_streaminfo_is_made_again_from_the_frames(opened: Opened) -> None:
    found = opened(b"fLaC" + block(1, bytes(50), last=True) + b"".join(FRAMES))
    assert tap(found)[42:] == b"".join(FRAMES)
    assert (found.form.rate, found.form.bit_depth) == (44100, 16)


def test_frames_that_refer_to_a_broken_streaminfo_are_an_error(write: Write) -> None:
    frames = [frame(number, sound(), rate_code=0, says_depth=False) for number in range(4)]
    with pytest.raises(MediaError, match="broken STREAMINFO"):
        open_encoded(write(native(stream_info(rate=0), frames)))


@pytest.mark.parametrize("length", [0xFFFFFF, 300])
def test_a_metadata_block_whose_length_lies_costs_no_frame(opened: Opened, length: int) -> None:
    lying = bytes((0x81,)) + length.to_bytes(3, "big") + bytes(40)
    data = b"fLaC" + block(0, INFO) + lying + b"".join(FRAMES)
    assert tap(opened(data)) in (sent(INFO, FRAMES), sent(INFO, FRAMES[1:]))


@pytest.mark.parametrize("data", [b"fLaC", b"fLaC" + bytes(500), native(INFO, []), native(INFO, [FRAMES[0][:-1]])])
def test_a_stream_without_a_whole_frame_is_an_error(write: Write, data: bytes) -> None:
    with pytest.raises(MediaError, match="no whole FLAC frame"):
        open_encoded(write(data))


@pytest.mark.parametrize("number", [0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x1FFFFF])
def test_numbers_are_written_as_utf_8_writes_characters(number: int) -> None:
    assert coded_number(number) == coded(number)


@pytest.mark.parametrize("number", [0x200000, 0x3FFFFFF, 0x4000000, 0x7FFFFFFF, 0x80000000, (1 << 36) - 1])
def test_large_numbers_survive_a_frame_header(number: int) -> None:
    head = b"\xff\xf9\x79\x08" + coded_number(number) + b"\0\xbf"
    header = parse_frame_header(head + bytes((crc(head, 8, 0x07),)), 0)
    assert header is not None
    assert header.number == number
