"""Somebody who asks a player for this and that, and breaks its DSP, at random instants of the virtual clock."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from errno import EBUSY, EIO
from math import inf
from typing import NamedTuple

from pyaudiobus.client.controls import Controls
from pyaudiobus.devices.clock import Clock
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import DeviceError
from tests.client.random_script.outputs import ListenedDsp

LONGEST_STEP = 1.5
"""Seconds between two deeds at most."""
LONGEST_HARM = 12.0
"""Seconds after which what was broken is whole again."""
LONGEST_REPORT = 0.5
"""Seconds between two looks of a player at most."""
PAUSES = (0.0, 0.01, 1.0, 20.0, 35.0, 3600.0)
"""Seconds that one lasts at most."""
CALLS = (
    *("write", "avail", "progress", "drain", "partial_drain", "start", "pause", "resume", "stop"),
    *("set_params", "set_metadata", "next_track"),
)

ASKED = ("pause", "suspend", "seek", "seek", "skip")
BROKEN = ("xrun", "fail", "fail", "busy", "stall", "unplug", "steal", "nibble")


class Scene(NamedTuple):
    """What there is to meddle with."""

    clock: Clock
    controls: Controls
    dsp: ListenedDsp
    thief: VirtualDsp
    """Another program's way to the same device."""
    suspend_soon: Callable[[], None]


class Meddler:
    """A thread of its own, so that its deeds fall between the player's wakeups as well."""

    def __init__(self, chance: random.Random, scene: Scene, repertoire: tuple[str, ...], deeds: int) -> None:
        self.done: list[str] = []
        self._chance = chance
        self._clock, self._controls, self._dsp, self._thief, self._suspend_soon = scene
        self._repertoire = repertoire
        self._left = deeds
        self._sleep = self._clock.signal()
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._is_over = False
        self._went_on = 0.0
        self._thread = threading.Thread(target=self._run, name="meddler", daemon=True)

    def begin(self) -> None:
        """Join the clock."""
        self._clock.join()
        self._thread.start()

    def end(self) -> None:
        """Leave it."""
        self._is_over = True
        self._sleep.set()
        self._thread.join()

    @property
    def is_through(self) -> bool:
        """Whether all its deeds are done."""
        return not self._left

    def _run(self) -> None:
        try:
            while not self._is_over:
                self._step(self._clock.now() + self._chance.random() * LONGEST_STEP)
        finally:
            self._clock.leave()

    def _step(self, instant: float) -> None:
        """Undo what is to be undone until then, and do one more deed."""
        instant = instant if self._left else inf
        while self._later and self._later[0][0] <= instant:
            at, undo = self._later.pop(0)
            self._clock.wait(self._sleep, at)
            undo()
        self._clock.wait(self._sleep, instant)
        if self._left and not self._is_over:
            self._left -= 1
            deed = self._chance.choice(self._repertoire)
            self.done.append(f"{self._clock.now():.6f} {deed}")
            _DEEDS[deed](self)

    def _after(self, seconds: float, undo: Callable[[], None]) -> None:
        self._later.append((self._clock.now() + seconds, undo))
        self._later.sort(key=lambda one: one[0])

    def _harm(self, undo: Callable[[], None]) -> None:
        self._after(self._chance.random() * LONGEST_HARM, undo)

    # ---- what is asked ----

    def pause(self) -> None:
        """Pause for a moment, or an hour."""
        self._controls.pause()
        self._after(self._chance.choice(PAUSES) * self._chance.random(), self._controls.resume)

    def suspend(self) -> None:
        """Pause, and let policy take the device at once."""
        self._suspend_soon()
        self.pause()

    def seek(self) -> None:
        """Seek once, or some times."""
        chance = self._chance
        for _ in range(chance.choice((1, 1, 2, 5))):
            if chance.random() < 0.3:
                self._controls.seek_by(chance.random() * 6 - 3)
            else:
                self._controls.seek(chance.choice((0.0, 2.0, 9.0, 11.0)) * chance.random())

    def skip(self) -> None:
        """Go to another file."""
        controls = self._controls
        self._chance.choice((controls.next, controls.next, controls.previous))()

    # ---- what goes wrong ----

    def xrun(self) -> None:
        """The driver stops the stream."""
        self._dsp.faults.xrun()

    def fail(self) -> None:
        """A call is to fail."""
        call = self._chance.choice(CALLS)
        if call != "progress" or self._is_clear:
            self._dsp.faults.fail(call, EIO, self._chance.choice((1, 1, 2)))

    def busy(self) -> None:
        """Opening is to fail, which it has to often enough to be given up."""
        self._dsp.faults.fail("open", EBUSY, self._chance.choice((1, 2, 5)))

    def stall(self) -> None:
        """The DSP stands still."""
        self._dsp.faults.stall()
        self._harm(self._go_on)

    def _go_on(self) -> None:
        self._dsp.faults.unstall()
        self._went_on = self._clock.now()

    @property
    def _is_clear(self) -> bool:
        """Whether it does not stand still, and a player had the time to see that."""
        return not self._dsp.faults.is_stalled and self._clock.now() - self._went_on > LONGEST_REPORT

    def unplug(self) -> None:
        """It goes away; where it stood still before, nobody could know where."""
        if self._is_clear:
            self._dsp.faults.unplug()
            self._harm(self._dsp.faults.plug)

    def steal(self) -> None:
        """Another program takes it, if it is free."""
        try:
            self._thief.open()
        except DeviceError:
            return
        self._harm(self._thief.close)

    def nibble(self) -> None:
        """Writes are short."""
        self._dsp.is_picky = True
        self._harm(self._write_whole)

    def _write_whole(self) -> None:
        self._dsp.is_picky = False


_DEEDS: dict[str, Callable[[Meddler], None]] = {name: getattr(Meddler, name) for name in {*ASKED, *BROKEN}}
