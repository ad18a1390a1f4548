"""What ends a program from outside: Ctrl-C and SIGTERM, as exceptions that no library can swallow."""

from __future__ import annotations

import signal
import sys
from types import FrameType

INTERRUPTED = 130
TERMINATED = 143

_DEAF = "av/"
"""Folder of PyAV's sources: where it asks FFmpeg for a frame, it takes any exception for the end of the frames."""
_A_MOMENT = 0.002
"""Seconds."""


class _Ending:
    """The signal that could not be raised where it came."""

    number = 0

    def come(self, number: int, frame: FrameType | None) -> None:
        """Raise, or wait for a better moment: the next time-out or the next call of raise_due(), whichever is first."""
        self.number = number
        if not _is_deaf(frame):
            self.raise_due()
        signal.setitimer(signal.ITIMER_REAL, _A_MOMENT)

    def come_again(self, _: int, frame: FrameType | None) -> None:
        """Try once more."""
        if self.number:
            self.come(self.number, frame)

    def raise_due(self) -> None:
        """Raise what has come, once."""
        number, self.number = self.number, 0
        if not number:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(TERMINATED)


_ENDING = _Ending()


def listen() -> None:
    """Let SIGINT raise KeyboardInterrupt and SIGTERM raise SystemExit; inside PyAV, as soon as it is left."""
    signal.signal(signal.SIGINT, _ENDING.come)
    signal.signal(signal.SIGTERM, _ENDING.come)
    signal.signal(signal.SIGALRM, _ENDING.come_again)


def end_if_asked() -> None:
    """Raise what a signal could not raise where it came. To be called between two steps of long work."""
    _ENDING.raise_due()


def _is_deaf(frame: FrameType | None) -> bool:
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_DEAF) or f"/{_DEAF}" in file:
            return True
        frame = frame.f_back
    return False
