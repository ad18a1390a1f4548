"""What the kernel backend does beyond the contract: structs on the wire, wide counters, signals."""

from __future__ import annotations

import errno
import os
import struct
import threading

import pytest

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.devices.ledger import WideCounter
from pyaudiobus.errors import AccessDenied, DeviceError, DeviceLost
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.units import Seconds
from tests.devices.contract.bench import FORM, SMALL, frames
from tests.devices.contract.standins import Standin

MIB = 1 << 20
HUGE = Geometry(128 * 1024, 64)
"""8 MiB, the largest ring there is."""


@pytest.fixture
def device(kernel_standin: Standin) -> KernelCompressDevice:
    return KernelCompressDevice(0, 0, kernel_standin.shared_object, node=kernel_standin.node)


def configured(device: KernelCompressDevice, geometry: Geometry = SMALL) -> KernelCompressDevice:
    device.open()
    device.set_params(FORM, geometry)
    return device


def test_it_is_called_as_people_type_it() -> None:
    assert KernelCompressDevice(1, 3).name == "hw:1,3"


def test_codecs_that_have_no_name_here_are_left_out(device: KernelCompressDevice) -> None:
    device.open()
    assert device.caps().codecs == (Codec.MP3, Codec.FLAC, Codec.AAC, Codec.WMA, Codec.ALAC, Codec.APE)


def test_capabilities_are_unknown_before_open(device: KernelCompressDevice) -> None:
    with pytest.raises(DeviceError, match="not open"):
        device.caps()


def test_a_missing_node_is_a_lost_device(kernel_standin: Standin) -> None:
    os.unlink(kernel_standin.node)
    with pytest.raises(DeviceLost, match="ENOENT"):
        KernelCompressDevice(0, 0, kernel_standin.shared_object, node=kernel_standin.node).open()


def test_a_protocol_from_the_future_is_refused_in_one_sentence(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    kernel_standin.set("protocol", 0x010000)
    with pytest.raises(DeviceError, match=r"speaks compress protocol 1\.0\.0"):
        device.open()
    kernel_standin.set("protocol", 0x000200)
    device.open()  # it was closed again


def test_a_driver_without_capabilities_is_closed_again(device: KernelCompressDevice, kernel_standin: Standin) -> None:
    kernel_standin.fail("caps", errno.ENXIO)
    with pytest.raises(DeviceLost):
        device.open()
    assert device.fileno() is None
    device.open()


def test_a_container_that_forbids_the_device_is_told_from_a_wrong_state(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    kernel_standin.fail("open", errno.EPERM)
    with pytest.raises(AccessDenied, match="not allowed"):
        device.open()


def test_the_descriptor_is_not_inherited_by_children(device: KernelCompressDevice) -> None:
    device.open()
    fd = device.fileno()
    assert fd is not None
    assert not os.get_inheritable(fd)
    device.close()
    assert device.fileno() is None


def test_the_driver_gets_the_whole_codec_with_nothing_left_over(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    info = struct.pack(">HH", 4096, 4096) + bytes([0, 1, 0, 2, 0, 0]) + bytes(24)
    form = EncodedFormat(Codec.FLAC, 96000, 2, bit_rate=900_000, bit_depth=24, codec_private=info)
    device.open()
    device.set_params(form, Geometry(16384, 8))
    ints = (16384, 8, 0x0A, 2, 2, 96000, 900_000, 0, 0, 0, 0, 0, 0)
    options = struct.pack("<6H", 24, 4096, 4096, 256, 65535, 0).ljust(64, b"\0")
    assert kernel_standin.params == struct.pack("<13I", *ints) + options + bytes(12 + 4)


def test_a_refusal_says_what_was_asked_for_and_what_helps(device: KernelCompressDevice) -> None:
    device.open()
    with pytest.raises(DeviceError) as caught:
        device.set_params(FORM, Geometry(4096, 4))
    assert "asked for mp3/44100/2, 4 fragments of 4096 bytes" in caught.value.facts
    assert "audiobus devices" in caught.value.advice


def test_a_board_with_routes_is_told_to_set_one(device: KernelCompressDevice) -> None:
    device.driver = "sdm845"
    device.open()
    with pytest.raises(DeviceError) as caught:
        device.set_params(FORM, Geometry(4096, 4))
    assert "QUAT_MI2S_RX Audio Mixer MultiMedia4" in caught.value.advice


def test_what_the_dsp_consumed_is_what_was_written(device: KernelCompressDevice, kernel_standin: Standin) -> None:
    sent = os.urandom(100_000)
    configured(device)
    waiting = memoryview(sent)
    waiting = waiting[device.write(waiting) :]
    device.start()
    while waiting:
        assert device.wait(Seconds(20))
        waiting = waiting[device.write(waiting) :]
    device.drain()
    assert kernel_standin.tap == sent
    assert device.progress().taken == len(sent)


def test_padding_is_key_1_and_delay_is_key_2(device: KernelCompressDevice, kernel_standin: Standin) -> None:
    configured(device).set_metadata(encoder_delay=576, encoder_padding=1000)
    assert kernel_standin.metadata == (1000, 576)


def test_a_driver_that_has_no_use_for_metadata_is_no_failure(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    kernel_standin.set("metadata", 0)
    configured(device).set_metadata(576, 1000)


def test_a_driver_that_cannot_tell_its_position_says_so(device: KernelCompressDevice, kernel_standin: Standin) -> None:
    kernel_standin.set("pointer", 0)
    with pytest.raises(DeviceError, match="524"):
        configured(device).progress()


def test_a_write_that_a_signal_interrupted_is_tried_again(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    configured(device)
    kernel_standin.fail("write", errno.EINTR, 3)
    assert device.write(frames(1)) > 0


def test_a_wait_that_a_signal_interrupted_goes_on(device: KernelCompressDevice, kernel_standin: Standin) -> None:
    configured(device)
    kernel_standin.fail("poll", errno.EINTR, 3)
    assert device.wait(Seconds(20))


def test_a_drain_that_a_signal_interrupted_goes_on(device: KernelCompressDevice, kernel_standin: Standin) -> None:
    configured(device)
    written = device.write(frames(20_000))
    device.start()
    kernel_standin.fail("draining", errno.EINTR, 2)
    device.drain()
    assert device.progress().taken == written


def test_a_drain_that_ended_while_a_signal_was_handled_is_over(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    configured(device)
    device.write(frames(20_000))
    device.start()
    kernel_standin.fail("drain", errno.EINTR)
    kernel_standin.fail("drain", errno.EPERM)
    device.drain()


def test_a_partial_drain_that_a_signal_interrupted_is_waited_for(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    configured(device)
    device.set_metadata(576, 1000)
    written = device.write(frames(20_000))
    device.start()
    device.next_track()
    kernel_standin.fail("draining", errno.EINTR)
    device.partial_drain()
    assert device.progress().taken == written
    device.pause()  # it runs


def test_a_stop_ends_a_partial_drain_that_a_signal_interrupted(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    kernel_standin.set("stall", 1)
    configured(device)
    device.set_metadata(576, 1000)
    device.write(frames(20_000))
    device.start()
    device.next_track()
    kernel_standin.fail("draining", errno.EINTR)
    drain = threading.Thread(target=device.partial_drain, daemon=True)
    drain.start()
    while not is_refused(device):
        pass
    device.stop()
    drain.join(20)
    assert not drain.is_alive()


def is_refused(device: KernelCompressDevice) -> bool:
    try:
        device.write(frames(1))
    except DeviceError:
        return True
    return False


@pytest.mark.parametrize("protocol", [0x000200, 0x000401])
def test_past_4_gib_the_counts_go_on_and_nothing_unread_is_overwritten(
    device: KernelCompressDevice, kernel_standin: Standin, protocol: int
) -> None:
    for knob, value in {"protocol": protocol, "discard": 1, "speed": 0, "timestamps": 1}.items():
        kernel_standin.set(knob, value)
    configured(device, HUGE)
    stream = memoryview(bytes(2 * HUGE.ring_size))
    ring_seconds = HUGE.ring_size / (FORM.bit_rate / 8)
    written = device.write(stream)
    device.start()
    while written < (1 << 32) + 32 * MIB:
        assert device.write(stream) <= HUGE.fragment_size  # what the DSP took at once
        kernel_standin.advance(ring_seconds)
        taken = device.progress().taken
        assert taken is not None
        written = taken + device.write(stream)
    assert not kernel_standin.was_overwritten
    assert device.avail() == 0
    assert (device.progress().taken or 0) > 1 << 32


def test_past_4_gib_waiting_does_not_spin_on_a_poll_that_is_always_ready(
    device: KernelCompressDevice, kernel_standin: Standin
) -> None:
    for knob, value in {"discard": 1, "speed": 0}.items():
        kernel_standin.set(knob, value)
    configured(device, HUGE)
    stream = memoryview(bytes(HUGE.ring_size))
    device.write(stream)
    device.start()
    while (device.progress().taken or 0) <= 1 << 32:
        kernel_standin.advance(300)
        while device.write(stream):  # the DSP takes a fragment at once
            pass
    assert device.avail() == 0
    assert not device.wait(Seconds(0.01))
    kernel_standin.advance(30)
    assert device.wait(Seconds(20))


def test_a_counter_goes_on_where_32_bits_end() -> None:
    counter = WideCounter()
    readings = [0x7000_0000, 0xE000_0000, 0x1000, 0x7000_0000, 0xE000_0000, 0x2000]
    assert [counter.follow(reading, wide=False) for reading in readings] == [
        0x7000_0000, 0xE000_0000, 0x1_0000_1000, 0x1_7000_0000, 0x1_E000_0000, 0x2_0000_2000
    ]  # fmt: skip


def test_a_counter_that_the_driver_starts_anew_holds_still_and_counts_on() -> None:
    counter = WideCounter()
    assert [counter.follow(reading, wide=False) for reading in (5000, 100, 300)] == [5000, 5000, 5200]
    assert [counter.follow(reading, wide=True) for reading in (200, 700)] == [5200, 5700]
