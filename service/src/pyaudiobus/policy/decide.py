"""Ask a question: every hook in its order, until one decides. What each said is kept, for people who ask why."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from math import isfinite
from zlib import crc32

from pyaudiobus.model.items import Item
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.questions import BY_NAME
from pyaudiobus.policy.verdict import Choice, Failed, Outcome, Pass, Refuse, Verdict, Wait

Ask = Callable[[Hook, Item, Snapshot], Outcome]
"""Asks one hook. Whoever has a clock passes one that keeps deadlines: policy has none."""


class Step(Record):
    """What one hook said."""

    hook: str
    outcome: Outcome
    summary: str = ""
    """What the hook does, in its own words."""
    source: str = ""
    """The script it is from."""


class Decision(Record):
    """A question, what each hook said to it, and the outcome."""

    question: str
    subject: int
    """A serial; 0 for what is no object of the bus."""
    name: str
    """The subject's."""
    verdict: Verdict
    """Pass where nobody decided."""
    steps: tuple[Step, ...]
    """In the order of the chain, up to the one that decided."""
    not_asked: tuple[str, ...] = ()
    """Hooks that come after it."""
    off: tuple[str, ...] = ()
    now: float = 0.0

    @property
    def id(self) -> str:
        """Names it in logs and on links: the same question with the same answers has the same id."""
        value = self.verdict.value if isinstance(self.verdict, Choice) else type(self.verdict).__name__
        said = (f"{step.hook}: {step.outcome.reason}" for step in self.steps)
        told = "\n".join((self.name, str(value), *said))
        return f"{self.question}-{self.subject}-{crc32(told.encode(errors='replace')):08x}"

    @property
    def by(self) -> str:
        """The hook that decided; empty where none did."""
        return self.steps[-1].hook if self.steps and not isinstance(self.verdict, Pass) else ""

    @property
    def failures(self) -> tuple[Step, ...]:
        """The hooks that failed."""
        return tuple(step for step in self.steps if isinstance(step.outcome, Failed))


def decide(bus: Snapshot, subject: Item, question: str, chains: Chains, ask: Ask | None = None) -> Decision:
    """Ask a question about a subject. Nothing a hook does raises from here; a hook that fails is passed over."""
    chain, check = chains[question], BY_NAME[question].check
    ask = ask or ask_plainly
    steps: list[Step] = []
    for number, hook in enumerate(chain.hooks):
        outcome = ask(hook, subject, bus)
        if isinstance(outcome, Choice) and (why_not := check(subject, bus, outcome.value)):
            outcome = Failed(f"it chose {outcome.value!r}: {why_not}")
        steps.append(Step(hook.name, outcome, hook.summary, hook.source))
        if isinstance(outcome, Choice | Wait | Refuse):
            later = tuple(other.name for other in chain.hooks[number + 1 :])
            return Decision(question, subject.serial, subject.name, outcome, tuple(steps), later, chain.off, bus.now)
    nobody = Pass(_why_nobody(steps))
    return Decision(question, subject.serial, subject.name, nobody, tuple(steps), (), chain.off, bus.now)


def ask_plainly(hook: Hook, subject: Item, bus: Snapshot) -> Outcome:
    """Ask one hook; what it raises or says besides verdicts is a failure."""
    try:
        outcome = hook(subject, bus)
    except (Exception, SystemExit) as error:  # a script may raise whatever it likes
        if "mappingproxy" in str(error):
            return Failed("it tried to change the bus, which a hook only looks at")
        return Failed(f"it raised {type(error).__name__}: {one_line(str(error))}".rstrip(": "))
    return checked(outcome, bus.now)


def checked(outcome: object, now: float = 0.0) -> Outcome:
    """Return what a hook said at a moment if it is a verdict with a reason in words; a Failed if not."""
    if isinstance(outcome, Coroutine):
        outcome.close()
        return Failed("it is an async function; a hook is a plain one that returns at once")
    if not isinstance(outcome, Choice | Pass | Wait | Refuse):
        return Failed(f"it returned {_without_address(one_line(repr(outcome)))}, which is no verdict")
    if not isinstance(outcome.reason, str) or not isinstance(outcome.rejected, tuple):
        return Failed("its verdict has no reason in words")  # type: ignore[unreachable]  # scripts have no types
    if isinstance(outcome, Wait) and outcome.until is not None and not _is_later(outcome.until, now):
        return Failed(f"it waits until {one_line(repr(outcome.until))}, which is no moment after bus.now ({now:g})")
    return outcome


def _is_later(until: object, now: float) -> bool:
    return isinstance(until, int | float) and not isinstance(until, bool) and isfinite(until) and until > now


def _without_address(text: str) -> str:
    """Leave out where an object lies in memory: it tells nobody anything, and is another each time."""
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def one_line(text: str, most: int = 200) -> str:
    """Return somebody's text on one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "..."


def _why_nobody(steps: list[Step]) -> str:
    return "; ".join(step.outcome.reason for step in steps) or "there is no hook to decide it"
