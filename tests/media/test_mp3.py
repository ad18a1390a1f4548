"""The MP3 walker on files made byte by byte: what is sent is the whole frames, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded, open_framed
from tests.media.build_mp3 import (
    JOINT,
    MONO,
    MPEG_1,
    MPEG_2,
    MPEG_25,
    STEREO,
    ape,
    frame,
    id3v1,
    id3v2,
    lyrics3v2,
    with_info,
    with_vbri,
)
from tests.media.conftest import Write
from tests.media.taps import tap

Opened = Callable[[bytes], EncodedFile]
FRAMES = b"".join(frame(padding=number % 3 == 1, fill=number) for number in range(1, 40))
NOISE = random.Random(1).randbytes(5000).replace(b"\xff", b"\xfe")


@pytest.mark.parametrize(
    ("shape", "samples"),
    [
        ((MPEG_1, 44100, JOINT, 128), 1152),
        ((MPEG_1, 48000, STEREO, 320), 1152),
        ((MPEG_1, 32000, MONO, 32), 1152),
        ((MPEG_2, 22050, MONO, 8), 576),
        ((MPEG_2, 24000, JOINT, 160), 576),
        ((MPEG_2, 16000, JOINT, 64), 576),
        ((MPEG_25, 11025, MONO, 16), 576),
        ((MPEG_25, 12000, STEREO, 48), 576),
        ((MPEG_25, 8000, MONO, 8), 576),
    ],
    ids=str,
)
def test_every_version_rate_and_mode(opened: Opened, shape: tuple[int, int, int, int], samples: int) -> None:
    version, rate, mode, kbps = shape
    data = b"".join(frame(kbps, rate, version=version, mode=mode, fill=number) for number in range(1, 20))
    found = opened(data)
    assert tap(found) == data
    assert (found.form.rate, found.form.channels) == (rate, 1 if mode == MONO else 2)
    assert found.total_frames == 19 * samples
    assert found.bit_rate_mode == "cbr"


def test_frames_of_a_vbr_file_have_their_own_sizes(opened: Opened) -> None:
    data = b"".join(frame(kbps, crc=kbps > 100) for kbps in (32, 320, 64, 128, 256, 40) * 9)
    found = opened(data)
    assert tap(found) == data
    assert found.bit_rate_mode == "vbr"
    assert found.form.bit_rate == round(len(data) * 8 * 44100 / found.total_frames)


@pytest.mark.parametrize("mode", [JOINT, MONO])
@pytest.mark.parametrize("size", [261, 700, 2881])
def test_free_format_frames_are_as_long_as_the_way_to_the_next(opened: Opened, size: int, mode: int) -> None:
    data = b"".join(frame(0, free_size=size, padding=number % 2, mode=mode) for number in range(20))
    assert tap(opened(data)) == data


@pytest.mark.parametrize("layer", [2, 3])
def test_layer_one_and_two_are_left_to_ffmpeg(write: Write, layer: int) -> None:
    assert open_framed(write(b"".join(frame(layer=layer) for _ in range(50)))) is None


@pytest.mark.parametrize(
    ("front", "behind"),
    [
        (id3v2(), b""),
        (id3v2(footer=True), id3v1()),
        (id3v2() + id3v2(footer=True) + id3v2(bytes(3000)), id3v1(extended=True)),
        (ape(), ape()),
        (b"", ape(header=False) + id3v1()),
        (id3v2(NOISE), lyrics3v2() + ape() + id3v1()),
        (b"", b"LYRICSBEGINwords" + b"LYRICSEND" + id3v1()),
        (b"", id3v2(footer=True)),
    ],
    ids=["id3v2", "footer", "three in a row", "ape", "ape footer only", "lyrics3v2", "lyrics3v1", "id3v2 at the end"],
)
def test_tags_are_not_sent(opened: Opened, front: bytes, behind: bytes) -> None:
    found = opened(front + FRAMES + behind)
    assert tap(found) == FRAMES
    assert found.first_frame_offset == len(front)
    assert found.warnings == ()


def test_an_ape_tag_whose_size_lies_is_no_sound_either(opened: Opened) -> None:
    footer = ape()[-32:]
    assert tap(opened(FRAMES + footer[:12] + b"\xff\xff\xff\x7f" + footer[16:])) == FRAMES


@pytest.mark.parametrize("claimed", [5, 90, 2000, 5000, 1 << 27], ids=str)
def test_a_tag_whose_length_lies_costs_no_frame(opened: Opened, claimed: int) -> None:
    found = opened(id3v2(NOISE[:300], claimed=claimed) + FRAMES)
    assert tap(found) == FRAMES
    assert len(found.warnings) == 1


def test_a_tag_with_a_plain_length_is_skipped(opened: Opened) -> None:
    found = opened(id3v2(NOISE[:255], plain=True) + FRAMES)
    assert (tap(found), found.warnings) == (FRAMES, ())


@pytest.mark.parametrize("junk", [NOISE[:1], NOISE[:1044], bytes(4096), b"\xff" * 700], ids=len)
@pytest.mark.parametrize("place", [0, 1])
def test_junk_is_left_out_and_told(opened: Opened, junk: bytes, place: int) -> None:
    half = _end_of_frame(20 * place)
    found = opened(FRAMES[:half] + junk + FRAMES[half:])
    assert tap(found) == FRAMES
    assert found.warnings == (f"skipped {len(junk)} bytes of junk at offset {half}",)


def test_junk_that_looks_like_headers_costs_no_frame(opened: Opened) -> None:
    half = _end_of_frame(20)
    found = opened(FRAMES[:half] + frame()[:4] * 3 + FRAMES[half:])
    assert tap(found) == FRAMES
    assert len(found.warnings) == 1


def test_junk_at_the_end_is_left_out(opened: Opened) -> None:
    found = opened(FRAMES + NOISE[:700])
    assert tap(found) == FRAMES
    assert found.warnings == ("left out the last 700 bytes, which are no audio",)


def test_a_tag_in_the_middle_is_skipped_even_if_it_holds_frames(opened: Opened) -> None:
    found = opened(FRAMES + id3v1() + id3v2(frame() * 3) + FRAMES)
    assert found.audio_bytes >= 2 * len(FRAMES)
    assert opened(FRAMES + id3v2(frame() * 3) + FRAMES).audio_bytes == 2 * len(FRAMES)


def test_a_frame_that_lost_bytes_is_not_whole(opened: Opened) -> None:
    start, end = _end_of_frame(20), _end_of_frame(21)
    found = opened(FRAMES[: start + 100] + FRAMES[start + 160 :])
    assert tap(found) == FRAMES[:start] + FRAMES[end:]
    assert found.warnings == (f"skipped a frame at offset {start} that is not whole",)


def test_a_file_that_was_cut_out_of_a_stream_begins_at_its_first_frame(opened: Opened) -> None:
    assert tap(opened(FRAMES[100:])) == FRAMES[_end_of_frame(1) :]


@pytest.mark.parametrize("missing", [1, 3, 200, 413, 416])
def test_a_truncated_last_frame_is_not_sent(opened: Opened, missing: int) -> None:
    found = opened(FRAMES[:-missing])
    assert tap(found) == FRAMES[: _end_of_frame(38)]
    assert len(found.warnings) == 1


def test_one_frame_that_ends_with_the_file_is_enough(opened: Opened) -> None:
    assert tap(opened(frame())) == frame()
    assert tap(opened(id3v2() + frame() + id3v1())) == frame()
    assert tap(opened(frame() + frame()[:2])) == frame()


@pytest.mark.parametrize(
    "other",
    [frame(128, 48000), frame(128, 44100, mode=MONO), frame(64, 22050, version=MPEG_2)],
    ids=["rate", "mono", "mpeg2"],
)
def test_frames_of_another_kind_are_left_out_and_told(opened: Opened, other: bytes) -> None:
    found = opened(FRAMES + other * 9)
    assert tap(found) == FRAMES
    assert "one stream has one rate and one channel count" in found.warnings[0]
    assert tap(opened(FRAMES + other * 9 + FRAMES)) == FRAMES + FRAMES


@pytest.mark.parametrize("crc_gap", [0, 2])
@pytest.mark.parametrize("mode", [JOINT, MONO])
@pytest.mark.parametrize("shape", [(MPEG_1, 44100, 128), (MPEG_2, 22050, 80), (MPEG_25, 8000, 64)], ids=str)
def test_the_info_frame_is_read_and_not_sent(
    opened: Opened, shape: tuple[int, int, int], mode: int, crc_gap: int
) -> None:
    version, rate, kbps = shape
    sound = frame(kbps, rate, version=version, mode=mode) * 10
    host = frame(kbps, rate, version=version, mode=mode, crc=bool(crc_gap))
    info = with_info(host, frames=10, delay=1105, padding=600, version=version, mode=mode, crc_gap=crc_gap)
    found = opened(info + sound)
    assert tap(found) == sound
    assert (found.form.encoder_delay, found.form.encoder_padding) == (1105, 600)
    assert found.duration == (found.total_frames - 1705) / rate


def test_an_info_frame_forgotten_by_the_crc_is_found_too(opened: Opened) -> None:
    host = frame(crc=True)
    assert tap(opened(with_info(host, frames=39) + FRAMES)) == FRAMES


def test_a_vbri_frame_is_not_sent(opened: Opened) -> None:
    sound = frame(128) * 5 + frame(64) * 5
    found = opened(with_vbri(frame(), frames=10, audio_bytes=len(sound)) + sound)
    assert tap(found) == sound
    assert found.bit_rate_mode == "vbr"
    assert found.form.encoder_delay == 0


@pytest.mark.parametrize("frames", [1, 20, 1_000_000])
def test_counts_that_lie_change_nothing(opened: Opened, frames: int) -> None:
    found = opened(with_info(frame(), frames=frames, audio_bytes=7) + FRAMES)
    assert tap(found) == FRAMES
    assert found.total_frames == 39 * 1152
    assert (found.form.encoder_delay, found.form.encoder_padding) == (576, 0)


def test_a_tag_without_lames_part_has_no_delay(opened: Opened) -> None:
    found = opened(with_info(frame(), kind=b"Xing", encoder=b"", delay=100) + frame(64) + FRAMES)
    assert found.form.encoder_delay == 0
    assert found.bit_rate_mode == "vbr"


def test_delays_longer_than_the_file_do_not_make_it_negative(opened: Opened) -> None:
    found = opened(with_info(frame(), frames=1, delay=4095, padding=4095) + frame())
    assert found.duration == 1152 / 44100


@pytest.mark.parametrize("data", [id3v2(), id3v2() + bytes(5000), id3v2(NOISE), id3v2() + with_info(frame())])
def test_tags_and_no_sound_behind_them_are_an_error(write: Write, data: bytes) -> None:
    with pytest.raises(MediaError, match="no MP3 or FLAC frame"):
        open_encoded(write(data + id3v1()))


@pytest.mark.parametrize("container", [b"RIFF\0\0\1\0WAVEfmt ", b"\0\0\0\x20ftypM4A ", b"\x1aE\xdf\xa3", b"FLV\x01"])
def test_frames_inside_other_containers_are_left_to_ffmpeg(write: Write, container: bytes) -> None:
    assert open_framed(write(container + bytes(100) + FRAMES)) is None


def test_a_transport_stream_is_left_to_ffmpeg(write: Write) -> None:
    packets = b"".join(b"G" + FRAMES[at : at + 187] for at in range(0, 5000, 187))
    assert open_framed(write(packets)) is None


def test_frames_lie_in_the_index_where_they_lie_in_the_stream(opened: Opened) -> None:
    found = opened(id3v2() + FRAMES[: _end_of_frame(20)] + NOISE[:50] + FRAMES[_end_of_frame(20) :])
    for number in (0, 1, 19, 20, 21, 38):
        start = _end_of_frame(number)
        assert found.index.frames_at(start) == number * 1152
        assert found.index.byte_at(number * 1152) == start
        reader = found.reader()
        reader.seek(start)
        assert bytes(reader.peek(4))[:2] == b"\xff\xfb"


def test_a_file_longer_than_a_chunk_of_the_scan(opened: Opened) -> None:
    many = FRAMES * 60
    found = opened(id3v2() + many + NOISE[:99] + many + id3v1())
    assert found.total_frames == 2 * 60 * 39 * 1152
    assert tap(found, 32768) == many + many


def _end_of_frame(number: int) -> int:
    return sum(len(frame(padding=before % 3 == 1)) for before in range(1, number + 1))
