"""What the log tells, and how often."""

from __future__ import annotations

import io
import logging

from pyaudiobus.systemd.journal import QUIET_SECONDS, Incidents, JournalFormatter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_incident_is_told_at_once_and_then_counted() -> None:
    out, clock = io.StringIO(), Clock()
    log = logging.Logger("test")  # noqa: LOG001  # not in the tree of loggers
    log.addHandler(logging.StreamHandler(out))
    incidents = Incidents(log, clock)
    for _ in range(5):
        incidents.tell("dry", "speaker ran dry")
    incidents.tell("other", "something else")
    clock.now += QUIET_SECONDS
    incidents.tell("dry", "speaker ran dry")
    clock.now += QUIET_SECONDS
    incidents.tell("dry", "speaker ran dry")
    assert out.getvalue().splitlines() == [
        "speaker ran dry",
        "something else",
        "speaker ran dry (and 4 times before that)",
        "speaker ran dry",
    ]


def test_every_line_for_the_journal_has_its_priority() -> None:
    record = logging.LogRecord("audiobusd", logging.ERROR, "", 0, "one\ntwo", None, None)
    assert JournalFormatter("%(message)s").format(record) == "<3>one\n<3>two"
