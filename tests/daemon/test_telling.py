"""Events that many hear: their bytes are made once for all, and once more for those who may know less."""

from __future__ import annotations

from pyaudiobus.daemon.telling import Telling
from pyaudiobus.protocol.messages import ObjectChanged, Sender
from pyaudiobus.protocol.wire import Wire


def test_an_event_is_put_into_bytes_once_for_all_who_are_told_the_same() -> None:
    made: list[ObjectChanged] = []

    def body() -> ObjectChanged:
        made.append(ObjectChanged(7, "running", {}, {"reason": "SECRET holds the sink", "quantum": 256}))
        return made[-1]

    told, wire = Telling("object-changed", body), Wire(Sender.DAEMON)
    whole, discreet = (told.data(wire, is_discreet=is_discreet) for is_discreet in (False, True))
    assert all(told.data(Wire(Sender.DAEMON), is_discreet=False) is whole for _ in range(3))
    assert told.data(wire, is_discreet=True) is discreet
    assert len(made) == 2
    assert b"SECRET" in whole
    assert b"SECRET" not in discreet
    assert b"quantum" in discreet
