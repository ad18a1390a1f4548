"""Decisions in words for people who ask why: what was asked, what each hook said, what would change it."""

from __future__ import annotations

from collections.abc import Iterable

from pyaudiobus.model.snapshot import BUS, Snapshot
from pyaudiobus.policy.decide import Decision, Step
from pyaudiobus.policy.in_words import name_of
from pyaudiobus.policy.questions import BY_NAME
from pyaudiobus.policy.remedies import OPEN, REMEDIES
from pyaudiobus.policy.verdict import Choice, Failed, Pass, Refuse, Verdict, Wait

FIRST = ("target", "filter", "move", "owner", "role", "volume")
"""What people ask for first."""
WIDTH = 26
"""Columns of a hook's name."""


def explain(decisions: Iterable[Decision], bus: Snapshot) -> list[str]:
    """Return the lines that tell decisions, where something is first; those that nobody made are left out."""
    known = sorted(decisions, key=lambda decision: FIRST.index(decision.question) if decision.question in FIRST else 99)
    made = [decision for decision in known if not isinstance(decision.verdict, Pass)] or known
    lines: list[str] = []
    for decision in made:
        lines += [*([""] if lines else []), *explain_one(decision, bus)]
    return lines


def explain_one(decision: Decision, bus: Snapshot) -> list[str]:
    """Return the lines that tell one decision."""
    meaning = BY_NAME[decision.question].meaning
    lines = [f"{decision.name or decision.subject}: {meaning} {_outcome(decision, bus)}", f"  decision {decision.id}"]
    lines += [_step(step, decision.question, is_last=step is decision.steps[-1]) for step in decision.steps]
    if decision.not_asked:
        lines.append(f"  not asked any more: {', '.join(decision.not_asked)}")
    if decision.off:
        lines.append(f"  switched off: {', '.join(decision.off)}")
    lines += _candidates(decision, bus)
    is_gone = decision.subject != BUS and decision.subject not in bus.items
    remedies = what_would_change(decision)
    if is_gone:
        lines.append(f"  {decision.name or decision.subject} is not there any more")
    elif remedies:
        lines += ["  what would change it:", *(f"    {remedy}" for remedy in remedies)]
    return lines


def what_would_change(decision: Decision) -> list[str]:
    """Return what a person could do for another outcome, by the hooks that were asked."""
    found = [REMEDIES[step.hook] for step in decision.steps if step.hook in REMEDIES and _may_matter(step, decision)]
    return [remedy.replace("SUBJECT", str(decision.subject)) for remedy in dict.fromkeys(found)]


def _may_matter(step: Step, decision: Decision) -> bool:
    """Tell whether a hook decided, or could have if somebody had told it something, or rejected what it looked at."""
    return step.hook == decision.by or step.hook in OPEN or bool(step.outcome.rejected)


def as_words(decision: Decision) -> dict[str, object]:
    """Put a decision into words for JSON."""
    return {
        "id": decision.id,
        "question": decision.question,
        "subject": decision.subject,
        "name": decision.name,
        **_verdict_words(decision.verdict),
        "by": decision.by,
        "steps": [
            {"hook": step.hook, "source": step.source, "summary": step.summary, **_verdict_words(step.outcome)}
            for step in decision.steps
        ],
        "not_asked": list(decision.not_asked),
        "off": list(decision.off),
        "what_would_change_it": what_would_change(decision),
    }


def _verdict_words(outcome: Verdict | Failed) -> dict[str, object]:
    words: dict[str, object] = {"verdict": type(outcome).__name__.lower(), "reason": outcome.reason}
    if isinstance(outcome, Choice):
        words["value"] = outcome.value
    if outcome.rejected:
        words["rejected"] = [{"serial": one.serial, "name": one.name, "reason": one.reason} for one in outcome.rejected]
    return words


YES_OR_NO = {"move": "yes", "stay": "no", "suspend": "yes"}
"""Choices that answer what can be answered with yes or no."""


def _outcome(decision: Decision, bus: Snapshot) -> str:
    verdict = decision.verdict
    if isinstance(verdict, Choice):
        return f"{_value(verdict, decision.question, bus)}: {verdict.reason}"
    if isinstance(verdict, Wait):
        until = "" if verdict.until is None else f" (in {max(verdict.until - decision.now, 0):.1f} s)"
        return f"{_waits(decision.question)}{until}: {verdict.reason}"
    if isinstance(verdict, Refuse):
        return f"It is refused: {verdict.reason}"
    return "Nobody decided"


def _waits(question: str) -> str:
    """Say that nothing is done now."""
    return "It waits" if question == "target" else "Not now"


SERIALS = ("target", "filter", "owner", "default", "keys")
"""Questions whose answer is a serial."""


def _value(choice: Choice, question: str, bus: Snapshot) -> str:
    if question in SERIALS and isinstance(choice.value, int):
        return f"{name_of(choice.value, bus)} ({choice.value})"
    if isinstance(choice.value, tuple):
        return " ".join(f"{gain:g}" for gain in choice.value)
    if question == "retry":
        return f"Yes, attempt {choice.value}"
    return YES_OR_NO.get(str(choice.value), str(choice.value))


def _step(step: Step, question: str, *, is_last: bool) -> str:
    outcome = step.outcome
    told = outcome.reason
    if isinstance(outcome, Failed):
        told = f"FAILED: {told}"
    elif isinstance(outcome, Choice):
        told = f"chose this: {told}"
    elif isinstance(outcome, Wait | Refuse):
        waits = "lets it wait" if question == "target" else "not now"
        told = f"{waits if isinstance(outcome, Wait) else 'refuses it'}: {told}"
    source = f" [{step.source}]" if step.source else ""
    mark = ">" if is_last and not isinstance(outcome, Pass | Failed) else " "
    return f"  {mark} {step.hook:<{WIDTH}} {told}{source}"


def _candidates(decision: Decision, bus: Snapshot) -> list[str]:
    """List every candidate that was looked at, with the last word about it."""
    said: dict[tuple[int, str], str] = {}
    for step in decision.steps:
        for one in step.outcome.rejected:
            said[one.serial, one.name] = one.reason
    verdict = decision.verdict
    if isinstance(verdict, Choice) and decision.question in SERIALS and isinstance(verdict.value, int):
        said[verdict.value, name_of(verdict.value, bus)] = "chosen"
    if len(said) <= 1:
        return []
    width = min(max(len(name) for _, name in said), WIDTH)
    return ["  candidates:", *(f"    {name:<{width}}  {reason}" for (_, name), reason in said.items())]
