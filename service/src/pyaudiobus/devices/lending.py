"""A kernel device lent to native code that feeds it while all is well. Loaded by the daemon alone."""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.devices.compress import CompressDevice, Progress
from pyaudiobus.devices.kernel import KernelCompressDevice


class DeviceLoan(NamedTuple):
    """What native code needs of a device that runs: its calls, and how far it is. All are numbers."""

    fd: int
    ioctl: int
    """The address of the function."""
    write: int
    """The address of the function."""
    is_wide: bool
    """Whether the kernel counts in 64 bits."""
    copied: int
    """Its counter of bytes taken, as it said last."""
    queued: int
    """Bytes that were written, and not taken by that."""


class DeviceLender:
    """Lends one device."""

    def __init__(self, device: KernelCompressDevice) -> None:
        self._device = device

    def lend(self) -> DeviceLoan | None:
        """Return what native code needs; None while the device's counts cannot be gone on with."""
        node, told = self._device.node, self._device.ledger.lend()
        if node.fd < 0 or told is None:
            return None
        return DeviceLoan(node.fd, *node.addresses(), node.wide, *told)

    def book(self, sent: int, copied: int, rendered: int, rate: int) -> Progress:
        """Note bytes that were written so, and what the device said last, in its own counters."""
        return self._device.ledger.book(sent, copied, rendered, rate)


def lender_of(device: CompressDevice) -> DeviceLender | None:
    """Return what lends a device; None for those that have no descriptor of the kernel's."""
    return DeviceLender(device) if isinstance(device, KernelCompressDevice) else None
