"""Time passes for the DSP as the clock says, and only then."""

from __future__ import annotations

import errno
from math import inf

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.states import State
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.units import Seconds
from tests.devices.virtual.bench import MakeDsp, Tone, Work, state_of

MP3_FRAME = 1152


def started(dsp: VirtualDsp, tone: Tone) -> int:
    written = dsp.write(tone.data)
    dsp.start()
    return written


def test_nothing_is_taken_before_start(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp()
    dsp.write(mp3.data)
    clock.advance(5)
    assert dsp.progress() == Progress(0, 0, 44_100)


def test_frames_are_rendered_at_the_streams_own_rate(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    for hundredth in range(1, 20):
        clock.advance(0.01)
        assert dsp.progress().rendered == 441 * hundredth


def test_bytes_are_taken_by_whole_fragments(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    seen = set()
    for _ in range(30):
        seen.add(dsp.progress().taken)
        clock.advance(0.01)
    assert seen == {1024, 2048, 3072, 4096}


def test_a_starved_stream_stays_running_and_goes_on_with_new_bytes(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock
) -> None:
    dsp = make_dsp()
    written = started(dsp, mp3)
    clock.advance(10)
    at_rest = dsp.progress().rendered
    assert at_rest is not None
    assert at_rest % MP3_FRAME == 0
    assert state_of(dsp) is State.RUNNING
    assert dsp.avail() == 4096
    assert dsp.stream.firmware.starvations == 1
    dsp.write(mp3.data[written:])
    clock.advance(0.1)
    assert dsp.progress().rendered == at_rest + 4410
    assert dsp.stream.firmware.starvations == 1


def test_pause_holds_and_resume_goes_on_at_the_same_frame(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    clock.advance(0.05)
    dsp.pause()
    clock.advance(100)
    assert dsp.progress().rendered == 2205
    dsp.resume()
    clock.advance(0.05)
    assert dsp.progress().rendered == 4410


def test_wait_returns_at_the_instant_a_fragment_is_free(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work
) -> None:
    dsp = make_dsp(geometry=Geometry(2048, 2))
    started(dsp, mp3)
    assert dsp.wait(Seconds(10))
    dsp.write(mp3.data[4096:])
    waiter = work(lambda: dsp.wait(Seconds(10)))
    clock.advance(1)
    frames = waiter.end().ended_at * 44_100
    assert waiter.answer is True
    assert frames == pytest.approx(round(frames / MP3_FRAME) * MP3_FRAME)


def test_wait_gives_up_when_its_time_is_over(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp()
    dsp.write(mp3.data)
    waiter = work(lambda: dsp.wait(Seconds(0.25)))
    clock.advance(1)
    assert waiter.end().answer is False
    assert waiter.ended_at == 0.25


def test_drain_blocks_until_the_last_frame_was_heard(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work
) -> None:
    dsp = make_dsp(geometry=Geometry(8192, 4))
    started(dsp, mp3)
    drain = work(dsp.drain)
    clock.advance(0.5)
    assert state_of(dsp) is State.DRAINING
    assert dsp.progress().rendered == 22_050
    clock.advance(5)
    drain.end()
    assert drain.error is None
    assert state_of(dsp) is State.SETUP
    progress = dsp.progress()
    assert progress.taken == len(mp3.data)
    assert progress.rendered == 40 * MP3_FRAME
    assert drain.ended_at == 40 * MP3_FRAME / 44_100


def test_totals_go_on_after_a_drain(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp(geometry=Geometry(8192, 4))
    for _ in range(2):
        started(dsp, mp3)
        drain = work(dsp.drain)
        clock.advance(5)
        drain.end()
    assert dsp.progress() == Progress(2 * len(mp3.data), 80 * MP3_FRAME, 44_100)


def test_stop_from_another_thread_ends_a_drain(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    drain = work(dsp.drain)
    clock.advance(0.1)
    dsp.stop()
    assert drain.end().error is None
    assert drain.ended_at == 0.1
    assert state_of(dsp) is State.SETUP
    assert dsp.progress() == Progress(0, 0, 44_100)
    assert dsp.avail() == 4096


def test_poll_ends_a_drain_early(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    drain = work(dsp.drain)
    clock.advance(0.1)
    assert dsp.wait(Seconds(10))
    assert drain.end().ended_at == 0.1
    assert state_of(dsp) is State.SETUP
    clock.advance(5)
    started(dsp, mp3)
    clock.advance(0.1)
    assert state_of(dsp) is State.RUNNING


def test_a_drain_can_be_asked_for_twice(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    drains = [work(dsp.drain), work(dsp.drain)]
    clock.advance(5)
    assert [drain.end().error for drain in drains] == [None, None]


def test_closing_ends_a_drain(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp()
    started(dsp, mp3)
    drain = work(dsp.drain)
    clock.advance(0.1)
    dsp.close()
    assert drain.end().error is None


@pytest.mark.parametrize("speed", [inf, 1000.0])
def test_a_paced_clock_plays_to_the_same_end(mp3: Tone, speed: float) -> None:
    clock = PacedClock(speed)
    dsp = VirtualDsp("q6asm", clock)
    dsp.open()
    dsp.set_params(mp3.form, Geometry(8192, 4))
    started(dsp, mp3)
    dsp.drain()
    assert clock.now() == 40 * MP3_FRAME / 44_100


def test_metadata_comes_before_the_next_track_and_that_before_a_partial_drain(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work
) -> None:
    dsp = make_dsp(geometry=Geometry(8192, 8))
    started(dsp, mp3)
    with pytest.raises(DeviceError) as early:
        dsp.next_track()
    dsp.set_metadata(0, 0)
    dsp.next_track()
    with pytest.raises(DeviceError) as again:
        dsp.next_track()
    assert (early.value.errno, again.value.errno) == (errno.EPERM, errno.EPERM)
    drain = work(dsp.partial_drain)
    clock.advance(2)
    assert drain.end().ended_at == 40 * MP3_FRAME / 44_100
    assert state_of(dsp) is State.RUNNING
    with pytest.raises(DeviceError) as late:
        dsp.partial_drain()
    assert late.value.errno == errno.EPERM


def test_two_tracks_follow_without_a_gap(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp(geometry=Geometry(8192, 8))
    started(dsp, mp3)
    dsp.set_metadata(0, 0)
    dsp.next_track()
    dsp.set_params(mp3.form, Geometry(8192, 8))
    dsp.write(mp3.data)
    partial = work(dsp.partial_drain)
    clock.advance(1.1)
    partial.end()
    drain = work(dsp.drain)
    clock.advance(5)
    assert drain.end().ended_at == pytest.approx(80 * MP3_FRAME / 44_100)
    assert dsp.stream.firmware.starvations == 0
