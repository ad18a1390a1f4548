"""The cycle in its own thread, on a device that nobody hears: what is mixed, who is told, who may not disturb whom.

Past 300 lines because the rules are many and short, and share one stage.
"""

from __future__ import annotations

import math
import os
import random

import pytest

from pyaudiobus.engine.driver import WHOLE_SINK, EventKind, Matrix, SampleCode
from pyaudiobus.engine.ring import CORKED
from pyaudiobus.errors import AudiobusError
from tests.engine.arithmetic import decode, encode, mixed, plain
from tests.engine.sink import Listener, Sink, Stream

FRAMES = 1500
SHAPES: list[tuple[SampleCode, Matrix]] = [
    (SampleCode.S16, plain(2)),
    (SampleCode.U8, plain(2, 0.5)),
    (SampleCode.F32, ((0.7,), (0.3,))),
    (SampleCode.S24, ((0.5, 0.0), (0.25, 0.125))),
    (SampleCode.S32, ((0.2, 0.2, 0.1), (0.1, 0.0, 0.3))),
    (SampleCode.S24_32, plain(2, 0.25)),
    (SampleCode.S16, plain(2, 0.3)),
]


def noise(seed: int, channels: int, frames: int = FRAMES, level: float = 0.3) -> list[float]:
    numbers = random.Random(seed)
    return [numbers.uniform(-level, level) for _ in range(frames * channels)]


def noisy(sink: Sink, seed: int, encoding: SampleCode = SampleCode.S16, matrix: Matrix | None = None) -> Stream:
    """Make a stream with FRAMES frames in its ring, and its end."""
    channels = len(matrix[0]) if matrix else 2
    stream = sink.stream(encoding, channels, matrix)
    stream.write(encode(noise(seed, channels), encoding))
    stream.end()
    return stream


def expected(streams: list[tuple[int, SampleCode, Matrix]], encoding: SampleCode = SampleCode.S16) -> bytes:
    """What is heard of streams made by noisy() that start together."""
    parts = [(decode(encode(noise(seed, len(matrix[0])), code), code), matrix) for seed, code, matrix in streams]
    return encode(mixed(parts, 2, FRAMES), encoding)


def ended(sink: Sink, *streams: Stream) -> None:
    for stream in streams:
        sink.wait(EventKind.ENDED, stream.serial)


# ---- what is heard ----


@pytest.mark.parametrize("encoding", list(SampleCode))
def test_what_is_heard_is_the_sum_of_all_sample_by_sample(encoding: SampleCode) -> None:
    with Sink(encoding=encoding) as sink:
        streams = [noisy(sink, seed, code, matrix) for seed, (code, matrix) in enumerate(SHAPES)]
        monitor = sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(*streams)
        ended(sink, *streams)
        wanted = expected([(seed, code, matrix) for seed, (code, matrix) in enumerate(SHAPES)], encoding)
        assert monitor.read(len(wanted)) == wanted


@pytest.mark.parametrize("quantum", [16, 64, 1000, 5000])
def test_the_quantum_is_not_heard(quantum: int) -> None:
    with Sink(quantum=quantum) as sink:
        stream, monitor = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        ended(sink, stream)
        assert monitor.read(4 * FRAMES) == expected([(1, SampleCode.S16, plain(2))])


def test_sixty_four_streams_are_summed_sample_by_sample() -> None:
    with Sink(encoding=SampleCode.S32, quantum=64) as sink:
        streams = [noisy(sink, seed, matrix=plain(2, 1 / 16)) for seed in range(64)]
        monitor = sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(*streams)
        ended(sink, *streams)
        wanted = expected([(seed, SampleCode.S16, plain(2, 1 / 16)) for seed in range(64)], SampleCode.S32)
        assert monitor.read(len(wanted)) == wanted


def test_a_client_that_writes_when_it_is_woken_loses_nothing() -> None:
    data = encode([sample or 0.5 for sample in noise(3, 2, 20_000)], SampleCode.S16)
    with Sink(quantum=64) as sink:
        stream, monitor = sink.stream(size=4096), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        for at in range(0, len(data), 1000):
            stream.wait_for_space(1000)
            stream.write(data[at : at + 1000])
        stream.end()
        ended(sink, stream)
        heard = monitor.waiting()
        frames = (heard[at : at + 4] for at in range(0, len(heard), 4))
        assert b"".join(frame for frame in frames if any(frame)) == data  # a busy machine makes it late, never wrong


def test_listeners_hear_all_or_one_stream() -> None:
    with Sink() as sink:
        one, other = noisy(sink, 1), noisy(sink, 2)
        whole, alone = sink.listener(), sink.listener(SampleCode.F32)
        with sink.driver.together():
            sink.play(one, other)
            sink.listen(whole)
            sink.listen(alone, one.slot)
        ended(sink, one, other)
        assert whole.read(4 * FRAMES) == expected([(1, SampleCode.S16, plain(2)), (2, SampleCode.S16, plain(2))])
        assert alone.read(8 * FRAMES) == expected([(1, SampleCode.S16, plain(2))], SampleCode.F32)


def test_a_listener_does_not_hear_the_next_stream_in_the_slot_of_its_own() -> None:
    with Sink() as sink:
        one, spy = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.play(one)
            sink.listen(spy, one.slot)
        ended(sink, one)
        with sink.driver.together():
            sink.driver.remove(one.slot, one.serial)
        sink.wait(EventKind.REMOVED, one.serial)
        heard = len(spy.waiting())
        two = noisy(sink, 2)
        with sink.driver.together():
            sink.play(two)
        ended(sink, two)
        assert two.slot == one.slot
        assert len(spy.waiting()) == heard
        with sink.driver.together():
            sink.driver.unlisten(one.slot, spy.serial)
        sink.wait(EventKind.REMOVED, spy.serial)


def test_a_listener_that_does_not_fetch_loses_the_newest_and_nobody_else_does() -> None:
    with Sink() as sink:
        stream, deaf, monitor = noisy(sink, 1), sink.listener(size=4096), sink.listener()
        with sink.driver.together():
            sink.listen(deaf)
            sink.listen(monitor)
            sink.play(stream)
        ended(sink, stream)
        wanted = expected([(1, SampleCode.S16, plain(2))])
        assert monitor.read(len(wanted)) == wanted
        assert wanted.startswith(deaf.waiting())
        assert sink.driver.counters().lost_record > 0


def test_who_listens_to_a_silent_sink_hears_silence() -> None:
    with Sink() as sink:
        listener = sink.listener()
        with sink.driver.together():
            sink.listen(listener)
        assert not any(listener.read(4 * 2_000))


def test_who_listens_passively_hears_what_sounds_and_lets_a_silent_sink_rest() -> None:
    with Sink() as sink:
        stream, listener = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(listener, is_passive=True)
            sink.play(stream)
        ended(sink, stream)
        sink.wait(EventKind.IDLE)
        assert expected([(1, SampleCode.S16, plain(2))]) in listener.waiting()


def test_a_corked_listener_hears_nothing() -> None:
    with Sink() as sink:
        one, two, listener = noisy(sink, 1), noisy(sink, 2), sink.listener()
        with sink.driver.together():
            sink.listen(listener)
            sink.driver.cork_listener(WHOLE_SINK, listener.serial, is_corked=True)
            sink.play(one)
        ended(sink, one)
        assert listener.waiting() == b""
        with sink.driver.together():
            sink.driver.cork_listener(WHOLE_SINK, listener.serial, is_corked=False)
            sink.play(two)
        ended(sink, two)
        assert expected([(2, SampleCode.S16, plain(2))]) in listener.waiting()


def test_dither_is_noise_of_a_step_when_it_is_asked_for() -> None:
    with Sink() as sink:
        stream, monitor = sink.stream(SampleCode.F32), sink.listener()
        stream.write(encode([0.3 / 32768] * (2 * FRAMES), SampleCode.F32))
        stream.end()
        with sink.driver.together():
            sink.driver.set_dither(1)
            sink.listen(monitor)
            sink.play(stream)
        ended(sink, stream)
        assert set(decode(monitor.read(4 * FRAMES), SampleCode.S16)) == {0.0}  # listeners hear the sum as it is


# ---- volume ----


def test_a_volume_is_reached_by_a_ramp_and_stays() -> None:
    with Sink(channels=1, encoding=SampleCode.F32) as sink:
        stream, monitor = sink.stream(SampleCode.F32, 1), sink.listener()
        stream.write(encode([1.0] * FRAMES, SampleCode.F32))
        stream.end()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
            sink.driver.set_matrix(stream.slot, plain(1, 0.25), 1000)
        ended(sink, stream)
        heard = decode(monitor.read(4 * FRAMES), SampleCode.F32)
        assert heard[:1000] == pytest.approx([1 - 0.75 * (at + 1) / 1000 for at in range(1000)], abs=1e-5)
        assert heard[999:] == [0.25] * (FRAMES - 999)


def test_a_volume_without_a_ramp_holds_from_the_first_frame() -> None:
    with Sink() as sink:
        stream, monitor = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
            sink.driver.set_matrix(stream.slot, plain(2, 0.5), 0)
        ended(sink, stream)
        assert monitor.read(4 * FRAMES) == expected([(1, SampleCode.S16, plain(2, 0.5))])


# ---- starting together ----


def first_sound(listener: Listener) -> int:
    samples = decode(listener.waiting(), listener.encoding)
    return next(at for at, sample in enumerate(samples) if sample) // 2


def test_streams_uncorked_together_start_on_the_same_frame() -> None:
    with Sink(quantum=64) as sink:
        streams, listeners = [noisy(sink, seed) for seed in range(5)], [sink.listener() for _ in range(5)]
        pacemaker = noisy(sink, 9)
        with sink.driver.together():
            sink.play(pacemaker)
            sink.play(*streams, is_corked=True)
            for stream, listener in zip(streams, listeners, strict=True):
                sink.listen(listener, stream.slot)
        sink.wait(EventKind.STARTED, pacemaker.serial)
        with sink.driver.together():
            sink.driver.cork([stream.slot for stream in streams], is_corked=False)
        ended(sink, *streams)
        assert len({first_sound(listener) for listener in listeners}) == 1


def test_a_group_starts_on_one_frame_when_its_last_member_has_enough() -> None:
    with Sink(quantum=64) as sink:
        early, late = noisy(sink, 1), sink.stream()
        listeners = [sink.listener(), sink.listener()]
        with sink.driver.together():
            sink.play(early, late, group=7)
            for stream, listener in zip((early, late), listeners, strict=True):
                sink.listen(listener, stream.slot)
        sink.sync(1)
        assert not [event for event in sink.seen if event.kind is EventKind.STARTED]
        late.write(encode(noise(2, 2), SampleCode.S16))
        late.end()
        ended(sink, early, late)
        assert first_sound(listeners[0]) == first_sound(listeners[1])


def test_a_member_that_drains_does_not_wait_for_its_group() -> None:
    with Sink() as sink:
        draining, waiting = sink.stream(), sink.stream()
        draining.write(encode(noise(1, 2, 500), SampleCode.S16))
        with sink.driver.together():
            sink.play(draining, waiting, group=7, prebuf=100_000)
            sink.driver.drain(draining.slot, 77)
        sink.wait(EventKind.DRAINED, draining.serial)


def test_a_corked_member_does_not_hold_its_group_back() -> None:
    with Sink() as sink:
        playing, corked = noisy(sink, 1), noisy(sink, 2)
        with sink.driver.together():
            sink.play(playing, group=7)
            sink.play(corked, group=7, is_corked=True)
        ended(sink, playing)


# ---- who is told what ----


def test_the_life_of_a_stream_is_told_in_order() -> None:
    with Sink() as sink:
        stream = noisy(sink, 1)
        with sink.driver.together():
            sink.play(stream)
        ended(sink, stream)
        sink.wait(EventKind.IDLE)
        kinds = [event.kind for event in sink.seen]
        assert kinds == [EventKind.RUNNING, EventKind.STARTED, EventKind.ENDED, EventKind.IDLE]


def test_a_drain_is_told_with_its_tag_when_all_was_heard() -> None:
    with Sink() as sink:
        stream = sink.stream()
        stream.write(encode(noise(1, 2, 500), SampleCode.S16))
        with sink.driver.together():
            sink.play(stream, prebuf=100_000)
            sink.driver.drain(stream.slot, 77)
        (drained,) = sink.wait(EventKind.DRAINED, stream.serial)
        (started,) = sink.wait(EventKind.STARTED, stream.serial)
        assert drained.index == 77
        assert drained.time - started.time >= 500 * 1_000_000_000 // 48_000 - 100_000


def test_a_drain_does_not_wait_for_a_long_quantum() -> None:
    with Sink(quantum=96_000) as sink:
        stream, pacemaker = sink.stream(), sink.stream(size=1 << 20)
        stream.write(encode(noise(1, 2, 500), SampleCode.S16))
        pacemaker.write(bytes(4 * 200_000))
        with sink.driver.together():
            sink.play(stream, pacemaker, prebuf=1)
            sink.driver.drain(stream.slot, 77)
        sink.wait(EventKind.DRAINED, stream.serial)
        assert sink.driver.counters().cycles == 1


def test_an_underflow_is_told_and_counted() -> None:
    with Sink() as sink:
        stream = sink.stream()
        stream.write(bytes(400))
        with sink.driver.together():
            sink.play(stream)
        (event,) = sink.wait(EventKind.UNDERFLOW, stream.serial)
        assert event.index == 400
        assert sink.driver.counters().late_streams == 1


def test_a_stream_that_underran_goes_on_when_it_has_more() -> None:
    with Sink() as sink:
        stream, monitor = sink.stream(), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        for turn in range(1, 4):
            stream.write(encode([turn / 8] * 200, SampleCode.S16))
            sink.wait(EventKind.UNDERFLOW, stream.serial, turn)
        sounding = [sample for sample in decode(monitor.waiting(), SampleCode.S16) if sample]
        assert sounding == [1 / 8] * 200 + [2 / 8] * 200 + [3 / 8] * 200


def test_the_clock_of_a_stream_is_in_its_ring_also_when_it_was_corked_and_all_is_idle() -> None:
    with Sink() as sink:
        stream = noisy(sink, 1)
        with sink.driver.together():
            sink.play(stream)
        sink.wait(EventKind.STARTED, stream.serial)
        with sink.driver.together():
            sink.driver.cork([stream.slot], is_corked=True)
        sink.wait(EventKind.IDLE)
        sink.sync(1)
        timing = stream.client.timing()
        assert timing is not None
        stream.client.space()
        assert (timing.flags, timing.read_index) == (CORKED, stream.client.taken)
        assert timing.delay <= math.ceil((256 + 48) * 1e9 / 48_000)


def test_a_removed_stream_s_ring_is_given_back_where_it_was_left() -> None:
    with Sink(quantum=64) as sink:
        stream, monitor = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        sink.wait(EventKind.STARTED, stream.serial)
        with sink.driver.together():
            sink.driver.remove(stream.slot, stream.serial)
        sink.wait(EventKind.REMOVED, stream.serial)
        taken = stream.daemon.taken
        assert 0 < taken <= 4 * FRAMES
        with Sink(quantum=64) as other:
            moved = other.listener()
            with other.driver.together():
                other.listen(moved)
                other.play(stream)
            other.wait(EventKind.ENDED, stream.serial)
            whole = expected([(1, SampleCode.S16, plain(2))])
            assert monitor.read(taken) + moved.read(4 * FRAMES - taken) == whole


def test_stopping_gives_every_ring_back() -> None:
    sink = Sink()
    stream = noisy(sink, 1)
    with sink.driver.together():
        sink.play(stream)
    ended(sink, stream)
    sink.driver.stop()
    assert stream.daemon.taken == 4 * FRAMES


# ---- the queues ----


def play_and_ping(sink: Sink, stream: Stream, pings: int) -> None:
    with sink.driver.together():
        sink.play(stream)
        for tag in range(pings):
            sink.driver.ping(tag)


def test_a_full_queue_refuses_all_of_what_belongs_together() -> None:
    with Sink() as sink:
        stream = noisy(sink, 1)
        with pytest.raises(AudiobusError, match="queue is full"):
            play_and_ping(sink, stream, 2000)
        sink.sync(5000)
        assert [event.index for event in sink.seen] == [5000]
        with sink.driver.together():
            sink.play(stream)
        ended(sink, stream)


def test_a_slot_that_was_taken_back_is_given_again() -> None:
    with Sink() as sink:
        stream = noisy(sink, 1)
        with pytest.raises(AudiobusError, match="queue is full"):
            play_and_ping(sink, stream, 1024)
        slot = stream.slot
        with sink.driver.together():
            sink.play(stream)
        ended(sink, stream)
        assert stream.slot == slot


def test_one_serial_does_not_name_two() -> None:
    with Sink() as sink:
        stream = noisy(sink, 1)
        with sink.driver.together():
            sink.play(stream)
        with pytest.raises(ValueError, match="already has"), sink.driver.together():
            sink.play(stream)
        ended(sink, stream)


def test_there_is_room_for_256_streams_and_no_more() -> None:
    with Sink() as sink:
        streams = [sink.stream(size=4096) for _ in range(257)]
        with pytest.raises(AudiobusError, match="at most 256"), sink.driver.together():
            sink.play(*streams)


def test_what_must_be_told_is_told_however_late_it_is_fetched() -> None:
    with Sink(quantum=16) as sink:
        streams = [sink.stream(size=4096) for _ in range(64)]
        with sink.driver.together():
            sink.play(*streams)
        while not sink.driver.counters().lost_events:
            for stream in streams:
                if stream.client.space():
                    stream.write(bytes(4))
        with sink.driver.together():
            for stream in streams:
                sink.driver.remove(stream.slot, stream.serial)
        sink.wait(EventKind.REMOVED, count=64)


# ---- sleeping ----


def test_with_nothing_to_play_the_cycle_does_not_wake() -> None:
    with Sink() as sink:
        stream, idle = noisy(sink, 1), sink.stream()
        with sink.driver.together():
            sink.play(stream, idle, prebuf=4000)
        ended(sink, stream)
        sink.wait(EventKind.IDLE)
        sink.sync(1)
        before = sink.driver.counters()
        sink.sync(2)
        after = sink.driver.counters()
        assert after.cycles == before.cycles
        assert after.wakeups - before.wakeups == 1  # by the ping


def test_a_client_that_writes_wakes_an_idle_cycle_once_there_is_enough() -> None:
    with Sink() as sink:
        stream = sink.stream()
        with sink.driver.together():
            sink.play(stream, prebuf=400)
        sink.sync(1)
        stream.write(bytes(396))
        sink.sync(2)
        assert not sink.driver.counters().cycles
        stream.write(bytes(4))
        sink.wait(EventKind.STARTED, stream.serial)


def test_a_client_that_floods_an_idle_cycle_is_named_and_the_others_play_on() -> None:
    with Sink() as sink:
        flooder = sink.stream()
        with sink.driver.together():
            sink.play(flooder)
        while not [event for event in sink.seen if event.kind is EventKind.HOSTILE]:
            for _ in range(1000):
                os.eventfd_write(flooder.client.descriptors.daemon_event, 1)
            sink.seen += sink.driver.events()
        (event,) = sink.wait(EventKind.HOSTILE)
        assert event.serial == flooder.serial
        stream, monitor = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        ended(sink, stream)
        assert monitor.read(4 * FRAMES) == expected([(1, SampleCode.S16, plain(2))])


def test_a_hostile_index_costs_the_others_nothing() -> None:
    with Sink() as sink:
        stream, hostile, monitor = noisy(sink, 1), sink.stream(), sink.listener()
        hostile.client.publish(2**62)
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(hostile, stream)
        sink.wait(EventKind.HOSTILE, hostile.serial)
        ended(sink, stream)
        assert monitor.read(4 * FRAMES) == expected([(1, SampleCode.S16, plain(2))])


# ---- what is counted ----


def test_the_quantum_can_change_while_it_plays_and_is_bounded_by_the_device() -> None:
    with Sink(room=10_000) as sink:
        stream, monitor = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        for tag, quantum in enumerate((64, 2000, 16, 1_000_000, 0)):
            with sink.driver.together():
                sink.driver.set_quantum(quantum)
            sink.sync(tag)
            assert sink.driver.counters().quantum == max(1, min(quantum, 10_000 - 48))
            with sink.driver.together():
                sink.driver.set_quantum(128)
        ended(sink, stream)
        assert monitor.read(4 * FRAMES) == expected([(1, SampleCode.S16, plain(2))])


def test_each_cycle_leaves_a_record() -> None:
    with Sink(quantum=480) as sink:
        stream = noisy(sink, 1)
        with sink.driver.together():
            sink.play(stream)
        ended(sink, stream)
        sink.wait(EventKind.IDLE)
        records, counters = sink.driver.records(), sink.driver.counters()
        assert len(records) == counters.cycles
        assert sum(record.frames for record in records) == counters.frames >= FRAMES
        assert all(record.due <= record.awake <= record.finished for record in records)
        assert [record.awake for record in records] == sorted(record.awake for record in records)
        assert sink.driver.records(2) == records[-2:]


def test_only_whole_numbers_of_quanta_and_headroom_are_asked_of_a_stream() -> None:
    with Sink(quantum=480) as sink:
        stream = sink.stream()
        stream.write(bytes(4 * FRAMES))
        with sink.driver.together():
            sink.play(stream)
        sink.wait(EventKind.UNDERFLOW, stream.serial)
        first = sink.driver.records()[0]
        assert (first.frames, first.queued) == (480 + 48, 480 + 48)


def test_the_monitor_s_clock_tells_when_its_last_frame_is_heard() -> None:
    with Sink(quantum=480) as sink:
        stream, monitor = noisy(sink, 1), sink.listener()
        with sink.driver.together():
            sink.listen(monitor)
            sink.play(stream)
        sink.wait(EventKind.STARTED, stream.serial)
        monitor.read(4)
        ended(sink, stream)
        timing = monitor.client.timing()
        assert timing is not None
        assert timing.delay <= math.ceil((480 + 48) * 1e9 / 48_000)
