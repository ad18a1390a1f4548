"""Errors say what failed, the facts and what to do, and are sorted by who can fix them."""

from __future__ import annotations

import errno

import pytest

from pyaudiobus.errors import (
    AccessDenied,
    AudiobusError,
    DeviceBusy,
    DeviceError,
    DeviceLost,
    DeviceStalled,
    DeviceXrun,
    DiskFull,
    IllegalTransition,
    MediaError,
    NotSupported,
    PeerError,
    UserError,
)


def test_an_error_reads_as_what_failed_then_the_facts_then_the_advice() -> None:
    error = AudiobusError("it failed", facts=["a is 1", "b is 2"], advice="Set a to 2.")
    assert str(error) == "it failed\n    a is 1\n    b is 2\nSet a to 2."


def test_an_error_with_nothing_to_add_is_one_line() -> None:
    assert str(AudiobusError("it failed")) == "it failed"


def test_facts_may_come_from_anything_that_can_be_walked_once() -> None:
    error = AudiobusError("it failed", facts=(str(number) for number in range(2)))
    assert [str(error) for _ in range(2)] == ["it failed\n    0\n    1"] * 2


@pytest.mark.parametrize("kind", [UserError, MediaError])
def test_what_the_person_can_mend_exits_with_two(kind: type[AudiobusError]) -> None:
    assert kind("x").exit_code == 2


@pytest.mark.parametrize("kind", [PeerError, NotSupported, IllegalTransition, DeviceError, DeviceBusy, DeviceLost])
def test_everything_else_exits_with_one(kind: type[AudiobusError]) -> None:
    assert kind("x").exit_code == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.EBUSY, DeviceBusy),
        (errno.ENODEV, DeviceLost),
        (errno.ENOENT, DeviceLost),
        (errno.ENXIO, DeviceLost),
        (errno.EACCES, AccessDenied),
        (errno.EPIPE, DeviceXrun),
        (errno.ENOSPC, DiskFull),
        (errno.EINVAL, DeviceError),
    ],
)
def test_a_drivers_errno_chooses_the_kind_of_error(code: int, kind: type[DeviceError]) -> None:
    error = DeviceError.from_errno("open", "hw:0,3", code)
    assert type(error) is kind
    assert error.errno == code


def test_a_drivers_errno_is_told_in_words_and_by_name() -> None:
    error = DeviceError.from_errno("write to", "hw:0,3", errno.EIO, said="cannot write")
    assert error.what == "cannot write to hw:0,3: input/output error (EIO)"
    assert error.facts == ("the library says: cannot write",)


@pytest.mark.parametrize("code", [errno.EIO, errno.EINVAL, errno.ENODEV, errno.ENOSPC, errno.EBUSY, errno.EPIPE])
def test_every_failure_of_a_device_says_what_to_do(code: int) -> None:
    assert DeviceError.from_errno("write to", "hw:0,3", code).advice


def test_an_errno_that_has_no_name_is_told_by_number() -> None:
    assert "(524)" in DeviceError.from_errno("drain", "hw:0,3", 524).what


@pytest.mark.parametrize("kind", [DeviceBusy, DeviceLost, AccessDenied, DeviceStalled])
def test_errors_that_have_one_answer_give_it(kind: type[DeviceError]) -> None:
    assert kind("x").advice == kind.remedy
    assert kind("x", advice="Wait.").advice == "Wait."
