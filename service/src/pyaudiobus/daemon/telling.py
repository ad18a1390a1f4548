"""One event that many clients hear: put into bytes once for all who are told the same."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.daemon.discretion import discreet
from pyaudiobus.protocol.wire import Wire
from pyaudiobus.protocol.words import Body


class Telling:
    """An event about an object; made when the first client needs it, and once more for those who may know less."""

    def __init__(self, name: str, body: Callable[[], Body]) -> None:
        self.name = name
        self._body = body
        self._data: dict[bool, bytes] = {}

    def data(self, wire: Wire, *, is_discreet: bool) -> bytes:
        """Return its bytes, without what is about others where that is wanted. ValueError: it is too long to tell."""
        if is_discreet not in self._data:
            body = self._body()
            self._data[is_discreet] = wire.event(self.name, discreet(body) if is_discreet else body)
        return self._data[is_discreet]
