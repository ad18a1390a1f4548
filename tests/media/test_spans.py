"""SpanReader: stream bytes in, views out."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.errors import MediaError
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span, SpanReader
from tests.media.conftest import Write

DATA = bytes(range(256)) * 4
Layout = tuple[bytes, list[Span]]


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    edges = sorted(draw(st.lists(st.integers(0, len(DATA)), max_size=12)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return draw(st.binary(max_size=50)), [Span(start, end - start) for start, end in pairs]


def expected(header: bytes, spans: list[Span]) -> bytes:
    return header + b"".join(DATA[offset : offset + length] for offset, length in spans)


@given(layouts(), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=20))
def test_peeks_and_advances_give_the_stream_bytes(layout: Layout, moves: list[tuple[int, int]]) -> None:
    header, spans = layout
    stream = expected(header, spans)
    reader = SpanReader(DATA, header, spans)
    assert reader.total == len(stream)
    position = 0
    for size, step in moves:
        assert bytes(reader.peek(size)) == stream[position : position + size]
        count = min(step, reader.remaining)
        reader.advance(count)
        position += count
        assert (reader.position, reader.remaining) == (position, len(stream) - position)
        assert reader.ended == (position == len(stream))


@given(layouts(), st.lists(st.tuples(st.integers(0, 1100), st.integers(0, 400)), max_size=10))
def test_a_reader_continues_anywhere_after_a_seek(layout: Layout, moves: list[tuple[int, int]]) -> None:
    header, spans = layout
    stream = expected(header, spans)
    reader = SpanReader(memoryview(DATA), header, spans)
    for position, size in moves:
        place = min(position, len(stream))
        reader.seek(place)
        assert bytes(reader.peek(size)) == stream[place : place + size]


def test_bytes_of_one_span_in_memory_are_not_copied() -> None:
    data = bytearray(DATA)
    view = SpanReader(data, b"", [Span(10, 100)]).peek(50)
    data[10] = 0xEE
    assert view[0] == 0xEE


def test_what_was_peeked_stays_valid_when_the_reader_goes_on(write: Write) -> None:
    source = FileSource(write(os.urandom(600_000)))
    reader = SpanReader(source, b"head", [Span(0, 300_000), Span(300_100, 299_900)])
    first = reader.peek(1000)
    kept = bytes(first)
    reader.seek(500_000)
    reader.peek(1000)
    assert bytes(first) == kept


def test_the_same_bytes_come_from_a_file_and_from_memory(write: Write) -> None:
    data = os.urandom(300_000)
    spans = [Span(7, 1000), Span(1010, 0), Span(1010, 90_000), Span(200_000, 100_000)]
    from_file = SpanReader(FileSource(write(data)), b"abc", spans)
    from_memory = SpanReader(data, b"abc", spans)
    while not from_memory.ended:
        size = min(7777, from_memory.remaining)
        assert from_file.peek(size) == from_memory.peek(size)
        from_file.advance(size)
        from_memory.advance(size)
    assert from_file.ended
    assert len(from_file.peek(10)) == 0


@pytest.mark.parametrize("place", [-1, 11])
def test_positions_outside_the_stream_are_refused(place: int) -> None:
    reader = SpanReader(bytes(10), b"", [Span(0, 10)])
    with pytest.raises(ValueError, match="byte"):
        reader.seek(place)
    with pytest.raises(ValueError, match="bytes"):
        reader.advance(place)
    assert reader.position == 0


def test_a_file_that_shrinks_while_it_is_played_is_an_error_that_says_so(write: Write) -> None:
    path = write(os.urandom(500_000))
    reader = SpanReader(FileSource(path), b"", [Span(0, 500_000)])
    reader.advance(len(reader.peek(1000)))
    os.truncate(path, 200_000)
    reader.seek(400_000)
    with pytest.raises(MediaError, match="became shorter while it was being read"):
        reader.peek(1000)
