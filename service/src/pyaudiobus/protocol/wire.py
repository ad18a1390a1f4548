"""One end of a conversation, without I/O: bytes in, messages out, and the rules about what may follow what.

Both ends use the same class; tests join two of them in memory.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.model.record import Record
from pyaudiobus.protocol.frames import Frame, FrameCutter, FrameKind
from pyaudiobus.protocol.messages import BY_OPCODE, Code, Entry, Hello, Refusal, Sender, Welcome, by_name
from pyaudiobus.protocol.words import Body

VERSION = 1
FEATURES = ("ring", "buffers", "samples")
MAX_OUTSTANDING = 1024
"""Requests that one end has not been answered."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODERS: dict[type[Body], msgspec.msgpack.Decoder[Any]] = {}
"""Made when a kind of body first arrives: few programs hear all of them."""
_LAST_SEQUENCE = 2**32 - 1


class Refused(AudiobusError):
    """The other side refused a request."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what, facts=refusal.facts, advice=refusal.advice)
        self.code = refusal.code


class Message(Record):
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


class Unknown(Record):
    """A request of a later version: to be answered with NOT_SUPPORTED."""

    opcode: int
    sequence: int
    descriptors: tuple[int, ...]


class Phase(Enum):
    """How far a conversation is."""

    GREETING = "greeting"
    OPEN = "open"
    BROKEN = "broken"


class Wire:
    """One end. After a PeerError nothing more is read or said."""

    def __init__(self, side: Sender) -> None:
        self._side = side
        self._cutter = FrameCutter()
        self._sequence = 0
        self._outstanding: dict[int, int] = {}
        """Sequence to opcode, of requests not answered yet."""
        self.phase = Phase.GREETING
        self.version = 0
        self.features: frozenset[str] = frozenset()

    # ---- saying ----

    def request(self, name: str, body: Body, descriptors: tuple[int, ...] = ()) -> tuple[int, bytes]:
        """Return a request's sequence number and its bytes."""
        entry = by_name(name)
        if len(self._outstanding) >= MAX_OUTSTANDING:
            raise AudiobusError(f"{MAX_OUTSTANDING} requests are waiting for an answer; one more would be too many")
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        self._outstanding[self._sequence] = entry.opcode
        return self._sequence, self._encode(entry.opcode, FrameKind.REQUEST, self._sequence, body, descriptors)

    def reply(self, message: Message, body: Body, descriptors: tuple[int, ...] = ()) -> bytes:
        """Return the bytes of the answer to a request."""
        if isinstance(body, Welcome):
            self._open(body.version, body.features)
        return self._encode(message.entry.opcode, FrameKind.REPLY, message.sequence, body, descriptors)

    def refuse(self, request: Message | Unknown, refusal: Refusal) -> bytes:
        """Return the bytes of a refusal."""
        opcode = request.opcode if isinstance(request, Unknown) else request.entry.opcode
        return self._encode(opcode, FrameKind.ERROR, request.sequence, refusal, ())

    def event(self, name: str, body: Body, descriptors: tuple[int, ...] = ()) -> bytes:
        """Return the bytes of an event."""
        return self._encode(by_name(name).opcode, FrameKind.EVENT, 0, body, descriptors)

    # ---- hearing ----

    def receive(self, data: bytes, descriptors: tuple[int, ...] = ()) -> list[Message | Unknown]:
        """Take what arrived; return what was said. PeerError tells what rule the other end broke."""
        if self.phase is Phase.BROKEN:
            raise PeerError("the conversation has ended")
        try:
            return [self._read(frame) for frame in self._cutter.feed(data, descriptors)]
        except PeerError:
            self.phase = Phase.BROKEN
            raise

    def leftover_descriptors(self) -> list[int]:
        """Hand out descriptors that no message took, for closing."""
        return self._cutter.leftover_descriptors()

    def _read(self, frame: Frame) -> Message | Unknown:
        entry = BY_OPCODE.get(frame.opcode)
        if frame.kind in (FrameKind.REPLY, FrameKind.ERROR):
            return self._read_answer(frame, entry)
        if entry is None:
            if frame.kind is FrameKind.EVENT:
                raise PeerError(f"event {frame.opcode} is unknown, and only those of the agreed version may be sent")
            return Unknown(frame.opcode, frame.sequence, frame.descriptors)
        self._check_turn(frame, entry)
        if len(frame.descriptors) > entry.descriptors:
            raise PeerError(f"{entry.name} comes with at most {entry.descriptors} file descriptors")
        return self._message(frame, entry, entry.body)

    def _check_turn(self, frame: Frame, entry: Entry) -> None:
        expected = FrameKind.REQUEST if entry.sender is Sender.CLIENT else FrameKind.EVENT
        if entry.sender is self._side or frame.kind is not expected:
            raise PeerError(f"{entry.name} is not said by a {'daemon' if self._side is Sender.CLIENT else 'client'}")
        if self.phase is Phase.GREETING and entry.body is not Hello:
            raise PeerError(f"{entry.name} came before hello")
        if self.phase is Phase.OPEN and entry.body is Hello:
            raise PeerError("hello came twice")
        if frame.kind is FrameKind.REQUEST and frame.sequence == 0:
            raise PeerError(f"{entry.name} has no sequence number")

    def _read_answer(self, frame: Frame, entry: Entry | None) -> Message:
        if self._outstanding.pop(frame.sequence, None) != frame.opcode or entry is None:
            raise PeerError(f"an answer to request {frame.sequence}, which was not asked or was answered before")
        if len(frame.descriptors) > entry.reply_descriptors:
            raise PeerError(f"the answer to {entry.name} comes with at most {entry.reply_descriptors} descriptors")
        if entry.reply is None:
            raise PeerError(f"{entry.name} is not answered")
        message = self._message(frame, entry, Refusal if frame.kind is FrameKind.ERROR else entry.reply)
        if isinstance(message.body, Welcome):
            self._open(message.body.version, message.body.features)
        return message

    def _message(self, frame: Frame, entry: Entry, kind: type[Body]) -> Message:
        try:
            body = _decoder(kind).decode(frame.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise PeerError(f"{entry.name} has a body that cannot be read: {error}") from None
        return Message(entry, frame.kind, frame.sequence, body, frame.descriptors)

    def _open(self, version: int, features: tuple[str, ...]) -> None:
        self.phase = Phase.OPEN
        self.version = version
        self.features = frozenset(features)

    def _encode(self, opcode: int, kind: FrameKind, sequence: int, body: Body, descriptors: tuple[int, ...]) -> bytes:
        return Frame(opcode, kind, sequence, _ENCODER.encode(body), descriptors).encode()


def _decoder(kind: type[Body]) -> msgspec.msgpack.Decoder[Any]:
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.msgpack.Decoder(kind)
    return _DECODERS[kind]


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
