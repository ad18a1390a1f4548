"""FLAC in Ogg that comes in pieces: the frames of the native stream, whatever pages and pieces do to them."""

from __future__ import annotations

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.live.ogg_flac_walker import OggFlacWalker, is_ogg_flac
from tests.media.build_flac import block, laced, page, stream_info
from tests.media.live.test_walkers import joined, walk
from tests.media.taps import FILES, open_real, tap
from tests.media.test_ogg import FRAMES, first_page, pages


@pytest.mark.parametrize("size", [97, 1 << 20])
def test_a_real_file_in_pieces_is_that_file_as_a_whole(size: int) -> None:
    walker = OggFlacWalker("song")
    frames = walk(walker, (FILES / "flac.oga").read_bytes(), size)
    whole = open_real("flac.oga")
    assert walker.header + joined(frames) == tap(whole)
    assert sum(framed.frames for framed in frames) == whole.total_frames == walker.total_frames


@pytest.mark.parametrize("segments", [1, 2, 7, 255])
@pytest.mark.parametrize("size", [1, 333])
def test_frames_are_found_wherever_pages_part_them(segments: int, size: int) -> None:
    data = first_page() + b"".join(pages(FRAMES, size=segments))
    assert is_ogg_flac(data)
    assert joined(walk(OggFlacWalker("song"), data, size)) == b"".join(FRAMES)


def test_a_damaged_page_takes_with_it_what_it_held_and_no_more() -> None:
    parts = pages(FRAMES, size=len(laced(FRAMES[0])))
    damaged = parts[4][:-9] + b"?" + parts[4][-8:]
    walker = OggFlacWalker("song")
    found = walk(walker, first_page() + b"".join((*parts[:4], damaged, *parts[5:])), 500)
    assert joined(found) == b"".join(FRAMES[:4] + FRAMES[5:])
    assert walker.skipped > 0


def test_the_songs_of_a_station_follow_each_other() -> None:
    song = b"".join(pages(FRAMES, size=5))
    again = b"".join(pages(FRAMES[:3], size=5, serial=8))
    data = first_page() + song + first_page(serial=8) + again
    assert joined(walk(OggFlacWalker("song"), data, 100)) == b"".join(FRAMES + FRAMES[:3])


def test_a_song_of_another_kind_is_told() -> None:
    body = b"\x7fFLAC\x01\0\0\1fLaC" + block(0, stream_info(rate=48_000))
    other = page(body, laced(body), sequence=0, serial=9, flags=2)
    with pytest.raises(MediaError, match="goes on in another format"):
        walk(OggFlacWalker("song"), first_page() + b"".join(pages(FRAMES, size=5)) + other, 1000)


def test_other_streams_between_the_pages_are_left_out() -> None:
    mine, others = pages(FRAMES, size=3), pages(FRAMES, size=3, serial=99)
    data = first_page() + b"".join(both for pair in zip(others, mine, strict=True) for both in pair)
    assert joined(walk(OggFlacWalker("song"), data, 200)) == b"".join(FRAMES)
