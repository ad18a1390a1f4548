"""A diagnosis as people read it, on a serial console too, and as JSON. Judges nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap

from pyaudiobus.doctor.diagnosis import Diagnosis, Result
from pyaudiobus.doctor.judgement import Standing

WIDTH = 79
"""Columns; a serial console has 80 and breaks the line in the last."""
NOTHING_TO_OFFLOAD_TO = "Nothing to offload to here: files play on the virtual DSP (audiobus play FILE)."
_MARK, _TOPIC = 9, 14
_INDENT = " " * (_MARK + _TOPIC)
_MARKS = {Standing.OK: "ok", Standing.WARNING: "warning", Standing.BROKEN: "BROKEN"}
_COLOURS = {"ok": "32", "warning": "33", "BROKEN": "1;31", "broken": "31"}


def describe(found: Diagnosis, *, colour: bool) -> str:
    """Write what was found, causes and consequences marked, and last what to do."""
    lines: list[str] = []
    for result in found.results:
        if result.judgement.standing is not Standing.UNCHECKED:
            lines += _entry(result, colour=colour)
    lines += _not_checked(found)
    lines += ["", *_last_words(found)]
    return "\n".join(lines) + "\n"


def objects(found: Diagnosis) -> Iterator[str]:
    """Write one object for each check, and one for all of them."""
    for result in found.results:
        judgement = result.judgement
        fields = {
            "event": "check",
            "check": result.topic,
            "standing": judgement.standing.value,
            "line": judgement.line,
            "facts": list(judgement.facts),
            "advice": judgement.advice,
            "command": judgement.command,
            "follows_from": list(result.follows_from),
        }
        yield json.dumps(fields)
    cause = found.causes[0] if found.causes else None
    summary = {
        "event": "diagnosis",
        "well": found.is_well,
        "offload": found.is_meant_to_offload,
        "cause": cause.topic if cause else "",
        "story": found.story,
        "command": cause.judgement.command if cause else "",
    }
    yield json.dumps(summary)


def _entry(result: Result, *, colour: bool) -> list[str]:
    judgement = result.judgement
    is_consequence = result.is_broken and result.follows_from != ()
    mark = "broken" if is_consequence else _MARKS[judgement.standing]
    shown = f"\x1b[{_COLOURS[mark]}m{mark}\x1b[0m" if colour else mark
    first, *rest = _folded(judgement.line, len(_INDENT))
    lines = [f"{shown}{' ' * (_MARK - len(mark))}{result.topic:{_TOPIC}}{first}"]
    lines += [f"{_INDENT}{line}" for line in rest]
    if judgement.standing is Standing.OK:
        return lines
    if is_consequence:
        return [*lines, f"{_INDENT}follows from: {result.follows_from[0]}"]
    for fact in judgement.facts:
        lines += [f"{_INDENT}  {line}" for line in _folded(fact, len(_INDENT) + 2)]
    return lines + _next(result, _INDENT)


def _next(result: Result, indent: str) -> list[str]:
    """Advice is folded; a command never is, so that it can be copied."""
    judgement = result.judgement
    lines = [f"{indent}{line}" for line in _folded(judgement.advice, len(indent))] if judgement.advice else []
    return [*lines, f"{indent}next: {_plain(judgement.command)}"] if judgement.command else lines


def _not_checked(found: Diagnosis) -> list[str]:
    """Put together what was left out for the same reason."""
    topics: dict[str, list[str]] = {}
    for result in found.results:
        if result.judgement.standing is Standing.UNCHECKED:
            topics.setdefault(result.judgement.line, []).append(result.topic)
    lines: list[str] = []
    for reason, skipped in topics.items():
        first, *rest = _folded(f"{', '.join(skipped)} ({reason})", _MARK)
        lines += [f"{'-':{_MARK}}{first}", *(f"{' ' * _MARK}{line}" for line in rest)]
    return [f"{'':{_MARK}}not checked:", *lines] if lines else []


def _last_words(found: Diagnosis) -> list[str]:
    if found.causes:
        others = [result.topic for result in found.causes[1:]]
        also = [f"Broken besides: {', '.join(others)}."] if others else []
        lines = [line for part in (f"Cause: {found.story}.", *also) for line in _folded(part, 0)]
        return [*lines, *_next(found.causes[0], "")]
    if not found.is_meant_to_offload:
        return _folded(NOTHING_TO_OFFLOAD_TO, 0)
    warnings = sum(result.judgement.standing is Standing.WARNING for result in found.results)
    return [f"Nothing is broken; warnings: {warnings}." if warnings else "All is well."]


def _folded(text: str, indent: int) -> list[str]:
    return wrap(_plain(text), WIDTH - indent, break_long_words=False, break_on_hyphens=False) or [""]


def _plain(text: str) -> str:
    """Show what would move a cursor as its code: names and the kernel's words come from elsewhere."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
