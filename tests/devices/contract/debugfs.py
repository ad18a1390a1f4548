"""Faults of the snd-virtual-dsp kernel module, through its control file in debugfs."""

from __future__ import annotations

from pathlib import Path

import pytest

CONTROL = Path("/sys/kernel/debug/snd_virtual_dsp/ctl")
_CALLS = {"open", "set_params", "set_metadata", "write", "start", "pause", "resume", "stop", "drain", "next_track",
          "partial_drain"}  # fmt: skip
"""What a driver can make fail; AVAIL and TSTAMP are answered by the kernel's core."""


class DebugfsFaults:
    """Satisfies the suite's Faults."""

    def fail(self, operation: str, errno: int, times: int = 1) -> None:
        if operation not in _CALLS:
            pytest.skip(f"no driver can make {operation} fail")
        self._order(f"fail-next {operation} {errno} {times}")

    def stall(self) -> None:
        self._order("stall 1")

    def unplug(self) -> None:
        self._order("unplug")

    def xrun(self) -> None:
        self._order("xrun")

    def mend(self) -> None:
        """Undo it all, for the next test."""
        self._order("reset")
        self._order("plug", may_fail=True)

    @staticmethod
    def _order(command: str, *, may_fail: bool = False) -> None:
        try:
            CONTROL.write_text(command + "\n")
        except OSError:
            if not may_fail:
                raise
