"""The questions that policy decides, and what may be answered to each. A folder of hooks each."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.model.items import Item
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy import answers

Check = Callable[[Item, Snapshot, object], str]
"""Why a value is no answer about a subject; empty where it is one."""


class Question(Record):
    """One question."""

    name: str
    subject: str
    """What it is asked about."""
    value: str
    """What a Choice holds."""
    meaning: str
    check: Check
    """Applied to every Choice, a script's too: what breaks a promise of the bus is a hook's failure."""


QUESTIONS = (
    Question("access", "a client", "manager, default or restricted", "What may it do?", answers.role),
    Question("profile", "a device", "a profile's name", "Which profile has the card?", answers.word),
    Question("route", "a sink or source", "a route's name", "Which way out, or in, does it use?", answers.word),
    Question("retry", "a sink or source that failed", "the attempt's number", "Is it tried again?", answers.attempt),
    Question("default", "the word default.audio.sink or .source", "a serial", "What is the default?", answers.default),
    Question("target", "a stream", "a sink's or source's serial", "Where does it play or record?", answers.target),
    Question("filter", "a stream that has a target", "a filter's serial", "What stands before it?", answers.device),
    Question("owner", "a sink for one stream", "a stream's serial", "Whose is it?", answers.stream),
    Question("move", "a stream that is linked elsewhere", "move or stay", "May it be moved?", answers.move),
    Question("role", "a stream", "mix, duck, cork or pause", "What becomes of it beside others?", answers.meeting),
    Question("keys", "the word volume.keys", "a serial", "What do the volume keys change?", answers.node),
    Question("volume", "a new sink or stream", "gains", "How loud does it begin?", answers.gains),
    Question("power", "a sink or source", "suspend", "Does it sleep?", answers.suspend),
)
"""In the order in which a plan asks them."""

BY_NAME = {question.name: question for question in QUESTIONS}
