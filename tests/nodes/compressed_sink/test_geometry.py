"""The ring: chosen from the bit rate within caps and quirks, or as a person asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.devices.compress import Bounds, CompressCaps, Geometry
from pyaudiobus.devices.quirks import Quirks, quirks_for
from pyaudiobus.errors import UserError
from pyaudiobus.nodes.compressed_sink.geometry import RING_SECONDS, RingRequest, choose_geometry
from tests.nodes.bench import KIB, MP3

Q6ASM = quirks_for("q6asm-virtual")
CAPS = Q6ASM.default_caps
NOTHING_ASKED = RingRequest()


def chosen(bit_rate: int, caps: CompressCaps = CAPS, quirks: Quirks = Q6ASM) -> Geometry:
    return choose_geometry(MP3.replace(bit_rate=bit_rate), caps, quirks, NOTHING_ASKED)


def asked(ring_size: int | None, fragments: int | None = None, bit_rate: int = 128_000) -> Geometry:
    return choose_geometry(MP3.replace(bit_rate=bit_rate), CAPS, Q6ASM, RingRequest(ring_size, fragments))


powers = st.integers(0, 20).map(lambda exponent: 1 << exponent)


@given(
    bit_rate=st.integers(0, 50_000_000),
    sizes=st.tuples(powers, powers).map(sorted),
    counts=st.tuples(st.integers(1, 256), st.integers(1, 256)).map(sorted),
    limit=powers,
)
def test_the_ring_chosen_is_always_within_caps_and_quirks(
    bit_rate: int, sizes: list[int], counts: list[int], limit: int
) -> None:
    caps = CompressCaps(CAPS.codecs, Bounds(*sizes), Bounds(*counts))
    quirks = Q6ASM.replace(max_fragment_size=max(limit, sizes[0]))
    ring = chosen(bit_rate, caps, quirks)
    assert ring.fragment_size in caps.fragment_size
    assert ring.fragments in caps.fragments
    assert ring.fragment_size <= quirks.max_fragment_size
    assert ring.fragment_size & (ring.fragment_size - 1) == 0


@given(bit_rate=st.integers(8_000, 10_000_000))
def test_a_fragment_on_the_dragonboard_is_never_larger_than_its_driver_can_count(bit_rate: int) -> None:
    assert chosen(bit_rate).fragment_size <= 32 * KIB


@pytest.mark.parametrize(
    ("bit_rate", "fragment"), [(32_000, 8 * KIB), (128_000, 8 * KIB), (320_000, 32 * KIB), (1_000_000, 32 * KIB)]
)
def test_a_fragment_holds_at_most_a_second_where_the_driver_lets_it(bit_rate: int, fragment: int) -> None:
    assert chosen(bit_rate).fragment_size == fragment


def test_the_ring_holds_half_a_minute_and_less_than_a_whole_one_where_the_driver_lets_it() -> None:
    ring = chosen(128_000)
    assert RING_SECONDS <= ring.ring_size * 8 / 128_000 < 2 * RING_SECONDS


def test_a_stream_that_does_not_tell_its_bit_rate_gets_the_ring_of_the_fastest_mp3() -> None:
    assert chosen(0) == chosen(320_000)


@pytest.mark.parametrize(
    ("ring_size", "fragments", "ring"),
    [
        (512 * KIB, 64, Geometry(8 * KIB, 64)),
        (128 * KIB, 4, Geometry(32 * KIB, 4)),
        (512 * KIB, None, Geometry(8 * KIB, 64)),
        (None, 10, Geometry(8 * KIB, 10)),
        (1024 * KIB, None, Geometry(16 * KIB, 64)),
        (32 * KIB, None, Geometry(8 * KIB, 4)),
    ],
)
def test_a_ring_that_was_asked_for_is_had(ring_size: int | None, fragments: int | None, ring: Geometry) -> None:
    assert asked(ring_size, fragments) == ring


def test_a_small_ring_for_a_fast_stream_has_smaller_fragments() -> None:
    assert asked(64 * KIB, bit_rate=320_000) == Geometry(16 * KIB, 4)


def test_a_buffer_that_is_no_multiple_of_the_fragment_is_rounded_down() -> None:
    assert asked(500_000) == Geometry(8 * KIB, 61)


@pytest.mark.parametrize(
    ("ring_size", "fragments", "words"),
    [
        (500_000, 64, "does not divide into 64 equal fragments"),
        (4 * 128 * KIB, 4, "would stop this driver"),
        (4 * 64 * KIB, 4, "would stop this driver"),
        (4 * 12 * KIB, 4, "not a power of two"),
        (3 * 8 * KIB, 3, "3 fragments of 8192 bytes"),
        (65 * 8 * KIB, 65, "65 fragments of 8192 bytes"),
        (4 * 4 * KIB, 4, "4 fragments of 4096 bytes"),
        (100, None, "a ring of 100 bytes"),
        (1 << 30, None, "a ring of 1073741824 bytes"),
        (None, 65, "65 fragments of 8192 bytes"),
    ],
)
def test_a_ring_that_cannot_be_had_is_refused_with_the_limits(
    ring_size: int | None, fragments: int | None, words: str
) -> None:
    with pytest.raises(UserError) as refusal:
        asked(ring_size, fragments)
    assert words in refusal.value.what
    assert refusal.value.advice
    if "divide" not in words:
        assert "4..64 fragments of 8192..131072 bytes" in str(refusal.value)


def test_the_advice_for_an_uneven_buffer_can_be_followed() -> None:
    with pytest.raises(UserError, match="divide") as refusal:
        asked(500_000, 64)
    assert "499968 or 500032" in refusal.value.advice
