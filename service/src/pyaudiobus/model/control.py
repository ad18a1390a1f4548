"""One mixer control and what it must be. How it is set is decided in devices/mixer.py."""

from __future__ import annotations

from pyaudiobus.model.record import Record


class Control(Record):
    """A control of a card's mixer, and the value it must have."""

    name: str
    """As amixer's `scontrols` or `controls` shows it, or a UCM file writes it."""
    value: bool | int | str
    """A switch, a volume in per cent, or the word of an enumeration."""
    place: str = ""
    """Where it was asked for, "FILE:LINE:COLUMN"; empty where no file did."""

    def __str__(self) -> str:
        """As a board file has it: "COMP7 Switch: on"."""
        value = {True: "on", False: "off"}[self.value] if isinstance(self.value, bool) else self.value
        return f"{self.name}: {value}"
