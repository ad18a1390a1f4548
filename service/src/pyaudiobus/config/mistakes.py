"""What is wrong with a file, and where. Collected while it is read, told all at once."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record

MOST_TOLD = 50
"""Mistakes that are told of one file; a file that has more is the wrong file."""
LONGEST_QUOTE = 60
"""Characters of somebody's text that a sentence repeats."""
MOST_NAMED = 15
"""Names that a sentence lists: more than a schema's table has, or a board's cards."""
MOST_COMPARED = 200
"""Names among which the nearest is looked for; among more, a file of many slips would take minutes."""


class Place(Record):
    """A character of a file; line and column count from 1."""

    line: int
    column: int


class Mistake(Record):
    """One thing to mend."""

    path: str
    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.place.line}:{self.place.column}: {self.what}"


class FileMistakes(UserError):
    """A file that cannot be used. `mistakes` are in the order of its lines."""

    def __init__(self, path: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        told = [str(mistake) for mistake in self.mistakes[:MOST_TOLD]]
        if len(self.mistakes) > MOST_TOLD:
            told.append(f"and {len(self.mistakes) - MOST_TOLD} more")
        if len(told) == 1:
            super().__init__(told[0])
        else:
            super().__init__(f"{path} has {len(self.mistakes)} mistakes", facts=told)


class Notes:
    """The mistakes of one file, as they are found."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._mistakes: list[Mistake] = []

    def add(self, place: Place, what: str) -> None:
        """Note one mistake."""
        self._mistakes.append(Mistake(self.path, place, what))

    def where(self, place: Place) -> str:
        """Return "FILE:LINE:COLUMN"."""
        return f"{self.path}:{place.line}:{place.column}"

    def check(self) -> None:
        """Raise FileMistakes if anything was noted."""
        if self._mistakes:
            in_order = sorted(self._mistakes, key=lambda mistake: (mistake.place.line, mistake.place.column))
            raise FileMistakes(self.path, in_order)


def quoted(text: str) -> str:
    """Return somebody's text between quotes, on one line and not too long."""
    short = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "..."
    printable = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in short)
    return f'"{printable}"'


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ', did you mean "..."?' where a known word is close to this one, else what is known."""
    words = list(known)
    folded = {other.lower(): other for other in words} if len(words) <= MOST_COMPARED else {}
    close = get_close_matches(word.lower()[: 2 * LONGEST_QUOTE], folded, n=1)
    if close:
        return f"; did you mean {quoted(folded[close[0]])}?"
    if not words:
        return "; there is none"
    named = ", ".join(quoted(other) for other in words[:MOST_NAMED])
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return f"; there is {named}{more}"
