"""What policy wants done, as requests of the protocol. One action may be several; none, where it is done already."""

from __future__ import annotations

from collections.abc import Iterator

from pyaudiobus.client.conversation import Request
from pyaudiobus.model.snapshot import BUS, PLAYBACK, Snapshot
from pyaudiobus.policy.actions import (
    Action,
    Duck,
    Hold,
    Keep,
    Link,
    Move,
    Pause,
    Retry,
    SetDefault,
    SetKeys,
    SetProfile,
    SetProperties,
    SetRole,
    SetRoute,
    SetVolume,
    Suspend,
    TurnDown,
)
from pyaudiobus.policy.defaults import BY_POLICY
from pyaudiobus.policy.streams import VOLUME_KEYS, place_of
from pyaudiobus.protocol.messages import Named, SetParam
from pyaudiobus.protocol.messages import SetProperties as ChangeProperties
from pyaudiobus.protocol.messages import SetVolume as ChangeVolume
from pyaudiobus.protocol.session_messages import (
    AdmitClient,
    DuckStream,
    HoldStream,
    PauseStream,
    PlaceStream,
    RefuseStream,
    SuspendNode,
)
from pyaudiobus.protocol.words import MAX_TEXT, MetadataEntry

MOST_WORD = 256
"""Characters of a decision's id."""


def requests_for(action: Action, bus: Snapshot) -> Iterator[Request]:  # noqa: C901, PLR0912  # a case for each action
    """Return what to ask of the bus, as it is known, for an action. Marks are not among it."""
    subject, reason, told = action.subject, action.reason[:MAX_TEXT], action.decision[:MOST_WORD]
    if isinstance(action, Link | Move | Keep):
        yield from _placing(action, bus)
    elif isinstance(action, Hold):
        if action.unlink or _is_waiting(subject, bus):
            yield Request("hold-stream", HoldStream(subject, told, reason))
    elif isinstance(action, TurnDown):
        is_final = action.is_final or _is_waiting(subject, bus)
        body = RefuseStream(subject, told, reason) if is_final else HoldStream(subject, told, reason)
        yield Request("refuse-stream" if is_final else "hold-stream", body)
    elif isinstance(action, SetVolume):
        yield Request("set-volume", ChangeVolume(subject, action.gains, max(action.ramp, 0)))
    elif isinstance(action, Duck):
        yield Request("duck-stream", DuckStream(subject, min(action.gain, 1.0), action.ramp, told, reason))
    elif isinstance(action, Pause):
        yield Request("pause-stream", PauseStream(subject, action.paused, told, reason))
    elif isinstance(action, SetDefault):
        yield Request("set-metadata", MetadataEntry(BUS, action.key, BY_POLICY, action.name))
    elif isinstance(action, SetKeys):
        yield Request("set-metadata", MetadataEntry(BUS, VOLUME_KEYS, BY_POLICY, action.name))
    elif isinstance(action, SetRole):
        yield Request("admit-client", AdmitClient(subject, action.role, reason=reason))
    elif isinstance(action, SetProperties):
        yield Request("set-properties", ChangeProperties(subject, dict(action.changes)))
    elif isinstance(action, Suspend):
        yield Request("suspend-node", SuspendNode(subject, reason))
    elif isinstance(action, SetProfile):
        yield Request("set-param", SetParam(subject, "Profile", _quoted(action.profile)))
    elif isinstance(action, SetRoute):
        yield Request("set-param", SetParam(subject, "Route", _quoted(action.route)))
    elif isinstance(action, Retry):
        yield Request("try-node", Named(subject))


def marks_for(action: Action) -> Request | None:
    """Return what is to be noted on an action's subject once it is done; None where that is nothing."""
    marks = action.marks()
    if not marks or action.subject == BUS:
        return None
    changes = {key: None if value is None else value[:MAX_TEXT] for key, value in marks.items()}
    return Request("set-properties", ChangeProperties(action.subject, changes))


def _placing(action: Link | Move | Keep, bus: Snapshot) -> Iterator[Request]:
    subject, reason, told = action.subject, action.reason[:MAX_TEXT], action.decision[:MOST_WORD]
    stream = bus.items.get(subject)
    if stream is None:
        return
    links = bus.links_from(subject) if stream.media_class == PLAYBACK else bus.links_into(subject)
    present = next((link.serial for link in links), 0)
    if isinstance(action, Keep):
        place = place_of(stream, bus)
        if place is not None:
            yield Request("place-stream", PlaceStream(subject, place.serial, "", told, reason, present))
        return
    expected = 0 if isinstance(action, Link) else present
    passive = isinstance(action, Link) and action.passive
    yield Request("place-stream", PlaceStream(subject, action.target, action.format, told, reason, expected, passive))


def _is_waiting(subject: int, bus: Snapshot) -> bool:
    """Tell whether a stream's client has not been answered yet."""
    stream = bus.items.get(subject)
    return stream is not None and stream.facts.get("unanswered") is True


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"name": "{escaped}"}}'
