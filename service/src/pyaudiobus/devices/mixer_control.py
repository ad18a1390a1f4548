"""One control of a card's simple mixer, through pyalsaaudio: a switch, a volume or an enumeration, as numbers.

pyalsaaudio sets what a control has not got, and what the driver refuses, without a word. So each control is asked what
it can do before it is set, and looked at anew afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pyaudiobus.errors import DeviceError
from pyaudiobus.model.control import Control

Values = list[int]
"""One number for each channel."""


class Unsuitable(Exception):
    """A control cannot have this value; the words say what it could have."""


class Element(Protocol):
    """What one opened control shows of one of its sides."""

    def read(self) -> Values:
        """Return what it is."""

    def write(self, values: Values) -> None:
        """Set each channel."""

    def number(self, value: bool | int | str) -> int:  # noqa: FBT001  # a control's value, not a flag
        """Return what stands for a value; Unsuitable says what could be written instead."""

    def value(self, number: int) -> bool | int | str:
        """Return what a number stands for."""


class Switch:
    """On or off. A mute is the opposite of a switch."""

    def __init__(self, mixer: Any, *, captures: bool) -> None:  # noqa: ANN401  # pyalsaaudio has no types
        self._mixer = mixer
        self._captures = captures

    def read(self) -> Values:
        """Return 1 for on, 0 for off."""
        if self._captures:
            return [int(on) for on in self._mixer.getrec()]
        return [int(not mute) for mute in self._mixer.getmute()]

    def write(self, values: Values) -> None:
        """Switch each channel."""
        for channel, on in enumerate(values):
            if self._captures:
                self._mixer.setrec(on, channel)
            else:
                self._mixer.setmute(int(not on), channel)

    def number(self, value: bool | int | str) -> int:  # noqa: FBT001
        """Return 1 or 0, also for those, as UCM files have them."""
        if value not in (0, 1):
            raise Unsuitable("it is a switch: on or off")
        return int(value)

    def value(self, number: int) -> bool:
        """Return whether it is on."""
        return bool(number)


class Volume:
    """Steps of the driver's own, so that what is put back is exactly what was."""

    def __init__(self, mixer: Any, alsa: Any, *, captures: bool) -> None:  # noqa: ANN401
        self._mixer = mixer
        self._way = alsa.PCM_CAPTURE if captures else alsa.PCM_PLAYBACK
        self._units = alsa.VOLUME_UNITS_RAW

    def read(self) -> Values:
        """Return steps."""
        return [int(step) for step in self._mixer.getvolume(self._way, self._units)]

    def write(self, values: Values) -> None:
        """Set steps."""
        for channel, step in enumerate(values):
            self._mixer.setvolume(step, channel, self._way, self._units)

    def number(self, value: bool | int | str) -> int:  # noqa: FBT001
        """Return the step for per cent, as amixer reckons it."""
        if isinstance(value, (bool, str)):
            raise Unsuitable("it is a volume: 0 to 100 per cent")
        least, most = self._mixer.getrange(self._way, self._units)
        return int(least + round((most - least) * value / 100))

    def value(self, number: int) -> int:
        """Return per cent."""
        least, most = self._mixer.getrange(self._way, self._units)
        return round((number - least) * 100 / (most - least)) if most > least else 0


class Enumeration:
    """One of some words."""

    def __init__(self, mixer: Any) -> None:  # noqa: ANN401
        self._mixer = mixer
        self._words = list(mixer.getenum()[1])

    def read(self) -> Values:
        """Return the word's place."""
        return [self._words.index(self._mixer.getenum()[0])]

    def write(self, values: Values) -> None:
        """Choose a word by its place."""
        self._mixer.setenum(values[0])

    def number(self, value: bool | int | str) -> int:  # noqa: FBT001
        """Return a word's place; on and off may be words."""
        written = {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
        if written in self._words:
            return self._words.index(written)
        folded = [word.lower() for word in self._words]
        if isinstance(value, bool) and written in folded:
            return folded.index(written)
        raise Unsuitable(f"it can be: {', '.join(self._words)}")

    def value(self, number: int) -> str:
        """Return the word."""
        return str(self._words[number])


def element_for(mixer: Any, alsa: Any, control: Control, *, captures: bool) -> Element:  # noqa: ANN401
    """Return the side of an opened control that a value of this kind belongs to."""
    if mixer.getenum():
        return Enumeration(mixer)
    volumes, switches = mixer.volumecap(), mixer.switchcap()
    is_volume = isinstance(control.value, int) and not isinstance(control.value, bool)
    if volumes and (is_volume or not switches):
        return Volume(mixer, alsa, captures=_side(volumes, "Volume", captures=captures))
    if switches:
        return Switch(mixer, captures=_side(switches, "Mute", captures=captures))
    raise DeviceError(f"the mixer control {control.name!r} has neither a switch, a volume nor words")


def _side(capabilities: Sequence[str], what: str, *, captures: bool) -> bool:
    """Tell whether to use the capture side: where it is the only one, or where it was asked for."""
    has_playback = what in capabilities or f"Playback {what}" in capabilities
    return not has_playback or (captures and f"Capture {what}" in capabilities)
