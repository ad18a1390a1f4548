"""All questions about what has changed, asked in turn; what is to be done comes out. The one way into policy.

The contract with whoever mirrors the bus and sends commands (session/):

1. Keep a Snapshot: items and entries as the mirror has them, `now` and `since` of one clock, `memory` of the state
   file (remember.py: how it changes), `policy` of the files, `failures`: links the bus refused since the stream
   or device last changed.
2. When something changes, collect `concern.concerned(change, bus)`; in a burst, of all changes. Then call
   `plan(bus, chains, dirty)` once; with `dirty` None everything is asked (at the start, after a reload).
3. Do the actions in their order. Where the bus does not tell a reason itself (on a link, as what a stream waits for),
   set the properties that `marks()` returns on the subject. They begin
   with `policy.`; the daemon takes such properties from managers only.
4. Call again at `wake_at`, if it is not None. Asked again when all is done, plan() returns no action.
5. Keep the decisions for `audiobus explain`; they need nothing but themselves to be shown (explain.py).
"""

from __future__ import annotations

from collections.abc import Collection

from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.actions import Action
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.decide import Ask, Decision
from pyaudiobus.policy.draft import Draft
from pyaudiobus.policy.keeping import apply_rules, choose_defaults, grant_roles, put_to_sleep, set_up_devices
from pyaudiobus.policy.placing import place_streams
from pyaudiobus.policy.sounding import give_keys, meet_roles, set_first_volumes


class Plan(Record):
    """What to do, and why."""

    actions: tuple[Action, ...]
    """In the order in which they are to be done."""
    decisions: tuple[Decision, ...]
    """All that were made, with those that led to no action."""
    wake_at: float | None = None
    """When to ask again though nothing has changed, on the snapshot's clock."""
    notes: tuple[str, ...] = ()
    """What a person should mend: rules that contradict each other."""


def plan(bus: Snapshot, chains: Chains, dirty: Collection[int] | None = None, ask: Ask | None = None) -> Plan:
    """Decide all that concerns some objects, by serial; with None, all objects."""
    draft = Draft(bus, chains, dirty, ask)
    apply_rules(draft)
    grant_roles(draft)
    set_up_devices(draft)
    choose_defaults(draft)
    set_first_volumes(draft)
    place_streams(draft)
    meet_roles(draft)
    give_keys(draft)
    put_to_sleep(draft)
    return Plan(tuple(draft.actions), tuple(draft.decisions), draft.wake_at, tuple(draft.notes))
