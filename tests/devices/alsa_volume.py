"""A card with one volume, in small objects with pyalsaaudio's calls."""

from __future__ import annotations

import os
from types import ModuleType

MUTE = -9_999_999
"""What ALSA calls silence, in hundredths of a decibel."""


class ALSAAudioError(Exception):
    """alsaaudio's own."""


class Control:
    """Steps of a driver, hundredths of a decibel for each, or none; perhaps a switch."""

    def __init__(self, steps: int, decibels: list[int] | None = None, *, has_switch: bool = False) -> None:
        self.steps = steps
        self.decibels = decibels
        self.now = [3, 4]
        self.off = [0, 0] if has_switch else []
        self.event = os.eventfd(0, os.EFD_NONBLOCK)

    def turn(self, step: int) -> None:
        """Do as another program that sets it."""
        self.now = [step, step]
        os.eventfd_write(self.event, 1)


class Alsa(ModuleType):
    """Stands where alsaaudio does."""

    ALSAAudioError = ALSAAudioError
    PCM_PLAYBACK, PCM_CAPTURE = 0, 1
    VOLUME_UNITS_PERCENTAGE, VOLUME_UNITS_RAW, VOLUME_UNITS_DB = 0, 1, 2

    def __init__(self, control: Control | None) -> None:
        super().__init__("alsaaudio")
        self.control = control

    def mixers(self, cardindex: int) -> list[str]:
        assert cardindex == 0
        return ["RX2 Digital"] if self.control else []

    def Mixer(self, control: str, id: int, cardindex: int) -> Mixer:  # noqa: N802, A002  # alsaaudio's names
        if self.control is None or control != "RX2 Digital":
            raise ALSAAudioError(f"Unable to find mixer control {control},{id} [hw:{cardindex}]")
        return Mixer(self.control)


class Mixer:
    """One opened control."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def volumecap(self) -> list[str]:
        return ["Playback Volume"] if self._control.steps else []

    def switchcap(self) -> list[str]:
        return ["Playback Mute"] if self._control.off else []

    def getrange(self, way: int, units: int) -> list[int]:
        assert way == Alsa.PCM_PLAYBACK
        if units == Alsa.VOLUME_UNITS_RAW:
            return [0, self._control.steps]
        if self._control.decibels is None:
            raise ALSAAudioError("Unable to get playback dB range")
        return [self._control.decibels[0], self._control.decibels[-1]]

    def getvolume(self, way: int, units: int) -> list[int]:
        assert way == Alsa.PCM_PLAYBACK
        if units == Alsa.VOLUME_UNITS_RAW:
            return self._control.now
        assert self._control.decibels is not None
        return [self._control.decibels[step] for step in self._control.now]

    def setvolume(self, value: int, channel: int, way: int, units: int) -> None:
        assert way == Alsa.PCM_PLAYBACK
        if units == Alsa.VOLUME_UNITS_DB:
            known = self._control.decibels or []
            value = min(range(len(known)), key=lambda step: abs(known[step] - value))
        self._control.now[channel] = value

    def getmute(self) -> list[int]:
        return self._control.off

    def setmute(self, is_off: int, channel: int) -> None:
        self._control.off[channel] = is_off

    def polldescriptors(self) -> list[tuple[int, int]]:
        return [(self._control.event, 1)]

    def handleevents(self) -> int:
        return os.eventfd_read(self._control.event)

    def close(self) -> None:
        pass
