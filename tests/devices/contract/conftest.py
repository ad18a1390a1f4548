"""The backends that the contract suite runs on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.devices.cards import parse_device
from pyaudiobus.devices.clock import MonotonicClock, PacedClock
from pyaudiobus.devices.compress import CompressDevice
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.devices.tinycompress import TinycompressDevice
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.hardware import Hardware
from tests.devices.contract.bench import Bench, Faults
from tests.devices.contract.debugfs import CONTROL, DebugfsFaults
from tests.devices.contract.standins import SPEED, Standin, build

PROTOCOL_0_4_1 = 0x000401
REAL = os.environ.get("AUDIOBUS_CONTRACT_DEVICE", "")
"""A device of the kernel (hw:0,0) to run the suite on too, in real time."""


@pytest.fixture(scope="session")
def kernel_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("kernel"), "libkernel_standin.so", "kernel_standin.c")


@pytest.fixture(scope="session")
def tinycompress_1_2_13(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = ("tinycompress_standin.c", "kernel_standin.c")
    return build(tmp_path_factory.mktemp("old"), "libtinycompress.so.0", *sources)


@pytest.fixture(scope="session")
def tinycompress_1_2_16(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = ("tinycompress_standin.c", "kernel_standin.c")
    return build(tmp_path_factory.mktemp("new"), "libtinycompress.so.0", *sources, define="CALLS_64")


@pytest.fixture
def kernel_standin(kernel_library: Path, tmp_path: Path) -> Standin:
    return Standin(kernel_library, tmp_path)


@pytest.fixture
def tinycompress_standin(tinycompress_1_2_13: Path, tmp_path: Path) -> Standin:
    return Standin(tinycompress_1_2_13, tmp_path)


def _kernel(standin: Standin) -> Bench:
    return Bench(
        "the kernel backend",
        lambda: KernelCompressDevice(0, 0, standin.shared_object, node=standin.node),
        MonotonicClock(),
        speed=SPEED,
        faults_of=lambda _device: standin,
    )


def _tinycompress(standin: Standin, node: str) -> Bench:
    return Bench(
        "the tinycompress backend",
        lambda: TinycompressDevice(0, 0, standin.shared_object, node=node, libc=standin.shared_object),
        MonotonicClock(),
        speed=SPEED,
        faults_of=lambda _device: standin,
    )


def _virtual(profile: str) -> Bench:
    hardware = Hardware()
    clock = PacedClock(float("inf"))

    def faults_of(device: CompressDevice) -> Faults:
        assert isinstance(device, VirtualDsp)
        return device.faults

    return Bench(
        f"virtual:{profile}",
        lambda: VirtualDsp(profile, clock, hardware=hardware),
        clock,
        faults_of=faults_of,
        counts_anew_after_stop=profile != "q6asm",
    )


def _real(backend: str) -> Bench:
    card, device = parse_device(REAL)
    makers: dict[str, Callable[[], CompressDevice]] = {
        "real-kernel": lambda: KernelCompressDevice(card, device),
        "real-tinycompress": lambda: TinycompressDevice(card, device),
    }
    made = Bench(f"{REAL} by {backend}", makers[backend], MonotonicClock())
    if CONTROL.exists():
        faults = DebugfsFaults()
        made.faults_of = lambda _device: faults
        made.mend = faults.mend
        made.tells_loss = frozenset({"write", "pause", "stop", "drain"})
    return made


_Standins = Callable[..., Standin]


def _old_kernel(standin: _Standins) -> Bench:
    return _kernel(standin("kernel_library"))


def _new_kernel(standin: _Standins) -> Bench:
    return _kernel(standin("kernel_library", protocol=PROTOCOL_0_4_1, timestamps=1))


def _old_tinycompress(standin: _Standins) -> Bench:
    emulated = standin("tinycompress_1_2_13")
    return _tinycompress(emulated, emulated.node)


def _new_tinycompress(standin: _Standins) -> Bench:
    emulated = standin("tinycompress_1_2_16", protocol=PROTOCOL_0_4_1, timestamps=1)
    return _tinycompress(emulated, emulated.node)


def _hidden_tinycompress(standin: _Standins) -> Bench:
    """A library whose descriptor cannot be found."""
    return _tinycompress(standin("tinycompress_1_2_16"), "/nowhere/comprC0D0")


BACKENDS: dict[str, Callable[[_Standins], Bench]] = {
    "kernel-0.2.0": _old_kernel,
    "kernel-0.4.1": _new_kernel,
    "tinycompress-1.2.13": _old_tinycompress,
    "tinycompress-1.2.16": _new_tinycompress,
    "tinycompress-no-descriptor": _hidden_tinycompress,
    "virtual-q6asm": lambda _standin: _virtual("q6asm"),
    "virtual-generic": lambda _standin: _virtual("generic"),
}
if REAL:
    BACKENDS["real-kernel"] = lambda _standin: _real("real-kernel")
    BACKENDS["real-tinycompress"] = lambda _standin: _real("real-tinycompress")


@pytest.fixture(params=BACKENDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    def standin(library: str, **knobs: int) -> Standin:
        return Standin(request.getfixturevalue(library), tmp_path, **knobs)

    made = BACKENDS[request.param](standin)
    yield made
    made.close()
