"""What a mixer control is called: the kernel's name, the simple mixer's name, and how people write either.

The simple mixer (amixer's scontrols, pyalsaaudio) calls the kernel's "COMP7 Switch" plain "COMP7". UCM files and
amixer's `controls` have the kernel's name, so both are taken.
"""

from __future__ import annotations

from difflib import get_close_matches

from pyaudiobus.model.record import Record

_KINDS = ("Enum", "Switch", "Route", "Volume")
_SUFFIXES = tuple(f" {way}{kind}" for way in ("Playback ", "Capture ", "") for kind in _KINDS)
"""What alsa-lib takes off a kernel control's name (src/mixer/simple_none.c), the longer ones first."""


class SimpleName(Record):
    """A control of the simple mixer."""

    name: str
    index: int = 0
    """Which of those with this name."""
    captures: bool = False
    """Asked for by a name that says so, where it both plays and captures."""


def candidates(written: str) -> list[SimpleName]:
    """Return what somebody may mean, the most literal first."""
    base, index = _without_index(_unquoted(written))
    found = [SimpleName(_unquoted(written))]
    if index is not None:
        found.append(SimpleName(base, index))
    suffix = next((suffix for suffix in _SUFFIXES if base.endswith(suffix) and base != suffix), "")
    if suffix:
        found.append(SimpleName(base.removesuffix(suffix), index or 0, captures=suffix.startswith(" Capture")))
    return found


def nearest_name(written: str, listed: list[str]) -> str:
    """Return the listed name most like what was written, the kernel's suffixes aside; "" if none is."""
    last = candidates(written)[-1].name
    folded = {name.lower(): name for name in reversed(listed)}
    close = get_close_matches(last.lower(), folded, n=1)
    return folded[close[0]] if close else ""


def _unquoted(written: str) -> str:
    """Take off what amixer's lists and UCM's csets put around a name: name='COMP7 Switch',index=1; 'Mic',1."""
    text = written.strip().removeprefix("iface=MIXER,").removeprefix("name=").replace(",index=", ",")
    if not text.startswith("'"):
        return text
    name, _, rest = text[1:].rpartition("'")
    return name + rest.replace(" ", "")


def _without_index(text: str) -> tuple[str, int | None]:
    name, comma, index = text.rpartition(",")
    return (name, int(index)) if comma and index.isdecimal() and index.isascii() else (text, None)
