"""FLAC in Ogg: the same frames as in a native file, whatever the pages do to them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded, open_framed
from tests.media.build_flac import block, frame, laced, page, stream_info
from tests.media.conftest import Write
from tests.media.taps import tap

Opened = Callable[[bytes], EncodedFile]
RANDOM = random.Random(4)
INFO = stream_info()
FRAMES = [frame(number, [[RANDOM.randrange(-32768, 32767) for _ in range(192)]]) for number in range(10)]
SENT = b"fLaC\x80\0\0\x22" + INFO + b"".join(FRAMES)


def first_page(*, serial: int = 7, packets: int = 1) -> bytes:
    body = b"\x7fFLAC\x01\0" + packets.to_bytes(2, "big") + b"fLaC" + block(0, INFO)
    return page(body, laced(body), sequence=0, serial=serial, flags=2)


def pages(packets: Sequence[bytes], *, size: int, serial: int = 7, first: int = 1, last: bool = True) -> list[bytes]:
    """Lay packets into pages of `size` segments each, wherever packets may end."""
    segments = [lace for packet in packets for lace in laced(packet)]
    data = b"".join(packets)
    found: list[bytes] = []
    at, continued = 0, False
    for start in range(0, len(segments), size):
        lacing = segments[start : start + size]
        flags = (1 if continued else 0) | (4 if last and start + size >= len(segments) else 0)
        body = data[at : at + sum(lacing)]
        found.append(page(body, lacing, sequence=first + len(found), serial=serial, flags=flags))
        at += len(body)
        continued = lacing[-1] == 255
    return found


COMMENT = block(4, bytes(300), last=True)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 17, 255])
def test_packets_are_put_together_across_pages(opened: Opened, size: int) -> None:
    found = opened(first_page() + b"".join(pages([COMMENT, *FRAMES], size=size)))
    assert tap(found) == SENT
    assert found.total_frames == 10 * 192
    assert found.container == "ogg"
    assert found.warnings == ()


def test_a_packet_may_end_exactly_at_a_full_segment(opened: Opened) -> None:
    sizes = {len(packet) % 255 for packet in FRAMES}
    wanted = next(
        made
        for count in range(16, 300)
        if len(made := frame(0, [[1] * count])) % 255 == 0 and len(made) % 255 not in sizes - {0}
    )
    found = opened(first_page() + b"".join(pages([COMMENT, wanted], size=2)))
    assert tap(found)[42:] == wanted


def test_other_streams_between_the_pages_are_left_out(opened: Opened) -> None:
    ours = pages([COMMENT, *FRAMES], size=3)
    theirs = pages([bytes(700)] * 9, size=2, serial=8)
    theora = page(b"\x80theora", laced(b"\x80theora"), sequence=0, serial=8, flags=2)
    mixed = b"".join(part for pair in zip(ours, theirs, strict=False) for part in pair)
    rest = b"".join(ours[len(theirs) :])
    assert tap(opened(theora + first_page() + mixed + rest)) == SENT


def test_only_the_first_link_of_a_chain_is_played(opened: Opened) -> None:
    link = first_page(serial=9) + b"".join(pages(FRAMES, size=4, serial=9))
    found = opened(first_page() + b"".join(pages([COMMENT, *FRAMES], size=4)) + link)
    assert tap(found) == SENT
    assert "only the first is played" in found.warnings[0]


def test_a_damaged_page_costs_its_packets_only(opened: Opened) -> None:
    parts = [*pages([COMMENT], size=255, last=False)]
    parts += [
        part for number, packet in enumerate(FRAMES) for part in pages([packet], size=255, first=2 + number, last=False)
    ]
    broken = bytearray(parts[4])
    broken[40] ^= 1
    found = opened(first_page() + b"".join([*parts[:4], bytes(broken), *parts[5:]]))
    assert tap(found)[42:] == b"".join(FRAMES[:3] + FRAMES[4:])
    assert any("damaged" in warning for warning in found.warnings)
    assert any("missing" in warning for warning in found.warnings)


def test_a_lost_page_costs_the_packets_it_had_a_part_of(opened: Opened) -> None:
    parts = pages([COMMENT, *FRAMES], size=3)
    found = opened(first_page() + b"".join(parts[:4] + parts[5:]))
    whole = b"".join(FRAMES)
    assert len(tap(found)) < 42 + len(whole)
    assert all(part in whole for part in (tap(found)[42:400], tap(found)[-400:]))


@pytest.mark.parametrize("kept", [1, 5, 9])
def test_a_file_that_ends_inside_a_page_plays_up_to_its_last_whole_frame(opened: Opened, kept: int) -> None:
    whole = first_page() + b"".join(pages([COMMENT, *FRAMES], size=255))
    cut = len(whole) - sum(map(len, FRAMES[kept:])) + 20
    found = opened(whole[:cut])
    assert tap(found)[42:] == b"".join(FRAMES[:kept])
    assert found.warnings[0].startswith("truncated")


def test_junk_between_pages_is_skipped(opened: Opened) -> None:
    parts = pages([COMMENT, *FRAMES], size=3)
    found = opened(first_page() + b"".join(parts[:3]) + b"OggSnot a page" * 5 + b"".join(parts[3:]))
    assert tap(found) == SENT


@pytest.mark.parametrize("packet", [b"\x01vorbis", b"OpusHead", b"\x80theora"])
def test_other_codecs_in_ogg_are_left_to_ffmpeg(write: Write, packet: bytes) -> None:
    first = page(packet, laced(packet), sequence=0, flags=2)
    rest = page(bytes(9), [9], sequence=1)
    assert open_framed(write(first + rest)) is None


def test_a_stream_without_a_frame_is_an_error(write: Write) -> None:
    with pytest.raises(MediaError, match="no whole frame"):
        open_encoded(write(first_page() + b"".join(pages([COMMENT], size=9))))
