"""What a client is told that may not know of others: no reason, mark or number that is about them.

Reasons name who has a sink, who is more important, who waits. They are left out as a whole, and not searched for
names: what is left out of some text and not of other tells what the names are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec import structs

from pyaudiobus.model.policy import MARKS
from pyaudiobus.model.snapshot import DEFAULT_SINK, DEFAULT_SOURCE
from pyaudiobus.protocol.messages import Code, ObjectChanged, Refusal
from pyaudiobus.protocol.words import Body, MetadataEntry, ObjectInfo

UNTOLD = "so it was decided; who may not see others is not told why"
_WORDS = ("reason", "waits")
"""Facts that are replaced."""
_NUMBERS = ("stream", "session", "waiting", "decision")
"""Facts that are left out: who has a sink, who governs, how many wait, and a number made of all that was said."""
Value = TypeVar("Value")


def discreet(body: Body) -> Body:
    """Return a message without what is about others."""
    if isinstance(body, ObjectInfo):
        return structs.replace(body, properties=_properties(body.properties), facts=_facts(body.facts))
    if isinstance(body, ObjectChanged):
        return structs.replace(body, properties=_properties(body.properties), facts=_facts(body.facts))
    if getattr(body, "reason", ""):
        return structs.replace(body, reason=UNTOLD)
    return body


def discreet_refusal(refusal: Refusal) -> Refusal:
    """Return a refusal that does not say who is in the way."""
    return Refusal(refusal.code, "others use it") if refusal.code is Code.BUSY else refusal


def is_about_all(entry: MetadataEntry) -> bool:
    """Tell whether an entry about the bus says nothing of anybody's stream."""
    return entry.subject != 0 or entry.key in (DEFAULT_SINK, DEFAULT_SOURCE)


def _properties(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in properties.items() if not key.startswith(MARKS)}


def _facts(facts: Mapping[str, object]) -> dict[str, object]:
    told = {key: value for key, value in facts.items() if key not in _NUMBERS}
    return {key: UNTOLD if key in _WORDS and value else value for key, value in told.items()}
