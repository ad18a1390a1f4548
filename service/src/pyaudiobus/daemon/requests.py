"""Which of the daemon's methods obeys which request, and whether the client may ask. What is done is elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.daemon.bus import Bus, LimitReached
from pyaudiobus.daemon.client import SEE, Answer, Client, Denied
from pyaudiobus.daemon.object_requests import ObjectRequests
from pyaudiobus.daemon.objects import TooLarge
from pyaudiobus.daemon.orders import Stale
from pyaudiobus.daemon.player_requests import PlayerRequests
from pyaudiobus.daemon.players import TooMany
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.session_requests import SessionRequests
from pyaudiobus.daemon.static_policy import Busy
from pyaudiobus.daemon.stream_requests import StreamRequests
from pyaudiobus.daemon.streams import Gone
from pyaudiobus.errors import AudiobusError, DeviceBusy, DeviceError, NotSupported, UserError
from pyaudiobus.protocol.messages import TABLE, Code, Entry, Right
from pyaudiobus.protocol.wire import Message
from pyaudiobus.protocol.words import Body

_CODES: tuple[tuple[type[AudiobusError], Code], ...] = (
    (Denied, Code.ACCESS),
    (NotFound, Code.NOT_FOUND),
    (Gone, Code.NOT_FOUND),
    (Busy, Code.BUSY),
    (Stale, Code.STALE),
    (TooLarge, Code.TOO_LARGE),
    (LimitReached, Code.LIMIT),
    (TooMany, Code.LIMIT),
    (NotSupported, Code.NOT_SUPPORTED),
    (DeviceBusy, Code.BUSY),
    (DeviceError, Code.DEVICE),
    (UserError, Code.INVALID),
)
_SUBJECT = int(Right.M)
_NEEDS = {entry.name: int(entry.needs) for entry in TABLE}
"""Plain numbers: a flag's own operators cost as much as all the rest of a check."""
Method = Callable[[Client, Message], Answer | None]


class BusRequests:
    """Obeys the clients of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._methods: dict[str, Method] = {}
        for part in (ObjectRequests(bus), StreamRequests(bus), SessionRequests(bus), PlayerRequests(bus)):
            for name in dir(part):
                if name.startswith("do_"):
                    self._methods[name.removeprefix("do_").replace("_", "-")] = getattr(part, name)

    def handle(self, client: Client, message: Message) -> Answer | None:
        """Check a client's rights, and do what it asks."""
        method = self._methods.get(message.entry.name)
        if method is None:
            raise NotSupported(f"{message.name} is not offered by this daemon")
        if needs := _NEEDS[message.entry.name]:
            self._check(client, message.entry, needs, message.body)
        return method(client, message)

    def code_of(self, error: AudiobusError) -> Code:
        """Return the protocol's code for an error."""
        return next((code for kind, code in _CODES if isinstance(error, kind)), Code.STATE)

    def client_ended(self, client: Client, reason: str) -> None:
        """Forget a client and all it owns."""
        self._bus.client_ended(client, reason)

    def _check(self, client: Client, entry: Entry, needs: int, body: Body) -> None:
        """Check the rights that a request needs on the object it names first. NotFound, Denied."""
        serial = getattr(body, body.__struct_fields__[0])
        about_bus = serial == 0 and bool(needs & _SUBJECT)
        found = self._bus.metadata if about_bus else self._bus.registry.get(serial)
        rights = int(client.rights(found))
        if not rights & SEE:
            raise NotFound(f"there is no object {serial}")
        if missing := needs & ~rights:
            raise Denied(
                f"you may not {entry.name} {found.kind} {serial} ({found.name})",
                facts=[f"missing: {', '.join(flag.name or '' for flag in Right if flag & missing)}"],
            )
