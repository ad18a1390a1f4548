"""The queue of a playing program: PulseAudio's, compared with a model of it and with what was measured there."""

import os
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyaudiobus.client.write_queue import Seek, WriteQueue
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.errors import UserError
from tests.client.memblockq import MemblockqModel

FRAME = 4
MAXLENGTH = 4096
"""As much as the ring holds: what is written at a wrong place damages what is there."""


class Joined:
    """Both ends of a ring in one process: a program's queue, and the bus that takes from it."""

    def __init__(
        self, maxlength: int = MAXLENGTH, tlength: int = 4000, minreq: int = 400, silence: bytes = b"\0", usual: int = 0
    ) -> None:
        self.bus = RingConsumer.create(maxlength, FRAME, usual)
        self.ring = RingProducer.attach(RingDescriptors(*map(os.dup, self.bus.descriptors)))
        self.queue = WriteQueue(self.ring, maxlength, tlength, minreq, silence=silence)

    def take(self, size: int) -> bytes:
        """Take as the bus does: what is stored, then what is silent."""
        fill = self.bus.look()
        stored = min(size, fill.stored)
        data = bytes(self.bus.view(stored))
        silent = min(size - stored, fill.silence)
        self.bus.take(stored + silent)
        return data + bytes(silent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ring.close()
        self.bus.close()


frames = st.one_of(st.integers(0, 600), st.sampled_from([300, 500, 1023, 1024])).map(lambda count: count * FRAME)
steps = st.one_of(
    st.tuples(
        st.just("write"), st.sampled_from(list(Seek)), st.integers(-900, 900).map(lambda count: count * FRAME), frames
    ),
    st.tuples(st.just("append"), frames),
    st.tuples(st.just("take"), frames),
    st.tuples(st.just("flush")),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(steps, max_size=12), st.sampled_from([(MAXLENGTH, 0), (3 * MAXLENGTH, MAXLENGTH)]))
def test_any_sequence_of_writes_seeks_and_flushes_is_heard_as_from_pulseaudio(
    sequence: list[Any], size: tuple[int, int]
) -> None:
    maxlength, usual = size
    model, value = MemblockqModel(maxlength, 4000), 0
    with Joined(maxlength, usual=usual) as joined:
        for step in sequence:
            if step[0] in ("write", "append"):
                seek, offset = (step[1], step[2]) if step[0] == "write" else (Seek.RELATIVE, 0)
                value = value % 255 + 1
                data = bytes([value]) * step[-1]
                model.seek(seek.value, offset)
                assert joined.queue.write(data, offset, seek) == model.push(data)
            elif step[0] == "take":
                assert list(joined.take(step[1])) == [byte or 0 for byte in model.take(step[1])]
            else:
                joined.queue.flush()
                model.flush()
            assert joined.queue.index == model.write
            assert joined.queue.taken == model.read
            assert joined.queue.queued() == model.fill()
            assert joined.queue.wanted() == max(0, model.tlength - (model.write - model.read))
        while rest := model.take(997 * FRAME):
            assert list(joined.take(997 * FRAME)) == [byte or 0 for byte in rest]


def test_the_measured_sequence_of_seeks_ends_where_pulseaudio_ended() -> None:
    with Joined(maxlength=4 << 20, tlength=40_000) as joined:
        queue = joined.queue
        for size, offset, seek, index, wanted in (
            (8000, 0, Seek.RELATIVE, 8000, 32_000),
            (4000, -2000, Seek.RELATIVE, 10_000, 30_000),
            (4000, 0, Seek.ABSOLUTE, 4000, 36_000),
            (4000, 0, Seek.RELATIVE_END, 14_000, 26_000),
            (4000, 1000, Seek.RELATIVE_ON_READ, 5000, 35_000),
            (4000, 100_000, Seek.RELATIVE, 109_000, 0),
        ):
            assert queue.write(bytes(size), offset, seek)
            assert (queue.index, queue.wanted()) == (index, wanted)


def test_what_is_too_much_is_lost_and_the_index_goes_on() -> None:
    with Joined() as joined:
        assert not joined.queue.write(bytes(MAXLENGTH + FRAME))
        assert joined.queue.index == MAXLENGTH + FRAME
        assert joined.queue.overflows == 1
        assert joined.take(100 * FRAME) == bytes(100 * FRAME)


def test_exactly_maxlength_fits() -> None:
    with Joined() as joined:
        assert joined.queue.write(b"x" * MAXLENGTH)
        assert joined.take(MAXLENGTH) == b"x" * MAXLENGTH
        assert joined.queue.write(b"y" * MAXLENGTH, -400)
        assert joined.take(MAXLENGTH) == b"y" * (MAXLENGTH - 400)


def test_what_comes_too_late_does_not_damage_what_waits() -> None:
    with Joined() as joined:
        joined.queue.write(b"x" * 2000)
        joined.take(2000)
        joined.queue.write(b"y" * MAXLENGTH)
        joined.queue.write(b"z" * 400, 1600, Seek.ABSOLUTE)
        joined.queue.write(b"", 0, Seek.RELATIVE_END)
        assert joined.take(MAXLENGTH) == b"y" * MAXLENGTH


def test_the_end_is_where_the_bus_reads_when_it_has_passed_what_was_stored() -> None:
    with Joined() as joined:
        joined.queue.write(bytes(MAXLENGTH + FRAME))
        joined.take(800)
        assert joined.queue.write(b"x" * 400, 0, Seek.RELATIVE_END)
        assert joined.queue.index == 1200
        assert joined.take(800) == b"x" * 400


def test_a_gap_of_unsigned_samples_is_silent() -> None:
    with Joined(silence=b"\x80") as joined:
        joined.queue.write(b"\x01" * 8, 8)
        assert joined.take(16) == b"\x80" * 8 + b"\x01" * 8


@pytest.mark.parametrize(("size", "offset"), [(3, 0), (4, 1), (4, -2), (0, 3)])
def test_no_part_of_a_frame_is_written(size: int, offset: int) -> None:
    with Joined() as joined:
        with pytest.raises(UserError, match="no whole number of frames"):
            joined.queue.write(bytes(size), offset)
        assert joined.queue.index == 0


def test_a_sleeper_is_woken_when_minreq_is_wanted() -> None:
    with Joined(tlength=4000, minreq=400) as joined:
        joined.queue.write(bytes(4000))
        assert not joined.queue.sleep_until_wanted()
        joined.take(396)
        with pytest.raises(BlockingIOError):
            os.read(joined.ring.fileno(), 1)
        joined.take(4)
        assert os.read(joined.ring.fileno(), 1)
        assert joined.queue.wanted() == 400


def test_the_end_is_marked_and_taken_back() -> None:
    with Joined() as joined:
        joined.queue.write(bytes(8))
        joined.queue.mark_end()
        assert joined.bus.look().end == 8
        joined.queue.reopen()
        assert joined.bus.look().end is None
