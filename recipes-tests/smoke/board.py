"""A board as its owner sees it: the programs of the service, and beside them the driver's own books. Judges nothing."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qemu.guest import Background, Guest
from qemu.options import CHECKOUT
from qemu.result import Result
from smoke.songs import Song

BOOKS = "/sys/kernel/debug/snd_virtual_dsp"
"""Where the driver tells what it did; its README explains each file."""
BUSYBOX = "/run/guest/busybox"
INSIDE = CHECKOUT / "recipes-tests/smoke/inside"
"""Our own programs for the guest."""
PLAY = ("audiobus", "play", "--device", "hw:0,0", "--json")
_LOOKS, _PAUSE = 600, 0.1
"""How often, and how many seconds of the guest's clock apart, to look for something that must happen."""
_HOST_PATIENCE = 180.0
"""Seconds of the host's clock for one program; an emulated aarch64 on a busy machine is slow."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program of the service ended."""

    status: int
    out: str
    err: str
    songs: tuple[Song, ...] = ()
    """What it was to play, in order."""

    @classmethod
    def of(cls, result: Result, songs: Sequence[Song] = ()) -> Outcome:
        return cls(result.status, result.text, result.stderr.decode(), tuple(songs))

    @property
    def stream(self) -> bytes:
        """What the DSP was to get."""
        return b"".join(song.stream for song in self.songs)

    @property
    def events(self) -> list[dict[str, object]]:
        """What --json printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    def told(self, kind: str) -> list[dict[str, object]]:
        """All events of one kind."""
        return [event for event in self.events if event["event"] == kind]


@dataclass(frozen=True, slots=True)
class DriverEvent:
    """One line of the driver's log."""

    at: float
    """Seconds of the guest's clock."""
    name: str
    facts: dict[str, str]

    @classmethod
    def parse(cls, line: str) -> DriverEvent:
        at, name, *facts = line.split()
        return cls(float(at), name, dict(fact.partition("=")[::2] for fact in facts))


class Board:
    """A guest whose time is virtual: it passes only while the guest is asked for something.

    `driver` is the module's file, as the guest sees it.
    """

    def __init__(self, guest: Guest, driver: Path) -> None:
        self.guest = guest
        self._driver = driver
        self._settings = ""
        self._players: list[Background] = []

    def start_over(self) -> None:
        """Make it as it was after boot: nothing plays, the driver has its defaults and no memory of what was."""
        while self._players:
            self._players.pop().kill(signal.SIGKILL)
        self.load_driver("")
        self.order("reset")

    def load_driver(self, settings: str) -> None:
        """Load the driver with these parameters; nothing happens if it has them and its card is there."""
        if settings == self._settings and self.books()["plugged"] == "1":
            return
        self.until("open 0")
        self.guest.run([BUSYBOX, "rmmod", "snd_virtual_dsp"]).check()
        self.guest.run([BUSYBOX, "insmod", self._driver, *settings.split()]).check()
        self._settings = settings

    def order(self, command: str) -> None:
        """Write one command to the driver's control file."""
        self.guest.write(f"{BOOKS}/ctl", command.encode() + b"\n")

    def books(self, name: str = "state") -> dict[str, str]:
        """Return the driver's `state` or `params`."""
        lines = self.guest.read(f"{BOOKS}/{name}").decode().splitlines()
        return dict(line.partition(" ")[::2] for line in lines)

    def log(self, name: str = "") -> list[DriverEvent]:
        """Return what the driver logged, all of it or the events of one name."""
        lines = self.guest.read(f"{BOOKS}/events").decode().splitlines()
        events = [DriverEvent.parse(line) for line in lines if not line.startswith("#")]
        return [event for event in events if name in ("", event.name)]

    def consumed(self) -> bytes:
        """Return every byte the DSP took since the driver was reset."""
        return self.guest.read(f"{BOOKS}/consumed")

    def wait(self, seconds: float) -> None:
        """Let the guest's time pass."""
        self.guest.run([BUSYBOX, "sleep", f"{seconds:g}"]).check()

    def until(self, *lines: str, book: str = "state") -> None:
        """Let time pass until each of these patterns is a whole line of one of the driver's books."""
        looks = " && ".join(f"{BUSYBOX} grep -qx '{line}' {BOOKS}/{book}" for line in lines)
        assert self._comes_true(looks), f"{lines} did not come; the driver's books: {self.books()}"

    def until_said(self, file: str, words: str) -> None:
        """Let time pass until a program whose output goes into a file of the guest has said some words."""
        condition = f"{BUSYBOX} grep -qF '{words}' {file} 2>/dev/null"
        # While a program is loaded from the host, much of the guest's time passes.
        assert self._comes_true(condition, 10 * _LOOKS), f"nobody said {words!r}"

    def _comes_true(self, condition: str, looks: int = _LOOKS) -> bool:
        """Look again and again, in one request: to halt and resume the guest costs more than the looks."""
        look = f"until {condition}; do n=$((n-1)); [ $n -gt 0 ] || exit 1; {BUSYBOX} sleep {_PAUSE}; done"
        return self.guest.run([BUSYBOX, "sh", "-c", f"n={looks}; {look}"]).status == 0

    def run(self, *words: str | Path, songs: Sequence[Song] = ()) -> Outcome:
        """Run a program on some songs to its end."""
        paths = [song.path for song in songs]
        return Outcome.of(self.guest.run([*words, *paths], timeout=_HOST_PATIENCE), songs)

    def start(self, *words: str | Path) -> Background:
        """Start a program and leave it running."""
        player = self.guest.spawn(words)
        self._players.append(player)
        return player

    def in_mid_song(self, player: Background, state: str) -> Background:
        """Wait until a player has come to a state of the driver, and three seconds more."""
        self.until("open 1", f"state {state}")
        self.wait(3)
        return player

    def end_of(self, player: Background) -> Outcome:
        """Wait for the end of a program that was started."""
        self._players.remove(player)
        return Outcome.of(player.wait(timeout=_HOST_PATIENCE))
