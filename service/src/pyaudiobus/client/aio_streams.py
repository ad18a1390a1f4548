"""Streams for asyncio: the blocking ones' words, awaited. Connecting is aio.py's business.

Past 300 lines because every word of the blocking streams is here once, awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from pyaudiobus.client.conversation import Request
from pyaudiobus.client.happenings import Happening, Listener
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.recording import Recording
from pyaudiobus.client.stream_state import StreamKilled
from pyaudiobus.client.write_queue import Seek, WriteQueue
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import FormatLost
from pyaudiobus.protocol.words import Attributes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class Connection(Protocol):
    """What a stream needs of the connection it lives on."""

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""

    def check(self) -> None:
        """Raise where it cannot."""

    async def do(self, request: Request) -> Any:  # noqa: ANN401
        """Ask."""

    def listen(self, serial: int, listener: Listener) -> None:
        """Hand over what happens to a stream."""

    def unlisten(self, serial: int) -> None:
        """Do so no more."""

    def at_end(self, ended: Callable[[], None]) -> None:
        """Have something called when it is over."""


class AsyncStream:
    """A stream and the connection it lives on."""

    def __init__(self, remote: Connection, state: Playing | Recording, *, is_corked: bool) -> None:
        self._remote = remote
        self._loop = asyncio.get_running_loop()
        self.state = state
        self.state.is_corked = is_corked
        self._bell = asyncio.Event()
        """Rung when there may be something to do."""
        self._news = asyncio.Event()
        """Set when something has happened to the stream."""
        self._is_open = True
        self._loop.add_reader(state.ring.fileno(), self._woken)
        remote.listen(state.serial, self._hear)
        remote.at_end(self._wake_all)

    @property
    def serial(self) -> int:
        """Its name on the bus."""
        return self.state.serial

    @property
    def format(self) -> PcmFormat:
        """What was agreed on."""
        return self.state.format

    @property
    def attributes(self) -> Attributes:
        """Buffer attributes in bytes, as granted."""
        return self.state.attributes

    @property
    def device(self) -> str:
        """The name of what it plays on or hears."""
        return self.state.device

    async def cork(self, *, is_corked: bool = True) -> None:
        """Hold it, or let it go on; its sync group with it."""
        await self._do(self.state.corking(is_corked=is_corked))
        self.state.is_corked = is_corked

    async def uncork(self) -> None:
        """Let it go on; its sync group with it."""
        await self.cork(is_corked=False)

    async def set_attributes(
        self, attributes: Attributes, *, adjust_latency: bool = False, early_requests: bool = False
    ) -> None:
        """Ask for other buffer attributes; `attributes` tells what was granted."""
        wish = self.state.setting_attributes(attributes, adjust=adjust_latency, early=early_requests)
        self.state.granted(await self._do(wish))

    async def set_volume(self, *gains: float, ramp: int = 10) -> None:
        """Set linear gains, one for all channels or one each, reached in `ramp` milliseconds."""
        await self._do(self.state.setting_volume(gains, ramp))

    async def set_mute(self, *, is_muted: bool = True) -> None:
        """Silence it, or let it be heard."""
        await self._do(self.state.setting_mute(is_muted=is_muted))

    async def move(self, target: str) -> None:
        """Play on, or record from, something else."""
        await self._do(self.state.moving(target))

    async def events(self) -> AsyncIterator[Happening]:
        """Return what happens to the stream, until it is over."""
        while True:
            self._news.clear()
            while self.state.happenings:
                yield self.state.happenings.popleft()
            if self.state.killed or not (self._is_open and self._remote.is_open):
                return
            await self._news.wait()

    async def close(self) -> None:
        """End it; what is queued is lost. Legal twice."""
        if not self._is_open:
            return
        self._is_open = False
        self._wake_all()
        self._loop.remove_reader(self.state.ring.fileno())
        self.state.ring.close()
        self._remote.unlisten(self.serial)
        if self._remote.is_open and not self.state.killed:
            try:
                await self._remote.do(self.state.naming("destroy"))
            except AudiobusError:
                return  # it is gone, which is what was wanted

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # ---- waiting ----

    async def _do(self, request: Request) -> Any:  # noqa: ANN401
        self._check_usable()
        self.state.check()
        return await self._remote.do(request)

    def _check_usable(self) -> None:
        if not self._is_open:
            raise UserError("the stream was closed")
        self._remote.check()

    def _woken(self) -> None:
        self.state.ring.acknowledge()
        self._bell.set()

    def _hear(self, happening: Happening) -> None:
        is_reformed = isinstance(happening.body, FormatLost)
        if is_reformed:
            self._loop.remove_reader(self.state.ring.fileno())
        self.state.hear(happening)
        if is_reformed:
            self._loop.add_reader(self.state.ring.fileno(), self._woken)
        self._wake_all()

    def _wake_all(self) -> None:
        self._bell.set()
        self._news.set()


class AsyncPlayback(AsyncStream):
    """A stream that plays. One task writes."""

    state: Playing

    @property
    def queue(self) -> WriteQueue:
        """What was written and not played yet."""
        return self.state.queue

    async def write(self, data: Buffer) -> None:
        """Write all, waiting while the bus has enough. StreamKilled, StreamReformed, PeerError.

        Cancelled, it has written some: `queue.index` tells how much.
        """
        self._check_usable()
        rest = memoryview(data).cast("B")
        self.state.queue.check_whole(len(rest))
        while len(rest):
            rest = self.state.put(rest, await self.wait_writable())

    async def wait_writable(self) -> int:
        """Wait until the bus wants at least minreq bytes; return how many."""
        self._check_usable()
        while not (room := self.state.room()):
            self._bell.clear()
            if self.state.may_sleep():
                await self._bell.wait()
                self._check_usable()
        return room

    def write_at(self, data: Buffer, offset: int, seek: Seek = Seek.RELATIVE) -> bool:
        """Write at a place, at once; False: it was more than maxlength and is lost."""
        self._check_usable()
        self.state.check()
        return self.state.queue.write(data, offset, seek)

    async def trigger(self) -> None:
        """Play what is there without waiting for prebuf."""
        await self._do(self.state.naming("trigger"))

    async def prebuf(self) -> None:
        """Wait for prebuf again."""
        await self._do(self.state.naming("prebuf"))

    async def flush(self) -> None:
        """Drop all that waits, in its sync group too; the next byte is the next one heard."""
        self._check_usable()
        self.state.flush()
        await self._do(self.state.naming("flush"))
        self._check_usable()
        self.state.flush()

    async def close(self) -> None:
        """End it; what is queued is lost. Legal twice."""
        if self._is_open:
            self.state.leave()
        await super().close()

    async def drain(self) -> None:
        """Return when all that was written has been heard."""
        await self._do(self.state.naming("drain"))

    def time(self) -> int:
        """Return what is being heard, in microseconds since the beginning; never less than before."""
        self._check_usable()
        return self.state.time()

    def latency(self) -> int:
        """Return how long it takes until what is written now is heard, in microseconds."""
        self._check_usable()
        return self.state.latency()


class AsyncRecord(AsyncStream):
    """A stream that records. One task reads. `async for piece in stream: ...`."""

    state: Recording

    async def wait_readable(self, size: int = 0) -> int:
        """Wait until a fragment, or `size` bytes, are there; return how many wait. StreamKilled when none are left."""
        self._check_usable()
        while True:
            self._bell.clear()
            if not self.state.may_sleep(size):
                return self.state.readable()
            if self.state.killed:
                if not self.state.readable():
                    self.state.check()
                return self.state.readable()
            await self._bell.wait()
            self._check_usable()

    async def read(self, size: int | None = None) -> bytes:
        """Return `size` bytes, whole frames of them, waiting until they are there; without a size what comes next."""
        frame = self.state.ring.frame_size
        if size is None:
            await self.wait_readable(frame)
            return self.state.take(max(self.attributes.fragsize, frame))
        pieces: list[bytes] = []
        while (missing := size - size % frame - sum(map(len, pieces))) > 0:
            await self.wait_readable(missing)
            pieces.append(self.state.take(missing))
            if self.state.killed and not self.state.readable():
                break
        return b"".join(pieces)

    def peek(self) -> memoryview:
        """Return the next bytes, at most fragsize of them, without copying; drop() lets go of them. Empty: none."""
        self._check_usable()
        return self.state.fragment()

    def drop(self, size: int | None = None) -> None:
        """Let go of the next bytes; without a size, of what peek() shows."""
        self._check_usable()
        self.state.drop(len(self.state.fragment()) if size is None else size)

    async def flush(self) -> None:
        """Drop all that waits."""
        self._check_usable()
        self.state.flush()
        await self._do(self.state.naming("flush"))

    def time(self) -> int:
        """Return the time of what is captured, or heard, at this moment: microseconds since the beginning."""
        self._check_usable()
        return self.state.time()

    def latency(self) -> int:
        """Return how old the next byte to be read is, in microseconds; below zero: it will be heard then."""
        self._check_usable()
        return self.state.latency()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Return piece after piece, until somebody ends the stream."""
        while True:
            try:
                yield await self.read()
            except StreamKilled:
                return
