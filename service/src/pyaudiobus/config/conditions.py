"""What a rule's `match` may hold: conditions as people write them."""

from __future__ import annotations

import re
from fnmatch import translate

from pyaudiobus.config.document import Listing, Node, Scalar, Table
from pyaudiobus.config.mistakes import Notes, quoted
from pyaudiobus.config.readers import Text, Unreadable, is_absent, refuse, scalar, table_entries
from pyaudiobus.model.rule import Absent, Between, Condition, Equals, Like

MOST_PATTERN = 256
"""Characters of a pattern."""
_RANGE = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,6})?)\.\.(-?[0-9]{1,12}(?:\.[0-9]{1,6})?)")
_NESTED = re.compile(r"[+*}]\)*[+*{]")
"""A repetition of a repetition, on which time without end can be spent."""
_KEY = Text("a property's or fact's name", r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}")
Match = tuple[Condition, ...]


class Matches:
    """One description of objects, or several of which one has to fit."""

    form = (
        "conditions `key: value`, or a list of such tables; a value is a word, a list of words, a pattern with * and "
        "?, `~` and a regular expression, a range `1..9`, nothing (absent), and `!` before any of them negates"
    )

    def read(self, node: Node, notes: Notes) -> tuple[Match, ...]:
        """Return the descriptions."""
        tables = node.items if isinstance(node, Listing) else (node,)
        found = tuple(match for table in tables if (match := _match(table, notes)))
        if not found and any(isinstance(table, Table) and table.entries for table in tables):
            raise Unreadable
        if not found:
            raise refuse(node, notes, "a rule without a condition would fit everything; name what it is for")
        return found


def _match(node: Node, notes: Notes) -> Match:
    found: list[Condition] = []
    for key, value in table_entries(node, notes, "conditions"):
        try:
            found.append(_condition(_KEY.read(key, notes), value, notes))
        except Unreadable:
            continue
    return tuple(found)


def _condition(key: str, node: Node, notes: Notes) -> Condition:
    if isinstance(node, Listing):
        return Condition(key, Equals(tuple(scalar(item, notes, "a word").text for item in node.items)))
    if is_absent(node):
        return Condition(key, Absent())
    written = scalar(node, notes, "a word, a pattern or a range")
    is_negated = written.text.startswith("!")
    text = written.text.removeprefix("!")
    return Condition(key, _test(text, written, notes), is_negated)


def _test(text: str, node: Scalar, notes: Notes) -> Equals | Like | Between | Absent:
    if not text:
        return Absent()
    if len(text) > MOST_PATTERN:
        raise refuse(node, notes, f"a pattern has at most {MOST_PATTERN} characters")
    if text.startswith("~"):
        return Like(text, _expression(text[1:], node, notes))
    if found := _RANGE.fullmatch(text):
        least, most = float(found[1]), float(found[2])
        if least > most:
            raise refuse(node, notes, f"the range {text} is empty")
        return Between(least, most)
    if any(char in text for char in "*?["):
        return Like(text, re.compile(translate(text)))
    return Equals((text,))


def _expression(text: str, node: Scalar, notes: Notes) -> re.Pattern[str]:
    if _NESTED.search(text):
        raise refuse(node, notes, f"{quoted(text)} repeats a repetition, which can take for ever")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise refuse(node, notes, f"{quoted(text)} is no regular expression: {error}") from None
