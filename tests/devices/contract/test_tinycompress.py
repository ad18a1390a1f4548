"""What the tinycompress backend does beyond the contract: the library's traps, and finding its descriptor."""

from __future__ import annotations

import errno
import os
import struct
import threading
from pathlib import Path

import pytest

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.tinycompress import TinycompressDevice
from pyaudiobus.errors import DeviceBusy, DeviceError, DeviceLost, UserError
from pyaudiobus.model.units import Seconds
from tests.devices.contract.bench import FORM, SMALL, frames
from tests.devices.contract.conftest import PROTOCOL_0_4_1
from tests.devices.contract.standins import Standin

HIDDEN = "/nowhere/comprC0D0"


@pytest.fixture
def device(tinycompress_standin: Standin) -> TinycompressDevice:
    return made(tinycompress_standin)


@pytest.fixture
def hidden(tinycompress_standin: Standin) -> TinycompressDevice:
    """A device whose node cannot be asked and whose descriptor cannot be found."""
    return made(tinycompress_standin, HIDDEN)


def made(standin: Standin, node: str = "") -> TinycompressDevice:
    return TinycompressDevice(0, 0, standin.shared_object, node=node or standin.node, libc=standin.shared_object)


def configured(device: TinycompressDevice, geometry: Geometry = SMALL) -> TinycompressDevice:
    device.open()
    device.set_params(FORM, geometry)
    return device


def playing(device: TinycompressDevice) -> TinycompressDevice:
    configured(device)
    device.write(frames(20_000))
    device.start()
    return device


# Loading


def test_a_missing_library_is_one_sentence_with_two_ways_out() -> None:
    with pytest.raises(UserError) as caught:
        TinycompressDevice(0, 0, "/nowhere/libtinycompress.so.0").open()
    assert caught.value.what == "cannot load tinycompress (/nowhere/libtinycompress.so.0)"
    assert "Install tinycompress" in caught.value.advice
    assert "--backend kernel" in caught.value.advice


def test_another_library_under_that_name_is_told(kernel_standin: Standin) -> None:
    with pytest.raises(UserError, match="cannot load tinycompress"):
        TinycompressDevice(0, 0, kernel_standin.shared_object).open()


def test_the_environment_may_name_the_library(tinycompress_standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIOBUS_TINYCOMPRESS", tinycompress_standin.shared_object)
    device = TinycompressDevice(0, 0, node=tinycompress_standin.node, libc=tinycompress_standin.shared_object)
    device.open()


# Opening


def test_a_failed_open_is_noticed_though_its_handle_is_not_null(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    device.open()
    tinycompress_standin.fail("set_params", errno.EINVAL)
    with pytest.raises(DeviceError) as caught:
        device.set_params(FORM, SMALL)
    assert caught.value.errno == errno.EINVAL
    assert "the library says: cannot set device: Invalid argument" in caught.value.facts
    assert tinycompress_standin.handles == 0


def test_a_device_can_be_configured_after_a_failed_try(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    device.open()
    tinycompress_standin.fail("set_params", errno.EINVAL)
    with pytest.raises(DeviceError):
        device.set_params(FORM, SMALL)
    device.set_params(FORM, SMALL)
    assert tinycompress_standin.handles == 1
    device.close()
    assert tinycompress_standin.handles == 0


def test_a_text_about_an_older_failure_is_not_repeated(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    device.open()
    tinycompress_standin.fail("set_params", errno.EINVAL)
    with pytest.raises(DeviceError):
        device.set_params(FORM, SMALL)
    tinycompress_standin.fail("caps", errno.EIO)  # of which the library leaves no text
    with pytest.raises(DeviceError) as caught:
        device.set_params(FORM, SMALL)
    assert caught.value.errno == errno.EIO
    assert not any("library says" in fact for fact in caught.value.facts)


def test_a_device_taken_between_open_and_configure_is_busy(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    device.open()
    other = configured(made(tinycompress_standin))
    with pytest.raises(DeviceBusy):
        device.set_params(FORM, SMALL)
    other.close()


def test_the_codec_reaches_the_driver_zeroed(device: TinycompressDevice, tinycompress_standin: Standin) -> None:
    configured(device)
    codec = struct.pack("<11I", 2, 2, 2, 44100, 320_000, 0, 0, 0, 0, 0, 0) + bytes(64 + 12)
    assert tinycompress_standin.params[:128] == struct.pack("<2I", 8192, 4) + codec


def test_descriptor_0_is_not_left_to_the_library(device: TinycompressDevice) -> None:
    device.open()
    saved = os.dup(0)
    os.close(0)
    try:
        device.set_params(FORM, SMALL)
        assert device.fileno() != 0
    finally:
        os.dup2(saved, 0)
        os.close(saved)


# The descriptor


def test_the_librarys_descriptor_is_found_and_closed_to_children(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    configured(device)
    fd = device.fileno()
    assert fd is not None
    assert os.readlink(f"/proc/self/fd/{fd}") == tinycompress_standin.node
    assert not os.get_inheritable(fd)
    device.close()
    assert device.fileno() is None


def test_with_the_descriptor_bytes_are_counted_though_the_driver_gives_no_time(device: TinycompressDevice) -> None:
    playing(device).drain()
    assert device.progress().taken == len(frames(20_000))
    assert device.progress().rendered is None


def test_without_a_node_capabilities_are_a_cautious_guess(hidden: TinycompressDevice) -> None:
    hidden.open()
    assert hidden.caps() == quirks_for("").default_caps


def test_without_the_descriptor_and_without_time_stamps_the_free_space_is_unknown(hidden: TinycompressDevice) -> None:
    playing(hidden)
    assert hidden.fileno() is None
    assert hidden.avail() is None


def test_without_the_descriptor_what_was_taken_is_a_lower_bound_until_drained(hidden: TinycompressDevice) -> None:
    playing(hidden)
    assert hidden.progress().taken == 0
    hidden.drain()
    assert hidden.progress().taken == len(frames(20_000))


@pytest.mark.parametrize("library", ["tinycompress_1_2_13", "tinycompress_1_2_16"])
@pytest.mark.parametrize("protocol", [0x000200, PROTOCOL_0_4_1])
def test_without_the_descriptor_time_stamps_are_used_where_the_driver_fills_them(
    request: pytest.FixtureRequest, tmp_path: Path, library: str, protocol: int
) -> None:
    standin = Standin(request.getfixturevalue(library), tmp_path, timestamps=1, protocol=protocol, speed=0)
    device = playing(made(standin, HIDDEN))
    assert device.avail() == SMALL.ring_size - len(frames(20_000)) + SMALL.fragment_size
    standin.advance(0.25)
    progress = device.progress()
    assert progress.taken == 2 * SMALL.fragment_size
    assert progress.rate == FORM.rate
    assert progress.rendered == pytest.approx(0.25 * FORM.rate, abs=2)


def test_the_free_space_of_a_driver_without_time_is_unknown_but_an_xrun_is_told(
    hidden: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    playing(hidden)
    tinycompress_standin.xrun()
    with pytest.raises(DeviceError) as caught:
        hidden.avail()
    assert caught.value.errno == errno.EPIPE


# Controls


@pytest.mark.parametrize("call", ["stop", "pause", "resume", "drain", "next_track", "partial_drain"])
def test_what_needs_start_is_refused_as_the_kernel_does_not_as_a_lost_device(
    device: TinycompressDevice, call: str
) -> None:
    configured(device)
    with pytest.raises(DeviceError) as caught:
        getattr(device, call)()
    assert caught.value.errno == errno.EPERM
    assert not isinstance(caught.value, DeviceLost)


def test_a_write_while_paused_is_an_error_though_the_library_takes_it_for_a_full_ring(
    hidden: TinycompressDevice,
) -> None:
    playing(hidden).pause()
    with pytest.raises(DeviceError) as caught:
        hidden.write(frames(1))
    assert caught.value.errno == errno.EBADFD
    hidden.resume()
    assert hidden.write(frames(1)) > 0


def test_the_librarys_own_words_are_kept(device: TinycompressDevice, tinycompress_standin: Standin) -> None:
    playing(device)
    tinycompress_standin.fail("pause", errno.EIO)
    with pytest.raises(DeviceError) as caught:
        device.pause()
    assert caught.value.facts == ("the library says: cannot pause the stream: Input/output error",)


def test_metadata_reach_the_driver_as_delay_and_padding(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    configured(device).set_metadata(encoder_delay=576, encoder_padding=1000)
    assert tinycompress_standin.metadata == (1000, 576)


def test_a_driver_that_has_no_use_for_metadata_is_no_failure(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    tinycompress_standin.set("metadata", 0)
    configured(device).set_metadata(576, 1000)


@pytest.mark.parametrize("node", ["", HIDDEN])
def test_a_drain_goes_on_after_a_signal(tinycompress_standin: Standin, node: str) -> None:
    device = playing(made(tinycompress_standin, node))
    tinycompress_standin.fail("draining", errno.EINTR)
    device.drain()
    assert device.progress().taken == len(frames(20_000))


def test_a_partial_drain_goes_on_after_a_signal(device: TinycompressDevice, tinycompress_standin: Standin) -> None:
    configured(device)
    device.set_metadata(576, 1000)
    device.write(frames(20_000))
    device.start()
    device.next_track()
    tinycompress_standin.fail("draining", errno.EINTR)
    device.partial_drain()
    assert device.write(frames(10_000)) == len(frames(10_000))


def test_close_stops_a_drain_that_still_uses_the_handle(
    device: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    tinycompress_standin.set("stall", 1)
    playing(device)
    drain = threading.Thread(target=device.drain, daemon=True)
    drain.start()
    while not tinycompress_standin.is_draining:
        pass
    device.close()
    drain.join(20)
    assert not drain.is_alive()
    assert tinycompress_standin.handles == 0


def test_waiting_without_the_descriptor_times_out_in_a_full_ring(
    hidden: TinycompressDevice, tinycompress_standin: Standin
) -> None:
    tinycompress_standin.set("stall", 1)
    configured(hidden)
    hidden.write(frames(SMALL.ring_size))
    hidden.start()
    assert not hidden.wait(Seconds(0.01))
    tinycompress_standin.set("stall", 0)
    assert hidden.wait(Seconds(20))
