"""Titles between a station's sound: whatever the pieces in which it comes, the sound is exact."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyaudiobus.media.origin.icy import IcyStripper, stream_title


@given(
    sound=st.binary(max_size=200),
    interval=st.integers(1, 40),
    texts=st.lists(st.sampled_from(["", "StreamTitle='a';", "StreamTitle='b';StreamUrl='x';"]), min_size=1, max_size=8),
    size=st.integers(1, 50),
)
@settings(max_examples=60)
def test_the_sound_is_what_was_sent_without_its_titles(
    sound: bytes, interval: int, texts: list[str], size: int
) -> None:
    sent = b""
    for number, at in enumerate(range(0, len(sound), interval)):
        text = texts[number % len(texts)].encode()
        units = (len(text) + 15) // 16
        sent += sound[at : at + interval] + (
            bytes((units,)) + text.ljust(units * 16, b"\0") if at + interval <= len(sound) else b""
        )
    stripper = IcyStripper(interval)
    assert b"".join(stripper.feed(sent[at : at + size]) for at in range(0, len(sent), size)) == sound
    assert all(title.offset % interval == 0 for title in stripper.titles())


@pytest.mark.parametrize(
    ("block", "title"),
    [
        (b"StreamTitle='A - B';StreamUrl='';\0\0", "A - B"),
        (b"StreamTitle='It's Rock 'n' Roll';", "It's Rock 'n' Roll"),
        ("StreamTitle='Björk';".encode(), "Björk"),
        ("StreamTitle='Björk';".encode("latin-1"), "Björk"),
        (b"StreamTitle='';", ""),
        (b"StreamTitle='cut off", "cut off"),
        (b"StreamTitle='no semicolon'", "no semicolon"),
        (b"StreamUrl='x';", None),
        (b"", None),
        (b"StreamTitle='a\n\tb';", "a b"),
    ],
)
def test_a_title_is_read_as_stations_write_it(block: bytes, title: str | None) -> None:
    assert stream_title(block) == title
