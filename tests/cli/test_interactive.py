"""`audiobus play` on a terminal: what keys do, what is shown, and that the terminal is left as it was."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyaudiobus.cli.keyboard import split
from tests.client.studio import write_song

PROGRAM = str(Path(sys.executable).parent / "audiobus")
PATIENCE = 30.0
"""Seconds until a test that waits in vain fails."""
_FLAGS = 3


class Session:
    """A program on a terminal of its own, and what it shows there."""

    def __init__(self, *words: str, columns: int = 100, **environment: str) -> None:
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            kept = {name: value for name, value in os.environ.items() if not name.startswith("AUDIOBUS_")}
            os.execve(words[0], words, {**kept, "AUDIOBUS_BOARD": "", "TERM": "xterm", **environment})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(self.fd)

    def until(self, pattern: str) -> str:
        """Read until a pattern is shown; return all that was shown since the last time."""
        end = time.monotonic() + PATIENCE
        while re.search(pattern, self.shown) is None:
            left = end - time.monotonic()
            assert left > 0, f"{pattern!r} was never shown:\n{self.shown}"
            if select.select([self.fd], [], [], left)[0]:
                self.shown += self._read()
        shown, self.shown = self.shown, ""
        return shown

    def press(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def ended(self) -> int:
        """Wait for the end; return the exit code, or less than 0 for a signal."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def is_as_before(self) -> bool:
        """Whether the terminal echoes and waits for lines again."""
        return bool(termios.tcgetattr(self.fd)[_FLAGS] == self.before[_FLAGS])

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def _read(self) -> str:
        try:
            return os.read(self.fd, 65536).decode()
        except OSError:  # nobody is at the other end any more
            return ""


@pytest.fixture
def song(tmp_path: Path) -> str:
    return str(write_song(tmp_path / "song.mp3", 120))


@pytest.fixture
def session(song: str, request: pytest.FixtureRequest) -> Iterator[Session]:
    more = getattr(request, "param", ())
    made = Session(PROGRAM, "play", "--private", "--device", "virtual:q6asm", "--buffer", "65536", *more, song, song)
    yield made
    made.close()


def test_title_position_queue_and_fill_are_shown_and_q_ends_it(session: Session) -> None:
    shown = session.until(r"0:01 / 2:00")
    assert "> song.mp3" in shown
    assert re.search(r"\[[#.]+\]  1 of 2  DSP \d+%  offload", shown)
    session.press(b"q")
    assert session.ended() == 0
    assert session.is_as_before()


def test_space_pauses_and_nothing_is_drawn_while_nobody_hears_anything(session: Session) -> None:
    session.until(r"0:00 / 2:00")
    session.press(b" ")
    shown = session.until(r"paused")
    assert "= song.mp3" in shown
    assert not select.select([session.fd], [], [], 1.5)[0]
    session.press(b" ")
    session.until(r"> song.mp3")


def test_n_goes_to_the_next_track_and_after_the_last_one_it_is_over(session: Session) -> None:
    session.until(r"1 of 2")
    session.press(b"n")
    session.until(r"2 of 2")
    session.press(b"n")
    assert session.ended() == 0


def test_a_question_mark_tells_of_the_keys(session: Session) -> None:
    session.until(r"1 of 2")
    session.press(b"?")
    session.until(r"space pause.*\s+n next")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_the_terminal_is_left_as_it_was_whatever_ends_the_program(session: Session, number: int) -> None:
    session.until(r"0:00 / 2:00")
    assert not session.is_as_before()
    session.signal(number)
    assert session.ended() != 0
    assert session.is_as_before()


SHELL = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
_, status = os.waitpid(job, os.WUNTRACED)
print("STOPPED" if os.WIFSTOPPED(status) else "ENDED", flush=True)
signal.sigwait({signal.SIGUSR1})
os.kill(job, signal.SIGCONT)
_, status = os.waitpid(job, 0)
raise SystemExit(os.waitstatus_to_exitcode(status))
"""


def test_stopping_leaves_the_terminal_to_others_and_continuing_takes_it_again(song: str) -> None:
    play = (PROGRAM, "play", "--private", "--device", "virtual:q6asm", "--buffer", "65536", song)
    session = Session(sys.executable, "-c", SHELL, *play)
    try:
        session.until(r"0:00 / 2:00")
        session.press(b"\x1a")
        assert "paused" in session.until(r"STOPPED")
        assert session.is_as_before()
        session.signal(signal.SIGUSR1)
        session.until(r"> song.mp3")
        assert not session.is_as_before()
        session.press(b"q")
        assert session.ended() == 0
    finally:
        session.close()


def test_where_nobody_could_continue_it_stopping_goes_on_at_once(session: Session) -> None:
    session.until(r"0:00 / 2:00")
    session.press(b"\x1a")
    session.until(r"paused")
    session.until(r"> song.mp3")
    assert not session.is_as_before()


def test_without_keys_one_line_is_drawn_again_and_again(song: str) -> None:
    session = Session(PROGRAM, "play", "--private", "--no-keys", "--device", "virtual:q6asm", song)
    try:
        session.until(r"0:00\.\d / 2:0\d\.\d  buffer")
        assert session.is_as_before()
    finally:
        session.close()


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b" ", ["space"]),
        (b"\x1b[D\x1b[C", ["left", "right"]),
        (b"\x1bOA\x1bOB", ["up", "down"]),
        (b"nq?", ["n", "q", "?"]),
        (b"\x1b", []),
        (b"\x1b[5~", ["~"]),
        (b"\xff\x00", ["\xff", "\x00"]),
    ],
)
def test_what_a_terminal_sends_is_read_as_keys(data: bytes, keys: list[str]) -> None:
    assert split(data) == keys
