"""What can go wrong, sorted by who can fix it. Raised everywhere, turned into exit codes only in cli/."""

from __future__ import annotations

import errno as errno_names
import os
from collections.abc import Iterable


class AudiobusError(Exception):
    """A failure a person can act on: what failed, the facts, what to do next.

    `str()` gives all three as text, the first line alone being a whole sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, facts: Iterable[str] = (), advice: str = "") -> None:
        self.what = what
        self.facts = tuple(facts)
        self.advice = advice
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what, *(f"    {fact}" for fact in self.facts)]
        if self.advice:
            lines.append(self.advice)
        return "\n".join(lines)


class UserError(AudiobusError):
    """The person at the keyboard can fix it: a wrong flag, file or setting."""

    exit_code = 2


class MediaError(UserError):
    """A file is not what it should be: missing, empty, garbage, encrypted, of another kind."""


class PeerError(AudiobusError):
    """The program at the other end of a socket broke the rules or went away."""


class NotSupported(AudiobusError):
    """The object exists but has no such method, as SPA's -ENOTSUP."""


class IllegalTransition(AudiobusError):
    """An event that a state table does not allow in the present state; nothing was changed."""


class DeviceError(AudiobusError):
    """A device or its driver refused, vanished or stopped working.

    `errno` is the driver's own code (positive, from `errno.h`), 0 where none was given.
    """

    remedy = "The kernel's log (dmesg) may tell why."
    """The advice of errors of this kind, unless they are given another."""

    def __init__(self, what: str, *, errno: int = 0, facts: Iterable[str] = (), advice: str = "") -> None:
        super().__init__(what, facts=facts, advice=advice or self.remedy)
        self.errno = errno

    @classmethod
    def from_errno(cls, operation: str, device: str, errno: int, *, said: str = "") -> DeviceError:
        """Build the error of one failed call: "cannot OPERATION DEVICE: words (ENAME)".

        `said` is the library's own text, kept as a fact when it says more than the code does.
        """
        name = errno_names.errorcode.get(errno, str(errno))
        facts = [f"the library says: {said}"] if said else []
        kind = _KINDS.get(errno, DeviceError)
        what = f"cannot {operation} {device}: {os.strerror(errno).lower()} ({name})"
        return kind(what, errno=errno, facts=facts)


class DeviceBusy(DeviceError):
    """Somebody else holds the device (EBUSY)."""

    remedy = "Stop the other player (fuser -v /dev/snd/*), or play without the DSP (--decode)."


class DeviceLost(DeviceError):
    """The device is gone, or was never there (ENODEV, ENOENT, ENXIO)."""

    remedy = "See which devices there are with: audiobus devices"


class AccessDenied(DeviceError):
    """The kernel does not let this user open the device (EACCES, EPERM on open)."""

    remedy = "Add the user to the group that owns /dev/snd (usually: adduser USER audio)."


class DiskFull(DeviceError):
    """A file that stands for a device has no room left (ENOSPC, EDQUOT, EFBIG)."""

    remedy = "Make room there, or choose another path."


class DeviceXrun(DeviceError):
    """The driver stopped the stream because it ran dry or broke (EPIPE)."""

    remedy = "Play it again, or without the DSP (--decode); the kernel's log (dmesg) may tell why."


class DeviceStalled(DeviceError):
    """Data is queued but the device takes none of it, or a drain does not end."""

    remedy = "Play it without the DSP (--decode), or restart the DSP and look at its log (dmesg)."


_KINDS: dict[int, type[DeviceError]] = {
    errno_names.EBUSY: DeviceBusy,
    errno_names.ENODEV: DeviceLost,
    errno_names.ENOENT: DeviceLost,
    errno_names.ENXIO: DeviceLost,
    errno_names.EACCES: AccessDenied,
    errno_names.ENOSPC: DiskFull,
    errno_names.EDQUOT: DiskFull,
    errno_names.EFBIG: DiskFull,
    errno_names.EPIPE: DeviceXrun,
}
