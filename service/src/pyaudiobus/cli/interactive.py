"""`audiobus play` on a terminal: keys, and two lines that are drawn anew at every event. It never wakes by itself."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from pyaudiobus.cli.keyboard import Keyboard, find_terminal, screen_width
from pyaudiobus.cli.labels import labels_of
from pyaudiobus.cli.now_playing import NowPlaying
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.queue import Queue
from pyaudiobus.cli.report import LineReport, Report, TerminalReport
from pyaudiobus.cli.table import BOLD, columns, paint
from pyaudiobus.client.controls import Controls
from pyaudiobus.client.player import Player
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.events import Event, Failed, Negotiated, Notice, Paused, Summary

EVERY = 1.0
"""Media seconds between two drawings while it plays; while it holds, there are none."""
STEP = 5.0
"""Seconds that an arrow goes."""
LOUDER = 5.0
"""Per cent that a key makes louder."""
HELP = (
    "space pause   left/right 5 s back/ahead   up/down + - volume",
    "n next   p previous   q quit   ? this",
)
_MINUTE = 60.0


class InteractiveReport(LineReport):
    """Plain lines for what is worth a line, and below them the player."""

    def __init__(self, program: str, terminal: int, *, interval: float | None = None) -> None:
        super().__init__(program, interval=interval or EVERY)
        self._terminal = terminal
        self._now = NowPlaying()
        self._queue: Queue | None = None
        self._controls: Controls | None = None
        self._keyboard: Keyboard | None = None
        self._drawn: list[str] = []
        self._is_stopping = self._is_held = False
        """Whether Ctrl-Z was pressed, and whether it has paused what plays."""
        self._pen = threading.RLock()
        """Who draws has it: the thread that plays, or for a moment the one that listens to keys."""
        self._began = (0.0, 0)

    @contextmanager
    def attend(self, player: Player, queue: Queue) -> Iterator[None]:
        """Obey keys while a player plays, and leave the terminal as it was."""
        self._controls, self._queue = player.controls, queue
        keyboard = Keyboard(
            self._terminal, self._pressed, stopping=self._before_stop, back=self._back, resized=self._redraw
        )
        with keyboard:
            self._keyboard = keyboard
            try:
                yield
            finally:
                self._leave_lines()
                self._keyboard = None

    # ---- what is shown ----

    def show(self, event: Event) -> None:
        """Print what is worth a line of its own, and draw the player."""
        if isinstance(event, Negotiated):
            self._introduce(event)
        self._now.take(event)
        if isinstance(event, Notice | Failed):
            self._above(partial(LineReport.show, self, event))
        elif isinstance(event, Summary):
            self._leave_lines()
            return
        self._count_wakeups()
        self._redraw()
        if self._is_stopping and isinstance(event, Paused | Notice):
            self._is_held = isinstance(event, Paused)  # a Notice: it cannot hold, as all is with the device already
            self._is_stopping = False
            self._stop()

    def fail(self, file: str, error: AudiobusError) -> None:
        """Print why a file did not play, above the player."""
        self._above(partial(LineReport.fail, self, file, error))

    def interrupted(self) -> None:
        """Leave the last state on the screen."""
        self._leave_lines()

    def _introduce(self, event: Negotiated) -> None:
        """Find out what a track is called."""
        title, artist = "", ""
        if self._queue is not None:
            self._queue.follow(event.file)
            self._now.number, self._now.count = self._queue.number, self._queue.count
            title = self._queue.title(event.file)
        if not title:
            title, artist = labels_of(event.file)
        self._now.title, self._now.artist = title, artist
        self._began = (time.monotonic(), _wakeups())
        self._now.wakeups = None
        if event.mode != "offload":
            self._above(lambda: put(f"decoded: {event.reason}\n"))

    def _count_wakeups(self) -> None:
        """Work out how often this program has woken a minute, once there is something to count."""
        since, wakeups = self._began
        passed = time.monotonic() - since
        if passed > STEP:
            self._now.wakeups = (_wakeups() - wakeups) * _MINUTE / passed

    def _redraw(self) -> None:
        """Draw over what was drawn, in one go."""
        width = screen_width() - 1
        with self._pen:
            lines = self._now.lines(width)
            shown = [paint(lines[0], BOLD), *lines[1:]]
            put(f"\r{self._up(width + 1)}" + "\x1b[K\r\n".join(shown) + "\x1b[K\x1b[J")
            self._drawn = lines

    def _up(self, width: int) -> str:
        """Return what moves the cursor to the first line drawn; a narrower window has broken them."""
        rows = sum(max(1, -(-columns(line) // max(1, width))) for line in self._drawn)
        return f"\x1b[{rows - 1}A" if rows > 1 else ""

    def _wipe(self) -> None:
        if self._drawn:
            put(f"\r{self._up(screen_width())}\x1b[J")
            self._drawn = []

    def _above(self, print_it: Callable[[], None]) -> None:
        with self._pen:
            self._wipe()
            print_it()

    def _leave_lines(self) -> None:
        """Let what is drawn stay, and go on below."""
        with self._pen:
            if self._drawn:
                self._redraw()
                put("\n")
                self._drawn = []

    # ---- what is pressed ----

    def _pressed(self, key: str) -> None:
        """Obey a key, in the thread that listens."""
        controls = self._controls
        if controls is None:
            return
        if key in ("left", "right"):
            controls.seek_by(-STEP if key == "left" else STEP)
        elif key in ("up", "+", "=", "down", "-"):
            controls.change_volume(-LOUDER if key in ("down", "-") else LOUDER)
        elif key == "?":
            self._above(lambda: put("".join(f"{line}\n" for line in HELP)))
            self._redraw()
        elif key in _PLAIN:
            _PLAIN[key](controls)

    def _before_stop(self) -> None:
        """Ctrl-Z: hold first, so that nothing runs dry while this program is stopped."""
        if self._now.status == "playing" and self._controls is not None and not self._is_stopping:
            self._is_stopping = True
            self._controls.pause()
        else:
            self._stop()

    def _stop(self) -> None:
        self._leave_lines()
        if self._keyboard is not None:
            self._keyboard.suspend()

    def _back(self) -> None:
        """It goes on."""
        if self._is_held and self._controls is not None:
            self._controls.resume()
        self._is_held = False
        self._redraw()


_PLAIN: dict[str, Callable[[Controls], None]] = {
    "space": Controls.toggle,
    "n": Controls.next,
    "p": Controls.previous,
    "q": Controls.stop,
}


def choose_interactive(program: str, *, interval: float | None) -> Report:
    """Return the interactive player's report, or where nobody can press a key a line that is drawn again and again."""
    terminal = find_terminal()
    if terminal < 0:
        return TerminalReport(program, interval=interval)
    return InteractiveReport(program, terminal, interval=interval)


def _wakeups() -> int:
    """How often this program has gone to sleep until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
