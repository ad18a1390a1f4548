"""What can be made to go wrong with a virtual device."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Fault(Enum):
    """A change somebody makes to a device from outside."""

    STALL = "stall"
    UNSTALL = "unstall"
    UNPLUG = "unplug"
    PLUG = "plug"
    XRUN = "xrun"


class Faults:
    """The control panel of one virtual device; legal from any thread at any time."""

    def __init__(self, tell: Callable[[Fault], None], incidents: list[str]) -> None:
        self._tell = tell
        self.incidents = incidents
        """What the player did that this kind of DSP punishes, one sentence each."""
        self._failures: dict[str, list[int]] = {}
        self.is_stalled = False
        self.is_unplugged = False
        self.ends_tracks_early = False
        """A partial drain ends when the last byte of the track was fetched, while that is still to be heard."""

    def stall(self) -> None:
        """Let the DSP stop taking and playing anything, while every call still succeeds."""
        self.is_stalled = True
        self._tell(Fault.STALL)

    def unstall(self) -> None:
        """Let the DSP go on where it stalled."""
        self.is_stalled = False
        self._tell(Fault.UNSTALL)

    def unplug(self) -> None:
        """Take the device away: every call fails with ENODEV, a drain that is going on too."""
        self.is_unplugged = True
        self._tell(Fault.UNPLUG)

    def plug(self) -> None:
        """Bring the device back; who had it open must close it first."""
        self.is_unplugged = False
        self._tell(Fault.PLUG)

    def xrun(self) -> None:
        """Let the driver stop the stream with an xrun, as snd_compr_stop_error does."""
        self._tell(Fault.XRUN)

    def fail(self, operation: str, errno: int, times: int = 1) -> None:
        """Let the next `times` calls of one method ("write", "drain", ...) fail with `errno`."""
        self._failures.setdefault(operation, []).extend([errno] * times)

    def due(self, operation: str) -> int:
        """Take the errno that this call has to fail with; 0 for none."""
        errnos = self._failures.get(operation)
        return errnos.pop(0) if errnos else 0
