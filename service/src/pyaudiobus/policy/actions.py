"""What is to be done: values that whoever talks to the bus puts into messages, and the marks that they leave."""

from __future__ import annotations

from pyaudiobus.model.policy import ATTEMPT, DECISION, REASON, STATE
from pyaudiobus.model.record import Record

Marks = dict[str, str | None]
"""Properties to be set on the object an action is about, once it is done; None removes one."""


class Link(Record):
    """Link a stream that is linked to nothing: playback to a sink, or what it records to a recording."""

    subject: int
    """The stream."""
    target: int
    """The sink, filter or source; a recording may name a sink or a stream that it listens to."""
    format: str
    """Which of the stream's offers is used there, "mp3/44100/2"; empty where it offers none."""
    reason: str
    decision: str
    passive: bool = False
    """It does not keep the target awake."""

    def marks(self) -> Marks:
        """Tell where it is, and why."""
        return _state("linked", self.reason, self.decision)


class Move(Record):
    """Take a linked stream elsewhere."""

    subject: int
    target: int
    format: str
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Tell where it is, and why."""
        return _state("linked", self.reason, self.decision)


class Keep(Record):
    """Leave a stream where it is; only its marks are to be set."""

    subject: int
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Tell why it is there."""
        return _state("linked", self.reason, self.decision)


class Hold(Record):
    """Let a stream wait; its client is answered later."""

    subject: int
    reason: str
    decision: str
    until: float | None = None
    """When to ask again at the latest; None: when something changes."""
    unlink: bool = False
    """It is linked, and what it is linked to is another's now."""

    def marks(self) -> Marks:
        """Tell what it waits for."""
        return _state("waiting", self.reason, self.decision)


class TurnDown(Record):
    """Refuse a stream: unlink it, tell its client why, and where it is final end it."""

    subject: int
    reason: str
    decision: str
    is_final: bool = False

    def marks(self) -> Marks:
        """Tell why it plays nowhere."""
        return _state("refused", self.reason, self.decision)


class SetVolume(Record):
    """Bring a sink or stream to gains in the course of a ramp."""

    subject: int
    gains: tuple[float, ...]
    """Linear; one for all channels, or one each."""
    ramp: int
    """Milliseconds."""
    reason: str
    decision: str
    noted: tuple[tuple[str, str | None], ...] = ()

    def marks(self) -> Marks:
        """Tell that a device's first volume is set."""
        return dict(self.noted)


class Duck(Record):
    """Bring a stream to a gain beside its own volume; 1 lets it be."""

    subject: int
    gain: float
    ramp: int
    """Milliseconds."""
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the fact `duck` tells it."""
        return {}


class Pause(Record):
    """Hold a stream for another role, beside what its own program does; or let it go on."""

    subject: int
    paused: bool
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the fact `held` tells it."""
        return {}


class SetDefault(Record):
    """Make a sink or source the default."""

    subject: int
    """The sink or source."""
    key: str
    """DEFAULT_SINK or DEFAULT_SOURCE."""
    name: str
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the metadata tell it."""
        return {}


class SetKeys(Record):
    """Let the volume keys change a node: the metadata entry volume.keys."""

    subject: int
    name: str
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the metadata tell it."""
        return {}


class SetRole(Record):
    """Let a client do what a role may: manager, default or restricted."""

    subject: int
    role: str
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the fact `role` tells it."""
        return {}


class SetProperties(Record):
    """Give an object the properties that rules say."""

    subject: int
    changes: tuple[tuple[str, str | None], ...]
    """None removes one."""
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the properties tell it."""
        return {}


class Suspend(Record):
    """Close an idle device. It is drained: what is still to be heard is heard first."""

    subject: int
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the node's state tells it."""
        return {}


class SetProfile(Record):
    """Bring a device into a profile."""

    subject: int
    profile: str
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the device's facts tell it."""
        return {}


class SetRoute(Record):
    """Let a sink or source use a route."""

    subject: int
    route: str
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Leave none: the node's facts tell it."""
        return {}


class Retry(Record):
    """Try again to open a device that is late or busy."""

    subject: int
    attempt: int
    """Counted from the failure."""
    reason: str
    decision: str

    def marks(self) -> Marks:
        """Publish why it is not there, and which attempt comes next."""
        return {ATTEMPT: str(self.attempt), REASON: self.reason, DECISION: self.decision}


Action = (
    Link
    | Move
    | Keep
    | Hold
    | TurnDown
    | SetVolume
    | Duck
    | Pause
    | SetDefault
    | SetKeys
    | SetRole
    | SetProperties
    | Suspend
    | SetProfile
    | SetRoute
    | Retry
)


def _state(state: str, reason: str, decision: str) -> Marks:
    return {STATE: state, REASON: reason, DECISION: decision}


def as_words(action: Action) -> dict[str, object]:
    """Put an action into words for JSON: {"do": "link", "subject": 5, ...}."""
    fields = {name: getattr(action, name) for name in type(action).__annotations__}
    return {"do": VERBS[type(action)], **{name: value for name, value in fields.items() if name != "noted"}}


VERBS = {
    Link: "link",
    Move: "move",
    Keep: "keep",
    Hold: "hold",
    TurnDown: "turn-down",
    SetVolume: "set-volume",
    Duck: "duck",
    Pause: "pause",
    SetDefault: "set-default",
    SetKeys: "set-keys",
    SetRole: "set-role",
    SetProperties: "set-properties",
    Suspend: "suspend",
    SetProfile: "set-profile",
    SetRoute: "set-route",
    Retry: "retry",
}
