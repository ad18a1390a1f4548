"""Volume and mute of a DSP as a control of its card's mixer, in linear gain. Import it only where there is one.

Its scale is the control's own: decibels where the driver tells them, else the cube of its steps, as PulseAudio has it.
"""

from __future__ import annotations

import math
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pyaudiobus.devices.mixer import CardMixer
from pyaudiobus.errors import DeviceError, NotSupported
from pyaudiobus.model.control import Control
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_HUNDREDTHS = 100
_SILENT_BELOW = -99_999
"""Hundredths of a decibel; ALSA calls what is muted -9999999 (SND_CTL_TLV_DB_GAIN_MUTE)."""


class Loudness(Record):
    """How a control stands."""

    gain: float
    """Linear; 1 is 0 dB."""
    is_muted: bool


class Scale(Record):
    """What a control's steps mean."""

    least: int
    most: int
    in_decibels: bool
    """`least` and `most` are hundredths of a decibel; else they are steps without a meaning."""

    @property
    def can_be_silent(self) -> bool:
        """Whether its lowest step is silence."""
        return not self.in_decibels or self.least <= _SILENT_BELOW

    def number(self, gain: float) -> int:
        """Return what is nearest to a gain, within the control's bounds."""
        if self.in_decibels:
            wanted = round(20 * math.log10(gain) * _HUNDREDTHS) if gain > 0 else self.least
        else:
            wanted = self.least + round(math.cbrt(gain) * (self.most - self.least))
        return max(self.least, min(wanted, self.most))

    def gain(self, number: int) -> float:
        """Return the linear gain of a number."""
        if not self.in_decibels:
            return float(((number - self.least) / max(1, self.most - self.least)) ** 3)
        return 0.0 if number <= _SILENT_BELOW else float(10 ** (number / _HUNDREDTHS / 20))

    def is_below(self, gain: float) -> bool:
        """Tell a gain that is less than the lowest step gives."""
        return gain <= 0 or (self.in_decibels and self.number(gain) == self.least and gain < self.gain(self.least))


class VolumeControl:
    """One control of one card that is a sink's volume."""

    def __init__(self, card: int, name: str, *, place: str = "", alsa: ModuleType | None = None) -> None:
        """Name the card's number and the control; `place` is where it was asked for, `alsa` as for CardMixer."""
        self._mixer = CardMixer(card, alsa=alsa)
        self._control = Control(name, value=0, place=place)
        self._before: tuple[list[int], list[int]] | None = None

    @property
    def name(self) -> str:
        """The control's name."""
        return self._control.name

    def look(self) -> Loudness:
        """Return how it stands, also where others have set it. DeviceError where it is gone."""
        with self._opened() as (mixer, alsa):
            scale = _scale(mixer, alsa)
            number = max(int(value) for value in mixer.getvolume(alsa.PCM_PLAYBACK, _units(alsa, scale)))
            is_muted = bool(mixer.switchcap()) and all(mixer.getmute())
            return Loudness(scale.gain(number), is_muted)

    def set_gain(self, gain: float) -> Loudness:
        """Set every channel, as near as the control comes; what is below its lowest step mutes it.

        NotSupported where that cannot be: the control has no switch and is not silent at its lowest. DeviceError.
        """
        with self._opened() as (mixer, alsa):
            scale = _scale(mixer, alsa)
            has_switch = bool(mixer.switchcap())
            if scale.is_below(gain) and not (has_switch or scale.can_be_silent):
                raise self._never_silent(scale)
            self._keep(mixer, alsa)
            for channel, _ in enumerate(mixer.getvolume(alsa.PCM_PLAYBACK, _units(alsa, scale))):
                mixer.setvolume(scale.number(gain), channel, alsa.PCM_PLAYBACK, _units(alsa, scale))
            if has_switch:
                _mute(mixer, muted=scale.is_below(gain))
        return self.look()

    def set_muted(self, *, muted: bool) -> Loudness:
        """Switch it off or on. NotSupported where it has no switch. DeviceError."""
        with self._opened() as (mixer, alsa):
            if not mixer.switchcap():
                raise self._never_silent(_scale(mixer, alsa))
            self._keep(mixer, alsa)
            _mute(mixer, muted=muted)
        return self.look()

    def watch(self) -> VolumeWatch:
        """Begin to hear of changes. DeviceError where it is gone."""
        return VolumeWatch(self._mixer, self._control)

    def restore(self) -> None:
        """Put it back as it was before it was first set; legal twice. DeviceError."""
        before, self._before = self._before, None
        if before is None:
            return
        with self._opened() as (mixer, alsa):
            for channel, step in enumerate(before[0]):
                mixer.setvolume(step, channel, alsa.PCM_PLAYBACK, alsa.VOLUME_UNITS_RAW)
            for channel, is_off in enumerate(before[1]):
                mixer.setmute(is_off, channel)

    def _keep(self, mixer: Any, alsa: Any) -> None:  # noqa: ANN401  # pyalsaaudio has no types
        """Remember how it stood when it is set for the first time."""
        if self._before is None:
            steps = [int(step) for step in mixer.getvolume(alsa.PCM_PLAYBACK, alsa.VOLUME_UNITS_RAW)]
            self._before = steps, [int(off) for off in mixer.getmute()] if mixer.switchcap() else []

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        with self._mixer.opened(self._control) as (mixer, alsa):
            if not {"Volume", "Playback Volume"} & set(mixer.volumecap()):
                raise DeviceError(
                    f"{self._control.place}: the mixer control {self.name!r} is no volume".removeprefix(": "),
                    advice="Name one that amixer scontents shows with a playback volume.",
                )
            yield mixer, alsa

    def _never_silent(self, scale: Scale) -> NotSupported:
        return NotSupported(
            f"the mixer control {self.name!r} cannot mute: it has no switch",
            facts=[f"its lowest step is {scale.least / _HUNDREDTHS:.1f} dB"] if scale.in_decibels else [],
            advice="Pause instead, or name a control with a switch in the board file.",
        )


class VolumeWatch:
    """Hears of every change of one control, whoever makes it."""

    def __init__(self, card: CardMixer, control: Control) -> None:
        self._held = ExitStack()
        self._mixer, _ = self._held.enter_context(card.opened(control))

    def filenos(self) -> list[int]:
        """Return the descriptors that are readable after a change."""
        return [int(descriptor) for descriptor, _ in self._mixer.polldescriptors()]

    def acknowledge(self) -> None:
        """Take note of what has changed."""
        self._mixer.handleevents()

    def close(self) -> None:
        """Hear no more; legal twice."""
        self._held.close()


def _scale(mixer: Any, alsa: Any) -> Scale:  # noqa: ANN401
    """Ask in decibels; a driver that tells none makes the library fail or say that there is no range."""
    try:
        least, most = mixer.getrange(alsa.PCM_PLAYBACK, alsa.VOLUME_UNITS_DB)
    except alsa.ALSAAudioError:
        least = most = 0
    if most > least:
        return Scale(int(least), int(most), in_decibels=True)
    least, most = mixer.getrange(alsa.PCM_PLAYBACK, alsa.VOLUME_UNITS_RAW)
    return Scale(int(least), int(most), in_decibels=False)


def _units(alsa: Any, scale: Scale) -> int:  # noqa: ANN401
    return int(alsa.VOLUME_UNITS_DB if scale.in_decibels else alsa.VOLUME_UNITS_RAW)


def _mute(mixer: Any, *, muted: bool) -> None:  # noqa: ANN401
    for channel, _ in enumerate(mixer.getmute()):
        mixer.setmute(int(muted), channel)
