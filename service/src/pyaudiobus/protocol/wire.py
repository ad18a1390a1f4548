"""One end of a conversation, without I/O: bytes in, messages out, and the rules about what may follow what.

Both ends use the same class; tests join two of them in memory.
Past 300 lines because the rules of one conversation are read as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import msgspec

from pyaudiobus.errors import AudiobusError, NotSupported, PeerError, UserError
from pyaudiobus.protocol.coding import DECODERS, UNREADABLE, checked, pack
from pyaudiobus.protocol.frames import HEADER, MAX_BODY, Fetch, Frame, FrameCutter, FrameKind, encode
from pyaudiobus.protocol.messages import BY_OPCODE, TABLE, Code, Entry, Hello, Refusal, Sender, Welcome, by_name
from pyaudiobus.protocol.words import MAX_TEXT, Body

VERSION = 1
FEATURES = ("ring", "buffers", "samples", "control-rings", "session", "players", "tracks", "returns")
MAX_OUTSTANDING = 1024
"""Requests that one end has not been answered: more are not asked."""
MAX_UNANSWERED = 8192
"""Requests that one end has not answered: who asks more breaks the rules. Above what one read can bring."""
_LAST_SEQUENCE = 2**32 - 1
_HELLO = by_name("hello").opcode
_PLAIN = {entry.opcode: entry for entry in TABLE if entry.sender is Sender.CLIENT and entry.opcode != _HELLO}
"""What is asked again and again; hello is not."""
_REPLIES = {opcode: entry.reply for opcode, entry in _PLAIN.items()}
_NO_REQUEST = 0
"""Opcode of a refusal that answers no request: why the conversation is over."""


class Refused(AudiobusError):
    """The other side refused a request."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what, facts=refusal.facts, advice=refusal.advice)
        self.code = refusal.code


class Message(msgspec.Struct, frozen=True):
    """Something the other end said."""

    entry: Entry
    kind: FrameKind
    sequence: int
    body: Any
    """Of the entry's body type, its reply type, or a Refusal."""
    descriptors: tuple[int, ...]

    @property
    def name(self) -> str:
        """As the table calls it."""
        return self.entry.name


class Unknown(msgspec.Struct, frozen=True):
    """A request of a later version: to be answered with NOT_SUPPORTED."""

    opcode: int
    sequence: int
    descriptors: tuple[int, ...]

    @property
    def name(self) -> str:
        """What there is to call it by."""
        return f"request {self.opcode}"


class Phase(Enum):
    """How far a conversation is."""

    GREETING = "greeting"
    """Hello has not come, or gone, yet."""
    GREETED = "greeted"
    """Hello has; the welcome has not."""
    OPEN = "open"
    BROKEN = "broken"


_REQUEST, _REPLY, _OPEN, _HEADER = FrameKind.REQUEST, FrameKind.REPLY, Phase.OPEN, HEADER.size
"""Looked up once: each look into an enum costs as much as a call."""


class Wire:
    """One end. After a PeerError nothing more is read or said."""

    def __init__(self, side: Sender) -> None:
        self._side = side
        self._cutter = FrameCutter()
        self._sequence = 0
        self._outstanding: dict[int, int] = {}
        """Sequence to opcode, of requests that the other end has not answered."""
        self._unanswered: set[int] = set()
        """Sequences of the requests that this end has not answered."""
        self._sayable: set[str] = set()
        """Requests that were found to be what this conversation knows."""
        self.phase = Phase.GREETING
        self.version = 0
        self.features: frozenset[str] = frozenset()

    # ---- saying ----

    def request(self, name: str, body: Body, descriptors: tuple[int, ...] = ()) -> tuple[int, bytes]:
        """Return a request's sequence number and its bytes. UserError for a body that the other end would not read."""
        entry = by_name(name)
        if len(self._outstanding) >= MAX_OUTSTANDING:
            raise AudiobusError(f"{MAX_OUTSTANDING} requests are waiting for an answer; one more would be too many")
        if name not in self._sayable:
            self._check_sayable(entry)
        data, sequence, opcode = checked(entry, body), self._sequence % _LAST_SEQUENCE + 1, entry.opcode
        self._sequence = sequence
        self._outstanding[sequence] = opcode
        return sequence, HEADER.pack(len(data), opcode, len(descriptors), sequence, _REQUEST) + data

    def reply(self, message: Message, body: Body, descriptors: tuple[int, ...] = ()) -> bytes:
        """Return the bytes of the answer to a request."""
        opcode, sequence = message.entry.opcode, message.sequence
        if opcode == _HELLO and isinstance(body, Welcome):
            self._open(body.version, body.features)
        data = encode(opcode, _REPLY, sequence, pack(body), len(descriptors))
        self._unanswered.discard(sequence)
        return data

    def refuse(self, request: Message | Unknown, refusal: Refusal) -> bytes:
        """Return the bytes of a refusal."""
        opcode = request.opcode if isinstance(request, Unknown) else request.entry.opcode
        if opcode == _HELLO:
            self.phase = Phase.GREETING
        data = encode(opcode, FrameKind.ERROR, request.sequence, pack(refusal))
        self._unanswered.discard(request.sequence)
        return data

    def event(self, name: str, body: Body, descriptors: tuple[int, ...] = ()) -> bytes:
        """Return the bytes of an event."""
        return encode(by_name(name).opcode, FrameKind.EVENT, 0, pack(body), len(descriptors))

    def farewell(self, reason: str) -> bytes:
        """Return the bytes that tell the other end why the conversation is over; nothing may follow them."""
        self._give_up()
        refusal = Refusal(Code.PROTOCOL, reason[:MAX_TEXT])
        return encode(_NO_REQUEST, FrameKind.ERROR, 0, pack(refusal))

    # ---- hearing ----

    def only_request(self, data: bytes) -> Message | None:
        """Return the request that `data` is, whole and alone, as most are that come through a ring.

        None: it is something else, or breaks a rule; nothing was taken, receive() it.
        """
        if self.phase is not _OPEN or self._cutter.unread or len(data) < _HEADER:
            return None
        size, opcode, descriptors, sequence, kind = HEADER.unpack_from(data)
        entry, unanswered = _PLAIN.get(opcode), self._unanswered
        if entry is None or kind or descriptors or size + _HEADER != len(data) or size > MAX_BODY:
            return None
        if not sequence or sequence in unanswered or len(unanswered) >= MAX_UNANSWERED:
            return None
        try:
            body = DECODERS[entry.body].decode(data[_HEADER:])
        except UNREADABLE:
            return None
        unanswered.add(sequence)
        return Message(entry, _REQUEST, sequence, body, ())

    def only_reply(self, sequence: int, data: bytes) -> Body | None:
        """Return the reply to a request, if `data` is that, whole and alone, and no descriptors come with it.

        None: it is something else, a refusal perhaps; nothing was taken, receive() it.
        """
        opcode, size = self._outstanding.get(sequence, _NO_REQUEST), len(data) - _HEADER
        kind = _REPLIES.get(opcode)
        if kind is None or size < 0 or size > MAX_BODY or self._cutter.unread:
            return None
        if not data.startswith(HEADER.pack(size, opcode, 0, sequence, _REPLY)):
            return None
        try:
            body: Body = DECODERS[kind].decode(data[_HEADER:])
        except UNREADABLE:
            return None
        del self._outstanding[sequence]
        return body

    def receive(self, data: bytes, descriptors: tuple[int, ...] = ()) -> Iterator[Message | Unknown]:
        """Take what arrived; return what was said, in order, and then a PeerError if a rule was broken.

        What is not fetched now comes first next time. After a PeerError the descriptors of what was not returned
        are in leftover_descriptors().
        """
        return self._messages(self._cutter.feed(data, descriptors))

    def fetch_descriptors(self, fetch: Fetch) -> None:
        """Have descriptors fetched where a message needs them: they come another way than its bytes from now on."""
        self._cutter.fetch_descriptors(fetch)

    def take_descriptors(self, descriptors: Iterable[int]) -> None:
        """Keep descriptors for the messages that they belong to."""
        self._cutter.take_descriptors(descriptors)

    def leftover_descriptors(self) -> list[int]:
        """Hand out descriptors that no message took, for closing."""
        return self._cutter.leftover_descriptors()

    def _messages(self, frames: Iterator[Frame]) -> Iterator[Message | Unknown]:
        while (frame := self._next_frame(frames)) is not None:
            yield self._understood(frame)

    def _next_frame(self, frames: Iterator[Frame]) -> Frame | None:
        try:
            self._check_going_on()
            return next(frames, None)
        except PeerError:
            self._give_up()
            raise

    def _understood(self, frame: Frame) -> Message | Unknown:
        try:
            return self._read(frame)
        except PeerError:
            self._give_up(frame)
            raise

    def _check_going_on(self) -> None:
        if self.phase is Phase.BROKEN:
            raise PeerError("the conversation has ended")

    def _give_up(self, frame: Frame | None = None) -> None:
        self.phase = Phase.BROKEN
        self._sayable.clear()
        self._cutter.give_up(frame.descriptors if frame else ())

    def _read(self, frame: Frame) -> Message | Unknown:
        entry = BY_OPCODE.get(frame.opcode)
        if frame.kind is FrameKind.ERROR and frame.opcode == _NO_REQUEST:
            raise PeerError(f"the other end says: {_farewell(frame)}")
        if frame.kind in (FrameKind.REPLY, FrameKind.ERROR):
            return self._read_answer(frame, entry)
        what = entry.name if entry else f"{frame.kind.name.lower()} {frame.opcode}"
        self._check_turn(frame, entry, what)
        if frame.kind is FrameKind.REQUEST:
            self._check_sequence(frame, what)
        if entry is None:
            return Unknown(frame.opcode, frame.sequence, frame.descriptors)
        if len(frame.descriptors) > entry.descriptors:
            raise PeerError(f"{entry.name} comes with at most {entry.descriptors} file descriptors")
        message = self._message(frame, entry, entry.body)
        if entry.opcode == _HELLO:
            self.phase = Phase.GREETED
        return message

    def _check_turn(self, frame: Frame, entry: Entry | None, what: str) -> None:
        """A client asks, beginning with hello; a daemon tells, and only of what the agreed version has."""
        expected = FrameKind.REQUEST if self._side is Sender.DAEMON else FrameKind.EVENT
        if frame.kind is not expected or (entry is not None and entry.sender is self._side):
            raise PeerError(f"{what} is not said by a {'daemon' if self._side is Sender.CLIENT else 'client'}")
        if entry is None and frame.kind is FrameKind.EVENT:
            raise PeerError(f"{what} is unknown, and only those of the agreed version may be sent")
        is_hello = frame.opcode == _HELLO
        if self.phase is Phase.GREETING and not is_hello:
            raise PeerError(f"{what} came before hello")
        if self.phase is Phase.GREETED and self._side is Sender.DAEMON and not is_hello:
            raise PeerError(f"{what} came before the answer to hello")
        if self.phase is not Phase.GREETING and is_hello:
            raise PeerError("hello came twice")

    def _check_sequence(self, frame: Frame, what: str) -> None:
        if frame.sequence == 0:
            raise PeerError(f"{what} has no sequence number")
        if frame.sequence in self._unanswered:
            raise PeerError(f"{what} has the sequence number {frame.sequence} of a request that is not answered yet")
        if len(self._unanswered) >= MAX_UNANSWERED:
            raise PeerError(f"more than {MAX_UNANSWERED} requests wait for an answer")
        self._unanswered.add(frame.sequence)

    def _read_answer(self, frame: Frame, entry: Entry | None) -> Message:
        if self._outstanding.pop(frame.sequence, None) != frame.opcode or entry is None:
            raise PeerError(f"an answer to request {frame.sequence}, which was not asked or was answered before")
        if len(frame.descriptors) > entry.reply_descriptors:
            raise PeerError(f"the answer to {entry.name} comes with at most {entry.reply_descriptors} descriptors")
        if entry.reply is None:
            raise PeerError(f"{entry.name} is not answered")
        message = self._message(frame, entry, Refusal if frame.kind is FrameKind.ERROR else entry.reply)
        if isinstance(message.body, Welcome):
            self._check_welcome(message.body)
            self._open(message.body.version, message.body.features)
        return message

    @staticmethod
    def _check_welcome(welcome: Welcome) -> None:
        if not 1 <= welcome.version <= VERSION:
            raise PeerError(f"the answer to hello is version {welcome.version}; 1 to {VERSION} were offered")
        if not set(welcome.features) <= set(FEATURES):
            raise PeerError("the answer to hello has features that were not offered")

    def _message(self, frame: Frame, entry: Entry, kind: type[Body]) -> Message:
        try:
            body = DECODERS[kind].decode(frame.body)
        except UNREADABLE as error:
            raise PeerError(f"{entry.name} has a body that cannot be read: {error}") from None
        return Message(entry, frame.kind, frame.sequence, body, frame.descriptors)

    def _open(self, version: int, features: tuple[str, ...]) -> None:
        self.phase = Phase.OPEN
        self.version = version
        self.features = frozenset(features)

    def _check_sayable(self, entry: Entry) -> None:
        if self.phase is not _OPEN:
            self._check_phase(entry)
            return
        if entry.since > self.version:
            raise NotSupported(f"the bus speaks version {self.version}; {entry.name} came with {entry.since}")
        if entry.feature and entry.feature not in self.features:
            raise NotSupported(f"the bus does not offer {entry.feature}, so it cannot be asked for {entry.name}")
        self._sayable.add(entry.name)

    def _check_phase(self, entry: Entry) -> None:
        if self.phase is Phase.BROKEN:
            raise PeerError("the conversation has ended")
        if self.phase is Phase.GREETING and entry.opcode != _HELLO:
            raise UserError(f"{entry.name} cannot be said before hello")


def _farewell(frame: Frame) -> str:
    try:
        words: str = DECODERS[Refusal].decode(frame.body).what
    except UNREADABLE:
        return "nothing that can be read"
    return words


def agree(hello: Hello) -> tuple[int, tuple[str, ...]]:
    """Return the version and the features both know. AudiobusError where there is no version in common."""
    if hello.version < 1:
        raise AudiobusError(
            f"protocol version {hello.version} is not spoken here", facts=[f"versions 1 to {VERSION} are"]
        )
    return min(hello.version, VERSION), tuple(name for name in FEATURES if name in hello.features)


def refusal_of(error: AudiobusError, code: Code) -> Refusal:
    """Put an error into words for the other side."""
    return Refusal(code, error.what, error.facts, error.advice)
