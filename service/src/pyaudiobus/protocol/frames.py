"""Frames: a header of 16 bytes and a body. Cut out of a byte stream, and put together; nothing is interpreted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from struct import Struct as Layout

from msgspec import Struct

from pyaudiobus.errors import PeerError

HEADER = Layout("<IHHII")
"""Body size, opcode, descriptors, sequence, kind; little endian."""
MAX_BODY = 64 * 1024
"""Bytes."""
MAX_DESCRIPTORS = 24
"""With one message; the kernel allows 253."""


Fetch = Callable[[], tuple[int, ...]]
"""Returns the descriptors that have come another way than the bytes."""


class FrameKind(IntEnum):
    """What a frame is to the conversation."""

    REQUEST = 0
    REPLY = 1
    ERROR = 2
    """A reply that refuses."""
    EVENT = 3


class Frame(Struct, frozen=True):
    """One message as it travels."""

    opcode: int
    kind: FrameKind
    sequence: int
    """Of the request; a reply repeats it, an event has 0."""
    body: bytes
    descriptors: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """Return the bytes; the descriptors travel beside them. ValueError for a body above MAX_BODY."""
        return encode(self.opcode, self.kind, self.sequence, self.body, len(self.descriptors))


def encode(opcode: int, kind: FrameKind, sequence: int, body: bytes, descriptors: int = 0) -> bytes:
    """Return the bytes of a frame that so many descriptors go with. ValueError for a body above MAX_BODY."""
    if len(body) > MAX_BODY:
        raise ValueError(f"a body of {len(body)} bytes is above {MAX_BODY}")
    return HEADER.pack(len(body), opcode, descriptors, sequence, kind) + body


class FrameCutter:
    """Turns what arrives, in whatever pieces, into frames. Holds what it was fed and was not asked for.

    Linux may hand over descriptors with earlier bytes than those they were sent with, so they queue up, and each
    frame takes as many as its header says.
    """

    def __init__(self) -> None:
        self.unread = bytearray()
        """What was not asked for yet, or of a frame that is not complete: to be looked at alone."""
        self._descriptors: list[int] = []
        self._fetch: Fetch | None = None

    def fetch_descriptors(self, fetch: Fetch) -> None:
        """Ask for descriptors when a frame needs them: they travel another way than its bytes from now on."""
        self._fetch = fetch

    def take_descriptors(self, descriptors: Iterable[int]) -> None:
        """Keep descriptors that came another way than the bytes. PeerError for too many."""
        self._descriptors += descriptors
        self._check_waiting()

    def feed(self, data: bytes, descriptors: tuple[int, ...] = ()) -> Iterator[Frame]:
        """Take what arrived; return the frames that are complete, and then a PeerError for what cannot be one."""
        self.unread += data
        self._descriptors += descriptors
        return self._frames()

    def give_up(self, descriptors: tuple[int, ...] = ()) -> None:
        """Read nothing more: drop the bytes; keep the descriptors, and these too, for leftover_descriptors()."""
        self.unread.clear()
        self._descriptors += descriptors

    def leftover_descriptors(self) -> list[int]:
        """Hand out the descriptors that no frame took, for closing."""
        left, self._descriptors = self._descriptors, []
        return left

    def _frames(self) -> Iterator[Frame]:
        while (frame := self._next()) is not None:
            yield frame
        if self._fetch is None and not self.unread and self._descriptors:
            raise PeerError(f"{len(self._descriptors)} file descriptors came with no message")
        self._check_waiting()

    def _check_waiting(self) -> None:
        if len(self._descriptors) > MAX_DESCRIPTORS:
            raise PeerError(f"more than {MAX_DESCRIPTORS} file descriptors are waiting for their message")

    def _next(self) -> Frame | None:
        if len(self.unread) < HEADER.size:
            return None
        size, opcode, count, sequence, kind = HEADER.unpack_from(self.unread)
        if size > MAX_BODY:
            raise PeerError(f"a message of {size} bytes is above the limit of {MAX_BODY}")
        if count > MAX_DESCRIPTORS:
            raise PeerError(f"a message with {count} file descriptors is above the limit of {MAX_DESCRIPTORS}")
        if kind >= len(_KINDS):
            raise PeerError(f"a message of kind {kind}: there are only 0 to {len(_KINDS) - 1}")
        end = HEADER.size + size
        if len(self.unread) < end:
            return None
        if count > len(self._descriptors) and self._fetch is not None:
            self._descriptors += self._fetch()
        if count > len(self._descriptors):
            raise PeerError(f"a message says {count} file descriptors come with it, {len(self._descriptors)} did")
        body = bytes(self.unread[HEADER.size : end])
        del self.unread[:end]
        taken = tuple(self._descriptors[:count])
        del self._descriptors[:count]
        return Frame(opcode, _KINDS[kind], sequence, body, taken)


_KINDS = tuple(FrameKind)
