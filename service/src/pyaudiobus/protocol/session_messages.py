"""What a session manager says to the daemon and hears from it: bodies only. The table is in messages.py."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pyaudiobus.protocol.words import Body, Count, Permission, Properties, Serial, Text, Word

Patience = Annotated[int, Meta(ge=20, le=10_000)]
Gain = Annotated[float, Meta(ge=0, le=1)]
Lines = Annotated[tuple[Text, ...], Meta(max_length=4096)]


class ClaimSession(Body):
    """Govern from now on. There is one session manager at a time."""

    patience: Patience = 500
    """Milliseconds in which every "session-asked" is answered; after that the daemon decides by itself."""


class SessionClaimed(Body):
    """What is granted."""

    patience: Patience


class PlaceStream(Body):
    """Link a stream, or take it elsewhere; where it is there already, only decision and reason are noted."""

    serial: Serial
    target: Serial
    """A sink; for a recording a source, a sink or a stream."""
    format: Word = ""
    """The offer that is used there, as the fact `offers` writes it; empty: the first that the target plays."""
    decision: Word = ""
    """What leads to the explanation; it stands on the link."""
    reason: Text = ""
    expected: Annotated[int, Meta(ge=-1)] = -1
    """The link it has now, 0: none, -1: whichever. Where that is not so, nothing is done: the decision is stale."""
    passive: bool = False
    """The link does not keep the target's device awake."""


class HoldStream(Body):
    """Let a stream wait, and unlink it where it is linked."""

    serial: Serial
    decision: Word = ""
    reason: Text = ""


class RefuseStream(Body):
    """Refuse a stream that waits, or end one that is there; its client is told why."""

    serial: Serial
    decision: Word = ""
    reason: Text = ""


class SessionAsked(Body):
    """Decide about everything you were told before, then answer with this number."""

    number: Count


class AdmitClient(Body):
    """Say what a client may do that has just connected, and let it in."""

    client: Serial
    role: Word = ""
    """manager, default or restricted; empty: what the daemon's configuration gives it."""
    permissions: tuple[Permission, ...] = ()
    """Besides, object by object."""
    reason: Text = ""


class DuckStream(Body):
    """Bring a stream to a gain beside its own volume, in the course of `ramp` milliseconds; 1 lets it be."""

    serial: Serial
    gain: Gain
    ramp: Count = 100
    decision: Word = ""
    reason: Text = ""


class PauseStream(Body):
    """Hold a stream for another, beside what its own client does with its cork; or let it go on."""

    serial: Serial
    paused: bool
    decision: Word = ""
    reason: Text = ""


class SuspendNode(Body):
    """Close an idle device after what is still to be heard. It opens again when it is needed."""

    serial: Serial
    reason: Text = ""


class AskSession(Body):
    """A question for the session manager, in its own words."""

    question: Word
    arguments: Properties = {}


class SessionQuestion(Body):
    """Somebody asks; the answer goes to answer-question."""

    number: Count
    client: Serial
    is_manager: bool
    question: Word
    arguments: Properties


class AnswerQuestion(Body):
    """Answer what somebody asked."""

    number: Count
    lines: Lines = ()
    error: Text = ""
    """Why it cannot be answered; the lines are its facts then."""
    advice: Text = ""


class SessionSaid(Body):
    """The session manager's answer."""

    lines: Lines


class StreamHeld(Body):
    """The policy holds a stream, or lets it go on."""

    serial: Serial
    held: bool
    reason: Text
