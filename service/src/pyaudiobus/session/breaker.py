"""Asks hooks for a plan: those that come along in this process, owners' scripts in theirs, with a deadline.

A hook that fails so often in a row is switched off until the scripts are read again; one that was too slow is not
asked again in the same plan. Who fails is counted and named.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.decide import ask_plainly
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.verdict import Failed, Outcome
from pyaudiobus.session.hook_process import DEADLINE, Crashed, HookProcess, Overrun

log = logging.getLogger("audiobus-session")
MOST_FAILURES = 3
"""In a row, until a hook is switched off."""
MOST_SPENT = 1.0
"""Seconds that all scripts together may take for one plan: what waits for it must not wait for long."""


class Record:
    """What is known of one script's hook."""

    def __init__(self, hook: Hook) -> None:
        self.hook = hook
        self.asked = 0
        self.failed = 0
        self.in_a_row = 0
        self.slowest = 0.0
        """Seconds."""
        self.reason = ""
        """Of the last failure."""

    @property
    def is_off(self) -> bool:
        """Whether it is not asked any more."""
        return self.in_a_row >= MOST_FAILURES


class Breaker:
    """Knows how the hooks of scripts behave. Its ask() is what plan() is given."""

    def __init__(self, process: HookProcess | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._process = process
        self._clock = clock
        self._records: dict[tuple[str, str], Record] = {}
        self._slow: set[tuple[str, str]] = set()
        """Hooks that were too slow in this plan."""
        self._spent = 0.0
        """Seconds that scripts took in this plan."""

    def begin(self) -> None:
        """A new plan is made."""
        self._slow.clear()
        self._spent = 0.0

    def records(self) -> list[Record]:
        """List the hooks of scripts that were asked."""
        return list(self._records.values())

    def ask(self, hook: Hook, subject: Item, bus: Snapshot) -> Outcome:
        """Ask one hook; nothing it does raises from here, nor takes long."""
        if not hook.source or self._process is None:
            return ask_plainly(hook, subject, bus)
        key = (hook.question, hook.name)
        record = self._records.setdefault(key, Record(hook))
        if record.is_off:
            return Failed(f"it is switched off after {MOST_FAILURES} failures in a row: {record.reason}")
        if key in self._slow:
            return Failed("it was too slow a moment ago, and is not asked again in this plan")
        if self._spent > MOST_SPENT:
            return Failed(f"scripts have taken {self._spent:.1f} s for this plan, and are not asked any more in it")
        began = self._clock()
        outcome = self._asked(self._process, hook, subject, bus)
        taken = self._clock() - began
        self._spent += taken
        self._note(record, outcome, taken)
        return outcome

    def _asked(self, process: HookProcess, hook: Hook, subject: Item, bus: Snapshot) -> Outcome:
        try:
            return process.ask(hook, subject, bus)
        except Overrun:
            self._slow.add((hook.question, hook.name))
            return Failed(f"it did not answer within {DEADLINE * 1000:g} ms, and was ended")
        except Crashed as error:
            self._slow.add((hook.question, hook.name))
            return Failed(f"it did not answer: {error}")
        except UserError as error:
            return Failed(error.what)

    def _note(self, record: Record, outcome: Outcome, seconds: float) -> None:
        record.asked += 1
        record.slowest = max(record.slowest, seconds)
        if not isinstance(outcome, Failed):
            record.in_a_row = 0
            return
        is_news = record.reason != outcome.reason
        record.failed += 1
        record.in_a_row += 1
        record.reason = outcome.reason
        name = f"{record.hook.question}/{record.hook.name} ({record.hook.source})"
        if record.is_off:
            log.warning("%s is switched off until the scripts are read again: %s", name, outcome.reason)
        elif is_news:
            log.warning("%s is passed over: %s", name, outcome.reason)
