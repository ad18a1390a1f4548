"""A client's side of the protocol without I/O: requests that wait, answers that come, events and whom they concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from pyaudiobus.client.happenings import Happenings, close_all
from pyaudiobus.errors import PeerError
from pyaudiobus.protocol.frames import Fetch, FrameKind
from pyaudiobus.protocol.messages import Hello, Nothing, Refusal, Sender
from pyaudiobus.protocol.wire import FEATURES, VERSION, Message, Refused, Unknown, Wire
from pyaudiobus.protocol.words import Body

if TYPE_CHECKING:
    from pyaudiobus.client.playing import Playing


class Answer(Struct, frozen=True):
    """What came back: a body (or why there is none) and the descriptors that came with it."""

    body: Any
    """An exception where it was refused, or where the bus is gone."""
    descriptors: tuple[int, ...] = ()

    def unwrap(self) -> tuple[Any, tuple[int, ...]]:
        """Return both, or raise."""
        if isinstance(self.body, Exception):
            raise self.body
        return self.body, self.descriptors


class Request(Struct, frozen=True):
    """Something to ask the bus."""

    name: str
    """As the protocol's table calls it."""
    body: Body = field(default_factory=Nothing)
    descriptors: tuple[int, ...] = ()
    """They stay the asker's."""


Answered = Callable[[Answer], None]


class Conversation:
    """Joins requests with their answers."""

    def __init__(self) -> None:
        self._wire = Wire(Sender.CLIENT)
        self.reply = self._wire.only_reply
        """Returns the reply to a request, if that is all that came; None: nothing was taken."""
        self._waiting: dict[int, Answered] = {}
        self.happenings = Happenings()
        self.groups: defaultdict[int, list[Playing]] = defaultdict(list)
        """Streams by their sync groups."""
        self._end: PeerError | None = None

    @property
    def features(self) -> frozenset[str]:
        """What both sides have."""
        return self._wire.features

    def greeting(self, name: str, properties: dict[str, str]) -> Request:
        """Return what opens a conversation."""
        return Request("hello", Hello(VERSION, FEATURES, name, properties))

    def fetch_descriptors(self, fetch: Fetch) -> None:
        """Have descriptors fetched where a message needs them: they come another way than its bytes from now on."""
        self._wire.fetch_descriptors(fetch)

    def ask(self, request: Request, answered: Answered) -> bytes:
        """Return the bytes of a request. AudiobusError where it cannot be asked."""
        if self._end is not None:
            raise self._end
        sequence, data = self._wire.request(request.name, request.body, request.descriptors)
        self._waiting[sequence] = answered
        return data

    def ask_now(self, name: str, body: Body) -> tuple[int, bytes]:
        """Return the number and the bytes of a request whose answer is fetched at once: reply(), or expect()."""
        if self._end is not None:
            raise self._end
        return self._wire.request(name, body)

    def expect(self, sequence: int, answered: Answered) -> None:
        """Have an answer handed over when it comes."""
        self._waiting[sequence] = answered

    def receive(self, data: bytes = b"", descriptors: tuple[int, ...] = ()) -> None:
        """Take what arrived, or with nothing what is left. PeerError where the daemon breaks the rules."""
        try:
            for message in self._wire.receive(data, descriptors):
                self._take(message)
        except PeerError as error:
            self.lost(error)
            raise
        finally:
            if self._end is not None:
                close_all(self._wire.leftover_descriptors())

    def lost(self, error: PeerError) -> None:
        """The connection is gone: everything that waits is answered with an error, and whatever is asked later."""
        self._end = self._end or error
        waiting, self._waiting = self._waiting, {}
        for answered in waiting.values():
            answered(Answer(error))

    def _take(self, message: Message | Unknown) -> None:
        if isinstance(message, Unknown):
            return
        if message.kind is FrameKind.EVENT:
            self.happenings.hear(message.name, message.body, message.descriptors)
            return
        answered = self._waiting.pop(message.sequence)
        body = Refused(message.body) if isinstance(message.body, Refusal) else message.body
        answered(Answer(body, message.descriptors))
