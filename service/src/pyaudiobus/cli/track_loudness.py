"""How loud `play` makes each file: what --volume says, or what it was, and ReplayGain from its tags on top."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.cli.loudness import Level, parse_level
from pyaudiobus.media.labels import read_labels
from pyaudiobus.media.replaygain import ReplayGainMode, replay_gain


class FileLoudness:
    """The gain of each file. What it was when the first one began is remembered."""

    def __init__(self, level: Level | None, mode: ReplayGainMode, preamp: float) -> None:
        self._level = level
        self._mode = mode
        self._preamp = preamp
        self._before: float | None = None

    def gain(self, name: str, now: Callable[[], float]) -> float | None:
        """Return the linear gain; None where nothing is to be changed. NotSupported where `now` is."""
        if self._before is None:
            self._before = now()
        of_tags = None
        if self._mode is not ReplayGainMode.OFF:
            of_tags = replay_gain(read_labels(name), self._mode, self._preamp)
        if self._level is None and of_tags is None:
            return None if self._mode is ReplayGainMode.OFF else self._before
        base = self._before if self._level is None else self._level.applied(self._before)
        return base * (1.0 if of_tags is None else of_tags)


def file_loudness(volume: str, replaygain: str, preamp: float) -> FileLoudness:
    """Make it of what was typed. UserError where that is no volume."""
    return FileLoudness(parse_level(volume) if volume else None, ReplayGainMode(replaygain), preamp)
