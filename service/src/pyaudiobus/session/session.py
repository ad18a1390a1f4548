"""The session manager itself: hears what happens, asks policy once for all of it, has the answer carried out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.mirror import Change, subscription
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import PolicySettings
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.defaults import BY_POLICY
from pyaudiobus.policy.loudness import gains_of
from pyaudiobus.policy.plan import Plan, plan
from pyaudiobus.policy.remember import remembered
from pyaudiobus.protocol.session_messages import ClaimSession, SessionAsked, SessionQuestion
from pyaudiobus.protocol.words import MetadataEntry
from pyaudiobus.session.breaker import Breaker
from pyaudiobus.session.configuration import Configuration, as_text, with_saved
from pyaudiobus.session.doing import Doing
from pyaudiobus.session.history import History
from pyaudiobus.session.picture import Picture
from pyaudiobus.session.recorder import Recorder
from pyaudiobus.session.state_file import StateFile
from pyaudiobus.systemd.journal import Incidents

log = logging.getLogger("audiobus-session")
PATIENCE = 500
"""Milliseconds that the daemon is to wait for a decision."""
BURST_SECONDS = 0.2
"""For as long news is gathered while it keeps coming; then policy is asked about all of it."""
LINGER_SECONDS = 0.005
FEW_CHANGES = 50
MOST_ROUNDS = 8
"""Plans in a row, each because of what the last has changed."""
SAVE_AFTER = 1.0
"""Seconds until what is to be remembered is written."""
Asked = Callable[[SessionQuestion], None]


class Session:
    """One session manager on one bus."""

    def __init__(
        self,
        remote: Remote,
        configuration: Configuration,
        state: StateFile,
        *,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote = remote
        self._clock = clock
        self._recorder = recorder
        self._changes: list[Change] = []
        self._question = 0
        """The daemon's, to be answered when all before it is decided."""
        self._is_all_new = True
        """Everything is to be asked."""
        self._wake_at: float | None = None
        self._save_at: float | None = None
        self._incidents = Incidents(log, clock)
        self.picture = Picture(clock, self._changes.append)
        self.doing = Doing(remote, self.picture, clock)
        self.history = History()
        self.state = state
        self.set_live: dict[str, str] = {}
        """Settings that people have set and not saved."""
        self.plans = 0
        self._is_started = False
        self._published: dict[str, str] = {}
        self.notes: tuple[str, ...] = ()
        self.on_question: Asked = lambda question: None  # noqa: ARG005  # nobody answers yet
        self.use(configuration)

    def use(self, configuration: Configuration) -> None:
        """Decide by another configuration from now on, and ask about everything again."""
        self.configuration = configuration
        self.breaker = Breaker(configuration.process)
        self.refresh_settings()

    def refresh_settings(self) -> None:
        """Follow settings that were set, saved or reset."""
        settings = with_saved(self.configuration.policy.settings, {**self.state.settings, **self.set_live})
        self.policy: PolicySettings = self.configuration.policy.replace(settings=settings)
        self._is_all_new = True
        if self._is_started:
            self._publish()

    def _publish(self) -> None:
        """Leave the settings where everybody can watch them: metadata about this client, which go with it."""
        for name, value in as_text(self.policy.settings).items():
            if self._published.get(name) != value:
                self._published[name] = value
                entry = MetadataEntry(self._remote.welcome.client, f"settings.{name}", BY_POLICY, value)
                self._remote.ask_later("set-metadata", entry, _whatever)

    def snapshot(self) -> Snapshot:
        """Return the bus as it is known."""
        return self.picture.snapshot(self.state.memory, self.policy)

    # ---- hearing ----

    def start(self) -> None:
        """Claim the session, hear of everything there is, and decide about it. Refused where another has it."""
        self._remote.ask("claim-session", ClaimSession(PATIENCE))
        self._remote.watchers.append(self.picture)
        self._remote.do(subscription())
        self.settle()
        self._is_started = True
        self._publish()

    def wait(self, others: tuple[int, ...] = ()) -> None:
        """Sleep until something happens or is due, then deal with it. PeerError where the bus is gone."""
        self._remote.wait(others, self._patience())
        until = self._clock() + BURST_SECONDS
        while self._remote.wait(timeout=self._linger()) and self._clock() < until:
            pass
        self.settle()

    def _linger(self) -> float:
        """Return how long more news is waited for: where much has come, there may be more on its way."""
        return LINGER_SECONDS if len(self._changes) > FEW_CHANGES else 0

    def _patience(self) -> float | None:
        due = [at for at in (self._wake_at, self._save_at) if at is not None]
        return max(min(due) - self._clock(), 0) if due else None

    def settle(self) -> None:
        """Deal with all that has been heard, also while it is dealt with, and with what is due."""
        self._decide()
        while heard := self._remote.happenings():
            for happening in heard:
                self._hear(happening)
            self._decide()
            if self._question:
                self._remote.ask_later("answer-session", SessionAsked(self._question), _whatever)
                self._question = 0
        if self._save_at is not None and self._clock() >= self._save_at:
            self.save()

    def _hear(self, happening: Happening) -> None:
        if happening.name == "session-asked":
            self._question = happening.body.number
        elif happening.name == "session-question":
            self.on_question(happening.body)

    # ---- deciding ----

    def _decide(self) -> None:
        if self._wake_at is not None and self._clock() >= self._wake_at:
            self._wake_at, self._is_all_new = None, True
        for _ in range(MOST_ROUNDS):
            bus = self.snapshot()
            dirty = self._dirty(bus)
            if dirty is not None and not dirty:
                return
            self._plan(bus, dirty)
        told = "the bus does not come to rest: something is different each time all is decided; it goes on in a second"
        self._incidents.tell("restless", told)
        self._wake_at = self._clock() + 1

    def _dirty(self, bus: Snapshot) -> set[int] | None:
        """Return whom the news concerns; None: everybody."""
        changes = tuple(self._changes)
        self._changes.clear()
        self._remember(changes, bus)
        concerned = self.picture.concerned(bus) | self.doing.again
        self.doing.again = set()
        is_all, self._is_all_new = self._is_all_new, False
        return None if is_all else concerned - self.doing.busy

    def _plan(self, bus: Snapshot, dirty: set[int] | None) -> None:
        self.plans += 1
        self.breaker.begin()
        made = plan(bus, self.configuration.chains, dirty, self.breaker.ask)
        self.history.keep(made.decisions)
        for note in made.notes:
            if note not in self.notes:
                log.warning("%s", note)
        self.notes = made.notes
        if self._recorder is not None:
            self._recorder.write(bus, dirty, made)
        self._note_wake(made, is_all=dirty is None)
        self.doing.do(made.actions, bus)
        if self.doing.rests_until is not None:
            self._wake_at = min(self.doing.rests_until, self._wake_at or self.doing.rests_until)

    def _note_wake(self, made: Plan, *, is_all: bool) -> None:
        if is_all:
            self._wake_at = made.wake_at
        elif made.wake_at is not None:
            self._wake_at = made.wake_at if self._wake_at is None else min(self._wake_at, made.wake_at)

    # ---- remembering ----

    def _remember(self, changes: tuple[Change, ...], bus: Snapshot) -> None:
        memory = self.state.memory
        for change in changes:
            before, after = change.before, change.after
            if isinstance(after, Item):
                if self._is_own_volume(after) and isinstance(before, Item):
                    before = before.replace(facts={**before.facts, "volume": after.facts["volume"]})
            elif isinstance(before, Item):
                self.doing.forget(before.serial)
            memory = remembered(memory, before, after, bus)
        if memory is not self.state.memory and self.state.remember(memory) and self._save_at is None:
            self._save_at = self._clock() + SAVE_AFTER

    def _is_own_volume(self, item: Item) -> bool:
        own = self.doing.own_volumes.get(item.serial)
        if own is None or "volume" not in item.facts:
            return False
        if gains_of(item) == own:
            return True
        del self.doing.own_volumes[item.serial]
        return False

    def save(self) -> None:
        """Write what is to be remembered."""
        self._save_at = None
        self.state.save()


def _whatever(_: object) -> None:
    """Nobody waits for that answer."""
