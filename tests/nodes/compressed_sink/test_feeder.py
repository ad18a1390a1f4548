"""The feeder: whole fragments only, except the last, whatever the device takes at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.nodes.compressed_sink.feeder import Feeder
from tests.nodes.bench import Bytes, plain

FRAGMENT = 64
RING = Geometry(FRAGMENT, 4)


class Shelf:
    """A ring with room, that can take less at a time than there is room, and can keep the room to itself."""

    def __init__(self, room: int = RING.ring_size, *, tells: bool = True, at_a_time: int = 1 << 30) -> None:
        self.room = room
        self.tells = tells
        self.at_a_time = at_a_time
        self.writes: list[bytes] = []
        self.offered: list[int] = []
        self.offered_ends: list[int] = []

    @property
    def held(self) -> bytes:
        return b"".join(self.writes)

    def avail(self) -> int | None:
        return self.room if self.tells else None

    def progress(self) -> Progress:
        return Progress(None, None, 0)

    def write(self, data: memoryview) -> int:
        taken = min(len(data), self.room, self.at_a_time)
        self.offered.append(len(data))
        self.offered_ends.append(len(self.held) + len(data))
        self.writes.append(bytes(data[:taken]))
        self.room -= taken
        return taken


class Trickle(Bytes):
    """A source that has only some of its bytes at hand yet."""

    at_hand = 0

    def peek(self, size: int) -> memoryview:
        return super().peek(min(size, self.at_hand))

    def advance(self, count: int) -> None:
        self.at_hand -= count
        super().advance(count)


def whole(source: Bytes) -> bytes:
    return bytes(source.peek(1 << 30))


def test_a_long_stream_fills_the_ring_to_the_brim_in_one_burst() -> None:
    shelf = Shelf()
    assert Feeder(shelf, plain(1000), RING).fill()
    assert [len(write) for write in shelf.writes] == [RING.ring_size]


def test_a_short_stream_goes_in_whole_with_its_odd_end_and_leaves_room() -> None:
    shelf, source = Shelf(), plain(150)
    assert not Feeder(shelf, source, RING).fill()
    assert len(shelf.held) == 150
    assert source.ended


def test_the_end_waits_until_a_fragment_is_free() -> None:
    shelf, source = Shelf(), plain(RING.ring_size + 10)
    feeder = Feeder(shelf, source, RING)
    feeder.fill()
    shelf.room = FRAGMENT - 1
    assert feeder.fill()
    assert feeder.written == RING.ring_size
    shelf.room = FRAGMENT
    feeder.fill()
    assert source.ended


def test_half_a_fragment_of_room_is_left_alone_in_mid_stream() -> None:
    shelf = Shelf(room=FRAGMENT * 2 + FRAGMENT // 2)
    assert Feeder(shelf, plain(1000), RING).fill()
    assert len(shelf.held) == 2 * FRAGMENT


def test_after_an_odd_write_the_next_one_ends_on_a_fragment_edge_again() -> None:
    shelf = Shelf(at_a_time=FRAGMENT + 7)
    feeder = Feeder(shelf, plain(1000), RING)
    feeder.fill()
    assert feeder.written == RING.ring_size
    assert all(end % FRAGMENT == 0 for end in shelf.offered_ends)


def test_a_device_that_takes_a_piece_at_a_time_is_filled_all_the_same() -> None:
    shelf = Shelf(at_a_time=FRAGMENT)
    assert Feeder(shelf, plain(1000), RING).fill()
    assert len(shelf.held) == RING.ring_size


def test_a_device_that_takes_nothing_counts_as_full() -> None:
    shelf = Shelf(at_a_time=0)
    feeder = Feeder(shelf, plain(1000), RING)
    assert feeder.fill()
    assert feeder.written == 0
    assert len(shelf.offered) == 1


def test_a_device_that_cannot_tell_its_room_is_tried_until_it_takes_no_more() -> None:
    shelf = Shelf(tells=False)
    assert Feeder(shelf, plain(1000), RING).fill()
    assert len(shelf.held) == RING.ring_size


def test_a_device_that_claims_more_room_than_its_ring_gets_a_ring_at_most() -> None:
    shelf = Shelf(room=1 << 62)
    feeder = Feeder(shelf, plain(5 * RING.ring_size), RING)
    shelf.at_a_time = 0
    feeder.fill()
    assert shelf.offered == [RING.ring_size]


def test_of_what_a_slow_source_has_only_whole_fragments_are_sent() -> None:
    shelf, source = Shelf(), Trickle(b"x" * 1000, plain(1000).index)
    feeder = Feeder(shelf, source, RING)
    source.at_hand = 2 * FRAGMENT + 5
    assert not feeder.fill()
    assert source.at_hand == 5
    assert shelf.held == b"x" * 2 * FRAGMENT


@given(
    size=st.integers(0, 1500),
    at_a_time=st.integers(1, 400),
    tells=st.booleans(),
    eaten=st.lists(st.integers(0, RING.ring_size), max_size=40),
)
def test_every_byte_arrives_once_and_in_order_and_no_offer_but_the_last_leaves_part_of_a_fragment(
    size: int, at_a_time: int, tells: bool, eaten: list[int]
) -> None:
    shelf, source = Shelf(tells=tells, at_a_time=at_a_time), plain(size)
    feeder = Feeder(shelf, source, RING)
    for count in [*eaten, *[RING.ring_size] * 40]:
        feeder.fill()
        shelf.room = min(RING.ring_size, shelf.room + count)
    assert source.ended
    assert all(end % FRAGMENT == 0 or end == size for end in shelf.offered_ends)
    assert shelf.held == whole(plain(size))
