"""What both ends of a hook's process say: questions pickled, which only the parent makes, and answers in JSON."""

from __future__ import annotations

import copyreg
import io
import pickle
import struct
from types import MappingProxyType
from typing import Any

from pyaudiobus.policy.verdict import Choice, Failed, Outcome, Pass, Refuse, Rejected, Wait

SIZE = struct.Struct("<I")
"""Bytes that follow, before each question and each answer."""
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Choice, Pass, Wait, Refuse, Failed)}


class _Pickler(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda proxy: (_read_only, (dict(proxy),))


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


def pickled(value: object) -> bytes:
    """Return what a question is sent as; mappings that cannot be changed arrive as such."""
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def outcome_words(outcome: Outcome) -> dict[str, Any]:
    """Put an outcome into plain words."""
    words: dict[str, Any] = {"kind": type(outcome).__name__, "reason": outcome.reason[:4000]}
    words["rejected"] = [(one.serial, one.name, one.reason) for one in outcome.rejected if isinstance(one, Rejected)]
    for field in ("value", "until", "is_final"):
        if hasattr(outcome, field):
            words[field] = getattr(outcome, field)
    return words


def outcome_of(words: dict[str, Any]) -> Outcome:
    """Return the outcome that a script's process has put into words: nothing of them is believed."""
    kind = _KINDS.get(str(words.get("kind")))
    if kind is None:
        return Failed("it answered nonsense")
    value = words.get("value")
    given: dict[str, Any] = {"reason": str(words.get("reason", ""))}
    given["rejected"] = tuple(Rejected(int(one[0]), str(one[1]), str(one[2])) for one in words.get("rejected", ()))
    if kind is Choice:
        given["value"] = tuple(value) if isinstance(value, list) else value
    if kind is Wait:
        given["until"] = words.get("until")
    if kind is Refuse:
        given["is_final"] = bool(words.get("is_final"))
    outcome: Outcome = kind(**given)
    return outcome
