"""The cases for testimage, run in a guest that stands for the image. What testimage does around them is not tested."""

from __future__ import annotations

import pytest

from qemu.options import CHECKOUT
from system.booted import System
from system.oeqa import RuntimeTestCase, cases_in, dependencies_of, load_cases, names_of_tests, run_case
from system.target import GuestTarget

pytest_plugins = ["system.fixtures"]

CASES = cases_in(load_cases(CHECKOUT / "meta-pyaudiobus/lib/oeqa/runtime/cases/pyaudiobus.py"))
TESTS = [pytest.param(case, test, id=f"{case.__name__}.{test}") for case in CASES for test in names_of_tests(case)]
NEED_TINYCOMPRESS = {"test_cplay", "test_fcplay"}
"""Debian has no package of it."""
PACKAGES = {"pyaudiobus", "pyaudiobus-demo-media", "alsa-utils"}


@pytest.mark.guest
@pytest.mark.parametrize(("case", "test"), TESTS)
def test_a_case_passes_or_says_what_it_lacks(system: System, case: type[RuntimeTestCase], test: str) -> None:
    is_hardware = case.__name__ == "PyaudiobusHardwareTest"
    # The virtual DSP has the mixer switches of a DB845c, so that the cases for boards can be run on it too.
    machine = "qcom-armv8a" if is_hardware else "qemuarm64"
    outcome, said = run_case(case, test, GuestTarget(system), machine, PACKAGES)
    assert outcome == ("skipped" if test in NEED_TINYCOMPRESS else "passed"), said


@pytest.mark.parametrize(("case", "test"), TESTS)
def test_a_case_depends_on_cases_before_it(case: type[RuntimeTestCase], test: str) -> None:
    names = [f"pyaudiobus.{one.__name__}.{name}" for one in CASES for name in names_of_tests(one)]
    before = ["ssh.SSHTest.test_ssh", *names[: names.index(f"pyaudiobus.{case.__name__}.{test}")]]
    assert dependencies_of(case, test)
    assert set(dependencies_of(case, test)) <= set(before)


@pytest.mark.parametrize(("case", "test"), TESTS)
def test_cases_for_boards_are_skipped_in_qemu_and_the_others_that_need_its_dsp_on_boards(
    case: type[RuntimeTestCase], test: str
) -> None:
    elsewhere = {
        "PyaudiobusHardwareTest": "qemuarm64",
        "PyaudiobusOffloadTest": "qcom-armv8a",
        "PyaudiobusBusTest": "qcom-armv8a",
    }
    if case.__name__ in elsewhere:
        assert run_case(case, test, None, elsewhere[case.__name__], PACKAGES)[0] == "skipped"
