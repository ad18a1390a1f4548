"""The contract of CompressDevice, by the kernel document and sound/core/compress_offload.c. Runs on every backend.

Past 300 lines because a contract is read, and inherited by each backend, as one.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from pyaudiobus.devices.compress import CompressDevice, Geometry
from pyaudiobus.errors import AccessDenied, DeviceBusy, DeviceError, DeviceLost, DeviceXrun
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.units import Seconds
from tests.devices.contract.bench import BYTE_RATE, FORM, LARGE, SMALL, Bench, Faults, frames

Call = Callable[[CompressDevice], object]

CALLS: dict[str, Call] = {
    "set_params": lambda device: device.set_params(FORM, SMALL),
    "write": lambda device: device.write(frames(1)),
    "avail": lambda device: device.avail(),
    "start": lambda device: device.start(),
    "pause": lambda device: device.pause(),
    "resume": lambda device: device.resume(),
    "stop": lambda device: device.stop(),
    "drain": lambda device: device.drain(),
    "partial_drain": lambda device: device.partial_drain(),
    "next_track": lambda device: device.next_track(),
    "set_metadata": lambda device: device.set_metadata(576, 1000),
    "progress": lambda device: device.progress(),
}
CONTROLS = ["start", "pause", "resume", "stop", "drain", "partial_drain", "next_track"]


@contextmanager
def refused(*errnos: int) -> Iterator[None]:
    with pytest.raises(DeviceError) as caught:
        yield
    assert caught.value.errno in errnos, str(caught.value)


def open_and_set_up(device: CompressDevice) -> None:
    """Tinycompress opens the device only to configure it."""
    device.open()
    device.set_params(FORM, SMALL)


def need_faults(bench: Bench, device: CompressDevice) -> Faults:
    faults = bench.faults_of(device)
    if faults is None:
        pytest.skip(f"{bench.name} cannot be made to fail")
    return faults


class Contract:
    """Every backend's tests; `bench` is the backend."""

    # What is legal in each state

    @pytest.mark.parametrize("call", CONTROLS)
    def test_an_open_device_that_is_not_configured_obeys_nothing(self, bench: Bench, call: str) -> None:
        with refused(errno.EPERM):
            CALLS[call](bench.opened())

    @pytest.mark.parametrize("call", ["write", "avail"])
    def test_an_open_device_that_is_not_configured_has_no_ring(self, bench: Bench, call: str) -> None:
        with refused(errno.EBADFD):
            CALLS[call](bench.opened())

    @pytest.mark.parametrize("call", ["set_params", *CONTROLS])
    def test_a_configured_device_waits_for_data_first(self, bench: Bench, call: str) -> None:
        with refused(errno.EPERM):
            CALLS[call](bench.set_up())

    @pytest.mark.parametrize("call", ["set_params", "pause", "resume", "stop", "drain", "partial_drain", "next_track"])
    def test_a_device_with_data_waits_for_start(self, bench: Bench, call: str) -> None:
        with refused(errno.EPERM):
            CALLS[call](bench.prepared())

    @pytest.mark.parametrize("call", ["set_params", "start", "resume", "partial_drain", "next_track"])
    def test_a_running_device_refuses_what_makes_no_sense(self, bench: Bench, call: str) -> None:
        with refused(errno.EPERM):
            CALLS[call](bench.running())

    @pytest.mark.parametrize("call", ["set_params", "start", "pause", "drain", "partial_drain", "next_track"])
    def test_a_paused_device_only_resumes_or_stops(self, bench: Bench, call: str) -> None:
        with refused(errno.EPERM):
            CALLS[call](bench.paused())

    def test_a_paused_device_takes_no_data(self, bench: Bench) -> None:
        with refused(errno.EBADFD):
            bench.paused().write(frames(1))

    @pytest.mark.parametrize(
        ("call", "code"), [("write", errno.EBADFD), ("start", errno.EPERM), ("resume", errno.EPERM),
                           ("next_track", errno.EPERM), ("set_params", errno.EPERM)],
    )  # fmt: skip
    def test_a_draining_device_refuses(self, bench: Bench, call: str, code: int) -> None:
        device, drain = bench.draining()
        with refused(code):
            CALLS[call](device)
        device.stop()
        drain.end(bench.patience)

    def test_a_refused_call_changes_nothing(self, bench: Bench) -> None:
        device = bench.prepared()
        for call in ("pause", "resume", "stop", "drain"):
            with refused(errno.EPERM):
                CALLS[call](device)
        device.start()
        device.pause()

    # Opening and configuring

    def test_what_the_device_can_do_is_known_once_it_is_open(self, bench: Bench) -> None:
        caps = bench.opened().caps()
        assert Codec.MP3 in caps.codecs
        assert SMALL.fragment_size in caps.fragment_size
        assert SMALL.fragments in caps.fragments

    def test_only_one_may_have_the_device(self, bench: Bench) -> None:
        bench.set_up()
        second = bench.device()
        with pytest.raises(DeviceBusy):
            open_and_set_up(second)

    def test_a_closed_device_can_be_opened_by_another(self, bench: Bench) -> None:
        bench.running().close()
        bench.running()

    def test_a_device_can_be_opened_again_after_close(self, bench: Bench) -> None:
        device = bench.running()
        device.close()
        device.open()
        device.set_params(FORM, SMALL)
        assert bench.fill(device)
        device.start()

    def test_closing_twice_is_fine(self, bench: Bench) -> None:
        device = bench.prepared()
        device.close()
        device.close()

    def test_closing_what_was_never_opened_is_fine(self, bench: Bench) -> None:
        bench.device().close()

    @pytest.mark.parametrize("state", ["opened", "set_up", "prepared", "running", "paused"])
    def test_a_device_can_be_closed_in_any_state(self, bench: Bench, state: str) -> None:
        device = getattr(bench, state)()
        device.close()
        bench.opened()

    @pytest.mark.parametrize("call", ["write", "avail", *CONTROLS])
    def test_a_closed_device_obeys_nothing(self, bench: Bench, call: str) -> None:
        device = bench.running()
        device.close()
        with pytest.raises(DeviceError):
            CALLS[call](device)

    @pytest.mark.parametrize("geometry", [Geometry(0, 4), Geometry(8192, 0)])
    def test_a_ring_of_nothing_is_refused(self, bench: Bench, geometry: Geometry) -> None:
        with refused(errno.EINVAL):
            bench.opened().set_params(FORM, geometry)

    def test_a_device_that_refused_parameters_takes_better_ones(self, bench: Bench) -> None:
        device = bench.opened()
        with refused(errno.EINVAL):
            device.set_params(FORM, Geometry(0, 4))
        device.set_params(FORM, SMALL)
        bench.fill(device)
        device.start()

    def test_a_codec_that_is_not_listed_is_refused(self, bench: Bench) -> None:
        device = bench.opened()
        if Codec.REAL not in device.caps().codecs:
            with refused(errno.EINVAL):
                device.set_params(EncodedFormat(Codec.REAL, 44100, 2), SMALL)

    # Writing

    def test_an_empty_ring_is_wholly_free(self, bench: Bench) -> None:
        assert bench.set_up().avail() in (SMALL.ring_size, None)

    def test_the_ring_takes_what_it_holds_and_then_nothing(self, bench: Bench) -> None:
        device = bench.set_up()
        stream = frames(4 * SMALL.ring_size)
        taken = device.write(stream)
        assert 0 < taken <= SMALL.ring_size
        while count := device.write(stream[taken:]):
            taken += count
        assert taken >= SMALL.ring_size
        assert device.write(stream[taken:]) == 0

    def test_the_free_space_shrinks_by_what_was_written(self, bench: Bench) -> None:
        device = bench.set_up()
        taken = device.write(frames(SMALL.fragment_size)[: SMALL.fragment_size])
        assert taken == SMALL.fragment_size
        assert device.avail() in (SMALL.ring_size - taken, None)

    def test_writing_nothing_is_not_a_first_write(self, bench: Bench) -> None:
        device = bench.set_up()
        assert device.write(memoryview(b"")) == 0
        with refused(errno.EPERM):
            device.start()

    def test_read_only_memory_can_be_written(self, bench: Bench) -> None:
        assert bench.set_up().write(memoryview(bytes(frames(1)))) > 0

    def test_a_running_device_makes_room(self, bench: Bench) -> None:
        device = bench.running()
        bench.until(lambda: device.write(frames(SMALL.fragment_size)) > 0)

    # Waiting

    def test_waiting_for_room_ends_when_a_fragment_is_free(self, bench: Bench) -> None:
        device = bench.running()
        assert device.wait(Seconds(bench.patience))
        assert device.write(frames(SMALL.fragment_size)) > 0

    def test_waiting_for_room_in_a_full_ring_that_is_held_times_out(self, bench: Bench) -> None:
        device = bench.set_up()
        device.write(frames(SMALL.ring_size)[: SMALL.ring_size])
        device.start()
        device.pause()
        bench.pass_time(0.3)
        with refused(errno.EBADFD):
            device.write(frames(1))
        room = device.avail()
        if room is not None and room < SMALL.fragment_size:
            assert not device.wait(Seconds(0.02))

    def test_an_empty_ring_need_not_be_waited_for(self, bench: Bench) -> None:
        assert bench.set_up().wait(Seconds(bench.patience))

    # Playing

    def test_a_device_that_was_not_started_takes_at_most_what_it_reads_ahead(self, bench: Bench) -> None:
        device = bench.prepared()
        bench.pass_time(0.5)
        assert (device.progress().taken or 0) <= SMALL.fragment_size

    def test_counts_never_go_back_and_never_pass_what_was_written(self, bench: Bench) -> None:
        device = bench.running()
        written, taken, rendered = SMALL.ring_size, 0, 0
        while written < 3 * SMALL.ring_size:
            assert device.wait(Seconds(bench.patience))
            written += device.write(frames(SMALL.ring_size)[: SMALL.ring_size])
            progress = device.progress()
            assert taken <= (progress.taken or 0) <= written
            assert rendered <= (progress.rendered or 0)
            taken, rendered = progress.taken or 0, progress.rendered or 0
        assert taken > 0

    def test_rendered_frames_are_counted_in_the_streams_rate_or_not_at_all(self, bench: Bench) -> None:
        device = bench.running()
        bench.pass_time(0.2)
        progress = device.progress()
        if progress.rendered is None:
            assert progress.rate == 0
        else:
            assert progress.rate == FORM.rate
            assert progress.rendered > 0

    def test_a_paused_device_stands_still_and_goes_on_when_resumed(self, bench: Bench) -> None:
        device = bench.running(LARGE)
        bench.pass_time(0.3)
        device.pause()
        bench.pass_time(0.1)  # what was under way
        held = device.progress()
        bench.pass_time(0.5)
        assert device.progress() == held
        device.resume()
        bench.until(lambda: device.progress() != held or device.wait(Seconds(0)))

    # Draining

    def test_a_drain_lasts_until_everything_was_rendered(self, bench: Bench) -> None:
        device = bench.set_up()
        written = device.write(frames(20_000))
        device.start()
        begun = bench.clock.now()
        device.drain()
        assert bench.clock.now() - begun >= 0.7 * written / BYTE_RATE / bench.speed
        assert device.progress().taken == written

    def test_a_drained_device_must_be_started_again(self, bench: Bench) -> None:
        device = bench.running()
        device.drain()
        for call in ("start", "pause", "drain"):
            with refused(errno.EPERM):
                CALLS[call](device)

    def test_a_drained_device_plays_on_without_new_parameters_and_counts_on(self, bench: Bench) -> None:
        device = bench.set_up()
        total = 0
        for _turn in range(2):
            total += device.write(frames(10_000))
            device.start()
            device.drain()
        assert device.progress().taken == total

    def test_the_position_can_be_asked_for_while_another_thread_drains(self, bench: Bench) -> None:
        device, drain = bench.draining()
        before = device.progress()
        bench.until(lambda: device.progress() != before or drain.has_ended)
        device.avail()
        if not drain.has_ended:
            device.stop()
        drain.end(bench.patience)

    def test_a_stop_ends_another_threads_drain_at_once(self, bench: Bench) -> None:
        device, drain = bench.draining()
        begun = bench.clock.now()
        device.stop()
        drain.end(bench.patience)
        assert bench.clock.now() - begun < LARGE.ring_size / BYTE_RATE / bench.speed
        with refused(errno.EPERM):
            device.stop()

    # Stopping

    @pytest.mark.parametrize("state", ["running", "paused"])
    def test_a_stopped_device_waits_for_data_first(self, bench: Bench, state: str) -> None:
        device = getattr(bench, state)()
        device.stop()
        for call in CONTROLS:
            with refused(errno.EPERM):
                CALLS[call](device)

    def test_a_stopped_device_counts_from_0_and_can_be_used_again(self, bench: Bench) -> None:
        device = bench.running()
        bench.pass_time(0.3)
        device.stop()
        if not bench.counts_anew_after_stop:
            return
        assert not device.progress().taken
        written = device.write(frames(10_000))
        device.start()
        device.drain()
        assert device.progress().taken == written

    # Track after track

    def test_the_next_track_follows_in_the_kernel_documents_order(self, bench: Bench) -> None:
        device = bench.set_up()
        device.set_metadata(576, 1000)
        written = device.write(frames(20_000))
        device.start()
        device.next_track()
        device.set_metadata(1105, 500)
        device.partial_drain()
        written += device.write(frames(10_000))
        device.drain()
        assert (device.progress().taken or 0) >= written - SMALL.fragment_size

    def test_parameters_of_the_next_track_leave_the_ring_and_what_is_counted_alone(self, bench: Bench) -> None:
        device = bench.set_up()
        device.set_metadata(576, 1000)
        written = device.write(frames(20_000))
        device.start()
        device.next_track()
        with suppress(DeviceError):  # Linux before 6.5, and a library that hides its descriptor, refuse them
            device.set_params(FORM, SMALL)
        device.set_metadata(1105, 500)
        device.partial_drain()
        written += device.write(frames(10_000))
        device.drain()
        assert (device.progress().taken or 0) >= written - SMALL.fragment_size

    def test_a_device_runs_on_after_a_partial_drain(self, bench: Bench) -> None:
        device = bench.set_up()
        device.set_metadata(576, 1000)
        device.write(frames(10_000))
        device.start()
        device.next_track()
        device.partial_drain()
        device.pause()

    def test_each_track_needs_its_own_announcement(self, bench: Bench) -> None:
        device = bench.set_up()
        device.set_metadata(576, 1000)
        bench.fill(device)
        device.start()
        device.next_track()
        with refused(errno.EPERM):  # its metadata are used up
            device.next_track()
        device.partial_drain()
        with refused(errno.EPERM):
            device.partial_drain()

    # When things go wrong

    @pytest.mark.parametrize(
        ("state", "call"),
        [("opened", "set_params"), ("set_up", "write"), ("set_up", "avail"), ("set_up", "progress"),
         ("set_up", "set_metadata"), ("prepared", "start"), ("running", "pause"), ("paused", "resume"),
         ("running", "stop"), ("running", "drain")],
    )  # fmt: skip
    def test_the_drivers_own_errno_comes_through(self, bench: Bench, state: str, call: str) -> None:
        device = getattr(bench, state)()
        need_faults(bench, device).fail(call, errno.EIO)
        with refused(errno.EIO):
            CALLS[call](device)

    def test_a_node_that_may_not_be_opened_says_who_may(self, bench: Bench) -> None:
        device = bench.device()
        need_faults(bench, device).fail("open", errno.EACCES)
        with pytest.raises(AccessDenied, match="group"):
            open_and_set_up(device)

    def test_a_device_works_on_after_an_error(self, bench: Bench) -> None:
        device = bench.prepared()
        need_faults(bench, device).fail("start", errno.EIO)
        with refused(errno.EIO):
            device.start()
        device.start()

    def test_an_xrun_is_told_by_every_call_until_stop(self, bench: Bench) -> None:
        device = bench.running()
        need_faults(bench, device).xrun()
        for call in ("avail", "drain"):
            with pytest.raises(DeviceXrun):
                CALLS[call](device)
        with refused(errno.EPIPE, errno.EBADFD):
            device.write(frames(1))
        assert device.wait(Seconds(bench.patience))
        device.stop()
        assert device.write(frames(1)) > 0

    def test_a_stalled_dsp_shows_as_no_progress_and_an_endless_drain(self, bench: Bench) -> None:
        device = bench.prepared(LARGE)
        need_faults(bench, device).stall()
        device.start()
        before = device.progress()
        bench.pass_time(0.5)
        assert device.progress() == before
        drain = bench.aside(device.drain)
        bench.pass_time(2 * LARGE.ring_size / BYTE_RATE)
        assert not drain.has_ended
        device.stop()
        drain.end(bench.patience)

    @pytest.mark.parametrize("call", ["write", "avail", "pause", "stop", "drain", "progress"])
    def test_a_lost_device_says_so(self, bench: Bench, call: str) -> None:
        device = bench.running()
        need_faults(bench, device).unplug()
        if call in bench.tells_loss:
            with pytest.raises(DeviceLost):
                CALLS[call](device)
        device.close()

    def test_a_drain_ends_when_the_device_is_lost(self, bench: Bench) -> None:
        device = bench.running(LARGE)
        faults = need_faults(bench, device)
        drain = bench.aside(device.drain)
        bench.until(lambda: bench.refuses_data(device))
        faults.unplug()
        with pytest.raises(DeviceLost) if "running drain" in bench.tells_loss else suppress(DeviceLost):
            drain.end(bench.patience)
