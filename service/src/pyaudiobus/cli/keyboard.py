"""Keys of a terminal, each as it is pressed, and the terminal as it was when all is over. Loaded only to be pressed."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

KEYS = {
    b" ": "space",
    b"\x1b[D": "left",
    b"\x1bOD": "left",
    b"\x1b[C": "right",
    b"\x1bOC": "right",
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
}
"""What a terminal sends, and what is engraved."""
_ESCAPE = b"\x1b"
_LONGEST = 3
Pressed = Callable[[str], None]
Changed = Callable[[], None]


def find_terminal() -> int:
    """Return a descriptor of the terminal that this program may read from; -1 where there is none, or others use it."""
    try:
        fd = os.dup(0) if os.isatty(0) else os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return -1
    try:
        is_ours = os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        is_ours = False
    if not is_ours:
        os.close(fd)
        return -1
    return fd


class Keyboard:
    """Listens in a thread of its own, which sleeps until a key is pressed."""

    def __init__(self, terminal: int, pressed: Pressed, *, stopping: Changed, back: Changed, resized: Changed) -> None:
        """Take a terminal from find_terminal().

        `pressed` is called in another thread; `stopping` in the main one before Ctrl-Z stops the program, `back` after
        that, `resized` when the window has another size.
        """
        self._fd = terminal
        self._pressed = pressed
        self._stopping = stopping
        self._back = back
        self._resized = resized
        self._before = termios.tcgetattr(terminal)
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._listen, name="keys", daemon=True)
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        atexit.register(self.restore)
        self._handle(signal.SIGTSTP, self._stop)
        self._handle(signal.SIGCONT, self._continue)
        self._handle(signal.SIGWINCH, lambda _number, _frame: self._resized())
        for number in (signal.SIGHUP, signal.SIGQUIT):
            self._handle(number, self._end)
        self._take()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.eventfd_write(self._wake, 1)
        self._thread.join(1)
        self.restore()
        atexit.unregister(self.restore)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._wake)
        os.close(self._fd)

    def restore(self) -> None:
        """Leave the terminal as it was."""
        with contextlib.suppress(termios.error, ValueError):  # it is gone, or somebody else's now
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def suspend(self) -> None:
        """Stop this program, as Ctrl-Z does; go on here when it is continued, or where nobody could continue it."""
        self.restore()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._stop)
        self._take()
        self._back()

    # ---- signals ----

    def _handle(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        self._handlers[number] = signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping()

    def _continue(self, _number: int, _frame: FrameType | None) -> None:
        self._take()
        self._resized()

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _take(self) -> None:
        """Have every key at once and none echoed, if we are in front."""
        with contextlib.suppress(OSError, termios.error):
            if os.tcgetpgrp(self._fd) == os.getpgrp():
                termios.tcsetattr(self._fd, termios.TCSADRAIN, _each_key(self._before))

    # ---- the thread ----

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if self._wake in ready:
                return
            try:
                data = os.read(self._fd, 64)
            except OSError:
                return
            if not data:
                return
            for key in split(data):
                self._pressed(key)


def _each_key(before: list[Any]) -> list[Any]:
    """Return a terminal's settings with every key at once and none echoed; Ctrl-C and Ctrl-Z stay signals."""
    input_, output, control, local, input_speed, output_speed, characters = before
    own = [*characters]
    own[termios.VMIN], own[termios.VTIME] = 1, 0
    return [input_, output, control, local & ~(termios.ECHO | termios.ICANON), input_speed, output_speed, own]


def split(data: bytes) -> list[str]:
    """Return the keys in what a terminal sent at once; unknown sequences are none."""
    keys = []
    at = 0
    while at < len(data):
        if data.startswith(_ESCAPE, at):
            sequence = data[at : at + _LONGEST]
            at += len(sequence)
            if sequence in KEYS:
                keys.append(KEYS[sequence])
            continue
        char = data[at : at + 1]
        at += 1
        keys.append(KEYS.get(char) or char.decode("latin-1"))
    return keys


def screen_width() -> int:
    """Return the columns of the terminal on standard output; 80 where it does not tell."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
