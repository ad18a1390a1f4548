"""Carries a plan out: requests to the bus, what comes back, and streams that would be moved for ever."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from pyaudiobus.client.conversation import Request
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.actions import Action, Keep, Link, Move, SetRole, SetVolume
from pyaudiobus.protocol.messages import Code, Named
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.session.commands import marks_for, requests_for
from pyaudiobus.session.picture import Picture
from pyaudiobus.systemd.journal import Incidents

log = logging.getLogger("audiobus-session")
MOST_MOVES = 8
"""Of one stream in RESTLESS_SECONDS: after that it is left where it is, as two hooks seem to disagree."""
RESTLESS_SECONDS = 5.0
LONGEST_REST = 300.0
"""Seconds; a stream that is restless again is left alone for twice as long each time."""
_BARRIER = 1
"""Serial of the daemon itself: asked for it, it answers after all that was asked before."""


class Job:
    """One action on its way."""

    def __init__(self, action: Action, requests: int) -> None:
        self.action = action
        self.left = requests
        self.error: Exception | None = None


class Doing:
    """Sends what plans want done."""

    def __init__(self, remote: Remote, picture: Picture, clock: Callable[[], float]) -> None:
        self._remote = remote
        self._picture = picture
        self._clock = clock
        self._incidents = Incidents(log, clock)
        self._jobs: list[Job] = []
        self._is_news = False
        """Something was asked of the bus since it was last caught up with."""
        self._moves: dict[int, deque[float]] = {}
        self._rests: dict[int, float] = {}
        """How long each stream that was restless is left alone, in seconds."""
        self.rests_until: float | None = None
        """When the first that is left alone may be moved again: policy is to be asked then."""
        self.again: set[int] = set()
        """Subjects about which policy is to be asked again, as what it decided could not be done."""
        self.own_volumes: dict[int, tuple[float, ...]] = {}
        """Gains that a plan has set: nobody has chosen them."""
        self.done = 0

    @property
    def busy(self) -> set[int]:
        """Subjects whose last action has not been answered: a device is being opened."""
        return {job.action.subject for job in self._jobs}

    def do(self, actions: Iterable[Action], bus: Snapshot) -> None:
        """Carry actions out in their order, and hear of what that has changed."""
        own = self._remote.welcome.client
        self.rests_until = None
        for action in actions:
            if isinstance(action, SetRole) and action.subject == own:
                continue  # it would lock itself out
            if action.subject in self.busy:
                self.again.add(action.subject)
            elif not self._is_restless(action, bus):
                self._begin(action, bus)
        while self._is_news:
            self._is_news = False
            self._remote.ask("get", Named(_BARRIER))

    def _begin(self, action: Action, bus: Snapshot) -> None:
        requests = list(requests_for(action, bus))
        job = Job(action, len(requests))
        if isinstance(action, SetVolume):
            self.own_volumes[action.subject] = action.gains
        log.debug("%s", action)
        if not requests:
            self._mark(action)
            return
        self._jobs.append(job)
        self._is_news = True
        for request in requests:
            self._remote.ask_later(request.name, request.body, partial(self._answered, job))

    def _answered(self, job: Job, outcome: object) -> None:
        job.left -= 1
        if isinstance(outcome, Exception):
            job.error = job.error or outcome
        if job.left:
            return
        self._jobs.remove(job)
        self.done += 1
        if job.error is None:
            self._mark(job.action)
        else:
            self._refused(job.action, job.error)

    def _mark(self, action: Action) -> None:
        marks = marks_for(action)
        if marks is not None:
            self._is_news = True
            self._send(marks)

    def _send(self, request: Request) -> None:
        self._remote.ask_later(request.name, request.body, _whatever)

    def _refused(self, action: Action, error: Exception) -> None:
        """A stream whose target refuses it is decided about again; of the rest, people are told."""
        code = error.code if isinstance(error, Refused) else None
        why = error.what if isinstance(error, Refused) else str(error)
        if code is Code.NOT_FOUND:
            return
        if isinstance(action, Link | Move | Keep):
            if isinstance(action, Link | Move) and code is not Code.STALE:
                self._picture.refused(action.subject, action.target, why)
                log.info("stream %d is not linked to %d: %s", action.subject, action.target, why)
            self.again.add(action.subject)
            return
        kind = type(action).__name__
        self._incidents.tell(f"{kind} {action.subject}", f"{kind} of {action.subject} was refused: {why}")

    def _is_restless(self, action: Action, bus: Snapshot) -> bool:
        """Tell whether a stream has been moved so often of late that somebody has to stop it."""
        if not isinstance(action, Move | Link):
            return False
        now = self._clock()
        moves = self._moves.setdefault(action.subject, deque(maxlen=MOST_MOVES))
        rest = self._rests.get(action.subject, RESTLESS_SECONDS)
        if len(moves) == MOST_MOVES and now - moves[-1] >= rest:
            moves.clear()
            self._rests[action.subject] = min(2 * rest, LONGEST_REST)
        if len(moves) == MOST_MOVES and (moves[-1] - moves[0] < RESTLESS_SECONDS):
            name = bus.items[action.subject].name if action.subject in bus.items else ""
            self._incidents.tell(
                f"restless {action.subject}",
                f"stream {name} ({action.subject}) was moved {MOST_MOVES} times in {RESTLESS_SECONDS:g} s and is left "
                f"alone; the last reason was: {action.reason}",
            )
            until = moves[-1] + rest
            self.rests_until = min(until, self.rests_until or until)
            return True
        moves.append(now)
        return False

    def forget(self, serial: int) -> None:
        """An object is gone."""
        self._moves.pop(serial, None)
        self._rests.pop(serial, None)
        self.own_volumes.pop(serial, None)
        self.again.discard(serial)


def _whatever(_: object) -> None:
    """Nobody waits for that answer."""
