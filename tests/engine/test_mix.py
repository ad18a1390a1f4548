"""Samples from every encoding to every other, and sums of them, against the same arithmetic done by hand."""

from __future__ import annotations

import math
import random
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.engine._engine import ffi, lib
from pyaudiobus.engine.driver import Matrix, SampleCode
from tests.engine.arithmetic import decode, encode, mixed, plain, single, width

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

INTEGERS = [code for code in SampleCode if code is not SampleCode.F32]
GAINS = st.floats(0, 2, width=32).filter(lambda gain: gain == 0 or gain > 1e-6)
SAMPLES = st.floats(-1.5, 1.5, width=32).map(lambda value: 0.0 if abs(value) < 1e-20 else value)


def floats(values: list[float]) -> CData:
    return ffi.new("float[]", values)


def listed(array: CData, count: int) -> list[float]:
    return [array[at] for at in range(count)]


def load(data: bytes, encoding: SampleCode) -> list[float]:
    count = len(data) // width(encoding)
    to = ffi.new("float[]", count)
    lib.mix_load(to, ffi.from_buffer("char[]", data), encoding, count)
    return listed(to, count)


def store(samples: list[float], encoding: SampleCode, dither: CData = ffi.NULL) -> bytes:
    to = ffi.new("unsigned char[]", len(samples) * width(encoding))
    lib.mix_store(to, floats(samples), encoding, len(samples), dither)
    return bytes(ffi.buffer(to, len(samples) * width(encoding)))


def ramp(now: Matrix, goal: Matrix | None = None, frames: int = 0) -> CData:
    made = ffi.new("struct mix_ramp *")
    for matrix, gains in ((made.now, now), (made.goal, goal or now)):
        for to, row in enumerate(gains):
            for source, gain in enumerate(row):
                matrix.gain[to][source] = gain
    made.frames_left = frames
    return made


def add(total: CData, samples: list[float], matrix: CData, channels: tuple[int, int]) -> None:
    lib.mix_add(total, channels[0], floats(samples), channels[1], len(samples) // channels[1], matrix)


@pytest.mark.parametrize("encoding", list(SampleCode))
def test_the_width_of_a_sample_is_the_encoding_s(encoding: SampleCode) -> None:
    assert lib.mix_width(encoding) == width(encoding)


@pytest.mark.parametrize("encoding", INTEGERS)
def test_any_bytes_are_loaded_as_the_encoding_says(encoding: SampleCode) -> None:
    data = random.Random(encoding).randbytes(width(encoding) * 1003)
    assert load(data, encoding) == decode(data, encoding)


@pytest.mark.parametrize("encoding", [SampleCode.U8, SampleCode.S16, SampleCode.S24])
def test_what_a_float_holds_comes_back_bit_for_bit(encoding: SampleCode) -> None:
    data = random.Random(1).randbytes(width(encoding) * 4097)
    assert store(load(data, encoding), encoding) == data


def test_24_bits_in_32_come_back_with_their_sign_in_the_upper_byte() -> None:
    values = [0, 1, -1, 2**23 - 1, -(2**23)]
    data = struct.pack("<5i", *values)
    rubbish_above = struct.pack("<5I", *(value & 0xFFFFFF | 0xA5000000 for value in values))
    assert store(load(rubbish_above, SampleCode.S24_32), SampleCode.S24_32) == data


@pytest.mark.parametrize("encoding", list(SampleCode))
@given(samples=st.lists(SAMPLES, min_size=1, max_size=40))
def test_samples_are_stored_clipped_and_rounded_to_the_nearest(encoding: SampleCode, samples: list[float]) -> None:
    assert store(samples, encoding) == encode(samples, encoding)


@pytest.mark.parametrize("encoding", INTEGERS)
def test_what_is_louder_than_full_scale_is_clipped_and_nothing_wraps(encoding: SampleCode) -> None:
    loud = [1.0, -1.0, 1.5, -1.5, 1e30, -1e30, math.inf, -math.inf]
    assert store(loud, encoding) == encode([1.0, -1.0] * 4, encoding)


def test_halves_are_rounded_to_even() -> None:
    halves = [(at + 0.5) / 32768 for at in range(-6, 6)]
    assert struct.unpack("<12h", store(halves, SampleCode.S16)) == (-6, -4, -4, -2, -2, 0, 0, 2, 2, 4, 4, 6)


def test_floats_that_are_no_numbers_are_silence() -> None:
    data = struct.pack("<5f", 0.5, math.nan, math.inf, -math.inf, -3.0)
    assert load(data, SampleCode.F32) == [0.5, 0.0, 0.0, 0.0, -3.0]


@pytest.mark.parametrize("encoding", INTEGERS)
def test_a_sum_that_is_no_number_is_still_some_sample(encoding: SampleCode) -> None:
    assert len(store([math.nan], encoding)) == width(encoding)


@pytest.mark.parametrize("sample", [0.0, 0.25 / 32768, -0.4 / 32768, 100.3 / 32768])
def test_dither_makes_the_mean_exact_and_its_noise_triangular(sample: float) -> None:
    count = 200_000
    state = ffi.new("uint32_t *", 1)
    found = struct.unpack(f"<{count}h", store([sample] * count, SampleCode.S16, state))
    errors = [value - sample * 32768 for value in found]
    mean = sum(errors) / count
    variance = sum(error * error for error in errors) / count - mean * mean
    assert abs(mean) < 0.01
    assert variance == pytest.approx(1 / 4, abs=0.01)  # two rectangles and the rounding: 3/12 of a step squared
    assert max(map(abs, errors)) <= 1.5


def test_dither_of_8_bits_makes_the_mean_exact() -> None:
    count = 100_000
    found = store([0.3 / 128] * count, SampleCode.U8, ffi.new("uint32_t *", 1))
    assert sum(found) / count == pytest.approx(128.3, abs=0.01)


def test_dither_leaves_more_than_16_bits_alone() -> None:
    samples = [at / 1000 for at in range(-500, 500)]
    state = ffi.new("uint32_t *", 1)
    assert store(samples, SampleCode.S24, state) == store(samples, SampleCode.S24)
    assert state[0] == 1


@given(data=st.data(), to=st.integers(1, 8), source=st.integers(1, 8), frames=st.integers(1, 9))
def test_a_stream_is_added_through_its_matrix(data: st.DataObject, to: int, source: int, frames: int) -> None:
    row = st.lists(GAINS, min_size=source, max_size=source).map(tuple)
    matrix = tuple(data.draw(st.lists(row, min_size=to, max_size=to)))
    samples = data.draw(st.lists(SAMPLES, min_size=frames * source, max_size=frames * source))
    total = ffi.new("float[]", frames * to)
    add(total, samples, ramp(matrix), (to, source))
    assert listed(total, frames * to) == mixed([(samples, matrix)], to, frames)


@given(gain=GAINS, streams=st.lists(st.lists(SAMPLES, min_size=34, max_size=34), min_size=1, max_size=5))
def test_streams_at_one_gain_are_summed_in_order(gain: float, streams: list[list[float]]) -> None:
    total = ffi.new("float[]", 34)
    for samples in streams:
        add(total, samples, ramp(plain(2, gain)), (2, 2))
    assert listed(total, 34) == mixed([(samples, plain(2, gain)) for samples in streams], 2, 17)


@pytest.mark.parametrize("encoding", list(SampleCode))
@pytest.mark.parametrize("matrix", [plain(2), plain(2, 0.7), ((0.5, 0.5), (0.5, 0.25)), ((1.0,), (1.0,))])
def test_adding_samples_as_they_come_is_loading_and_adding(encoding: SampleCode, matrix: Matrix) -> None:
    source, frames = len(matrix[0]), 111
    numbers = random.Random(7)
    data = encode([numbers.uniform(-1, 1) for _ in range(frames * source)], encoding)
    total, scratch = ffi.new("float[]", frames * 2), ffi.new("float[]", frames * source)
    lib.mix_in(total, 2, ffi.from_buffer("char[]", data), encoding, source, frames, ramp(matrix), scratch)
    assert listed(total, frames * 2) == mixed([(decode(data, encoding), matrix)], 2, frames)


@given(start=GAINS, goal=GAINS, frames=st.integers(1, 300))
def test_a_ramp_is_a_line_and_arrives_exactly(start: float, goal: float, frames: int) -> None:
    matrix = ramp(plain(2, start), plain(2, goal), frames)
    total = ffi.new("float[]", 2 * (frames + 5))
    add(total, [1.0] * 2 * (frames + 5), matrix, (2, 2))
    heard = listed(total, 2 * (frames + 5))
    line = [start + (goal - start) * (at + 1) / frames for at in range(frames)]
    assert heard[0 : 2 * frames : 2] == pytest.approx(line, abs=2e-5)
    assert heard[0::2] == heard[1::2]
    assert heard[2 * (frames - 1) :] == [single(goal)] * 12
    assert matrix.frames_left == 0


def test_a_ramp_goes_on_from_one_piece_to_the_next() -> None:
    whole, pieces = ffi.new("float[]", 200), ffi.new("float[]", 200)
    add(whole, [1.0] * 200, ramp(plain(2, 0), plain(2, 1), 80), (2, 2))
    matrix = ramp(plain(2, 0), plain(2, 1), 80)
    for at in range(0, 200, 20):
        add(pieces + at, [1.0] * 20, matrix, (2, 2))
    assert listed(pieces, 200) == listed(whole, 200)
