"""Frames out of pieces: what the walkers of whole files find, whatever the pieces and wherever a stream begins."""

from __future__ import annotations

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.live.flac_walker import FlacWalker
from pyaudiobus.media.live.mp3_walker import Mp3Walker
from pyaudiobus.media.live.walker import Framed, Walker
from tests.media.build_mp3 import frame
from tests.media.taps import FILES, open_real, tap

MP3 = (
    "lame-cbr-64",
    "lame-vbr",
    "lame-abr",
    "lame-vbr-no-info",
    "lame-crc",
    "lame-free-format",
    "lame-mpeg2-mono",
    "lame-mpeg25-mono",
    "lame-id3v2-art-ape-id3v1",
    "lavf",
)
FLAC = ("flac-16-stereo", "flac-16-mono", "flac-24-stereo", "flac-small-blocks", "flac-unknown-length")


def walk(walker: Walker, data: bytes, size: int) -> list[Framed]:
    found = []
    for at in range(0, len(data), size):
        walker.feed(data[at : at + size])
        while (framed := walker.take()) is not None:
            found.append(framed)
    walker.finish()
    while (framed := walker.take()) is not None:
        found.append(framed)
    return found


def joined(frames: list[Framed]) -> bytes:
    return b"".join(framed.data for framed in frames)


@pytest.mark.parametrize("size", [97, 1 << 20])
@pytest.mark.parametrize("name", MP3)
def test_an_mp3_in_pieces_is_the_mp3_as_a_whole(name: str, size: int) -> None:
    whole, walker = open_real(f"{name}.mp3"), Mp3Walker()
    frames = walk(walker, (FILES / f"{name}.mp3").read_bytes(), size)
    assert joined(frames) == tap(whole)
    assert sum(framed.frames for framed in frames) == whole.total_frames
    assert walker.form is not None
    found, expected = walker.form, whole.form
    assert (found.rate, found.channels, found.encoder_delay) == (
        expected.rate,
        expected.channels,
        expected.encoder_delay,
    )
    assert walker.total_frames in (0, whole.total_frames)


@pytest.mark.parametrize("size", [997, 1 << 20])
@pytest.mark.parametrize("name", FLAC)
def test_a_flac_in_pieces_is_the_flac_as_a_whole(name: str, size: int) -> None:
    whole, walker = open_real(f"{name}.flac"), FlacWalker(name)
    frames = walk(walker, (FILES / f"{name}.flac").read_bytes(), size)
    assert walker.header + joined(frames) == tap(whole)
    places = [framed.first for framed in frames]
    assert places == [sum(framed.frames for framed in frames[:number]) for number in range(len(frames))]


@pytest.mark.parametrize("cut", [1, 100, 208, 209, 5000])
def test_an_mp3_that_begins_in_mid_frame_is_found_at_the_next_frame(cut: int) -> None:
    frames = [frame(64, fill=number) for number in range(60)]
    walker = Mp3Walker()
    assert joined(walk(walker, b"".join(frames)[cut:], 500)) == b"".join(frames[-(-cut // len(frames[0])) :])
    assert walker.skipped == -cut % len(frames[0])


def test_junk_between_frames_is_left_out_and_counted() -> None:
    song = [frame(64, fill=number) for number in range(40)]
    walker = Mp3Walker()
    assert joined(walk(walker, b"".join((*song[:20], b"\xff\xf0 junk" * 30, *song[20:])), 333)) == b"".join(song)
    assert walker.skipped == 7 * 30


def test_frames_at_another_rate_are_no_part_of_the_stream() -> None:
    song = [frame(64) for _ in range(20)]
    other = [frame(64, 48000) for _ in range(20)]
    assert joined(walk(Mp3Walker(), b"".join((*song, *other, *song)), 1000)) == b"".join(song * 2)


@pytest.mark.parametrize("name", ["flac-16-stereo", "flac-small-blocks"])
def test_a_damaged_flac_frame_is_left_out_and_the_next_one_is_found(name: str) -> None:
    data = bytearray((FILES / f"{name}.flac").read_bytes())
    walker = FlacWalker(name)
    frames = walk(walker, bytes(data), 1000)
    start = data.index(frames[1].data)
    data[start : start + 3] = b"\0\0\0"
    again = FlacWalker(name)
    found = walk(again, bytes(data), 1000)
    assert [one.first for one in found] == [one.first for one in frames if one is not frames[1]]


def test_a_flac_sought_in_goes_on_at_the_next_whole_frame_and_tells_which() -> None:
    data = (FILES / "flac-small-blocks.flac").read_bytes()
    walker = FlacWalker("song")
    frames = walk(walker, data, 1000)
    walker.begin_again()
    found = walk(walker, data[data.index(frames[5].data) + 1 :], 700)
    assert found == frames[6:]


def test_flac_without_stream_info_is_refused() -> None:
    walker = FlacWalker("song")
    walker.feed(b"fLaC\x81\0\0\4abcd" + bytes(100))
    with pytest.raises(MediaError, match="without STREAMINFO"):
        walker.take()
