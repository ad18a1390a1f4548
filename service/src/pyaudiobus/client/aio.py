"""The client for asyncio, in the same words as the blocking one: `await stream.write(...)`, `async for` events."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

from pyaudiobus.client.aio_streams import AsyncPlayback, AsyncRecord
from pyaudiobus.client.channel import Channel
from pyaudiobus.client.conversation import Answer, Conversation, Request
from pyaudiobus.client.happenings import Happening, Listener, Watcher, close_all
from pyaudiobus.client.mirror import Mirror, subscription
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.recording import Recording
from pyaudiobus.client.stream_state import pcm_wish
from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.model.snapshot import SOURCE
from pyaudiobus.protocol.messages import CreateStream, Named, StreamCreated, Welcome

__all__ = ["AsyncPlayback", "AsyncRecord", "AsyncRemote", "connect", "follow", "play", "record"]


class AsyncRemote:
    """A connection in the running loop. `async with await connect("name") as remote: ...`."""

    welcome: Welcome

    def __init__(self, path: str | None) -> None:
        """Connect. UserError where no daemon listens. connect() says hello as well."""
        self._loop = asyncio.get_running_loop()
        self._channel = Channel(path)
        self._channel.set_blocking(is_blocking=False)
        self._conversation = Conversation()
        self._unsent: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self._lost: PeerError | None = None
        self._news = asyncio.Event()
        self._at_end: list[Callable[[], None]] = []
        self._loop.add_reader(self._channel.fileno(), self._receive)

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._channel.is_open and self._lost is None

    def check(self) -> None:
        """PeerError where the bus is gone; UserError where the connection was closed."""
        if self._lost is not None:
            raise self._lost
        self._channel.check()

    def greeting(self, name: str, properties: dict[str, str]) -> Request:
        """Return the first thing to ask."""
        return self._conversation.greeting(name, properties)

    async def do(self, request: Request) -> Any:  # noqa: ANN401
        """Ask; return the answer's body. Refused, a kind of AudiobusError, where the bus says no."""
        body, unwanted = await self.do_with_descriptors(request)
        close_all(unwanted)
        return body

    async def do_with_descriptors(self, request: Request) -> tuple[Any, tuple[int, ...]]:
        """Ask; return the answer's body and the descriptors that come with it, which are the caller's."""
        answered: asyncio.Future[Answer] = self._loop.create_future()
        self._send(request, lambda answer: self._settle(answered, answer))
        return (await answered).unwrap()

    async def use_rings(self) -> None:
        """Speak through shared memory from now on: cheaper for a program that asks and hears a lot.

        NotSupported where the daemon does not offer it.
        """
        _, descriptors = await self.do_with_descriptors(Request("use-rings"))
        self._loop.remove_reader(self._channel.fileno())
        self._channel.use_rings(descriptors)
        self._conversation.fetch_descriptors(self._channel.fetch_descriptors)
        self._loop.add_reader(self._channel.fileno(), self._receive)
        self._receive()

    def listen(self, serial: int, listener: Listener) -> None:
        """Hand what happens to a stream to a listener instead of keeping it."""
        self._conversation.happenings.listen(serial, listener)

    def unlisten(self, serial: int) -> None:
        """Keep it again."""
        self._conversation.happenings.unlisten(serial)

    def group(self, number: int) -> list[Playing]:
        """Return the list of the streams of a sync group."""
        return self._conversation.groups[number]

    @property
    def watchers(self) -> list[Watcher]:
        """Who is handed what happens to objects and metadata."""
        return self._conversation.happenings.watchers

    def at_end(self, ended: Callable[[], None]) -> None:
        """Have something called when the connection is over."""
        self._at_end.append(ended)

    async def events(self) -> AsyncIterator[Happening]:
        """Return the events that nobody listens to, until the connection is over."""
        while True:
            self._news.clear()
            for happening in self._conversation.happenings.fetch():
                yield happening
            if not self.is_open:
                return
            await self._news.wait()

    def close(self) -> None:
        """End the connection; the daemon removes what belongs to it. Legal twice."""
        self._end(PeerError("the connection to the audio bus was closed"))
        self._conversation.happenings.close()
        self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- the socket ----

    def _settle(self, answered: asyncio.Future[Answer], answer: Answer) -> None:
        if not answered.done():
            answered.set_result(answer)
            return
        close_all(answer.descriptors)  # whoever asked has been cancelled
        if isinstance(answer.body, StreamCreated) and self.is_open:
            self._send(Request("destroy", Named(answer.body.serial)), lambda _: None)

    def _send(self, request: Request, answered: Callable[[Answer], None]) -> None:
        self.check()
        self._unsent.append((self._conversation.ask(request, answered), request.descriptors))
        self._flush()

    def _flush(self) -> None:
        try:
            while self._unsent:
                data, descriptors = self._unsent[0]
                sent = self._channel.send(data, descriptors)
                self._unsent.popleft()
                if sent < len(data):
                    self._unsent.appendleft((data[sent:], ()))
        except BlockingIOError:
            if not self._channel.has_rings:  # room in a ring wakes us as what comes through one does
                self._loop.add_writer(self._channel.fileno(), self._flush)
            return
        except AudiobusError:  # why, the reader will tell
            self._unsent.clear()
        self._loop.remove_writer(self._channel.fileno())

    def _receive(self) -> None:
        try:
            self._conversation.receive(*self._channel.receive())
        except BlockingIOError:
            pass  # a wakeup for what was taken before, or for room
        except PeerError as error:
            self._end(error)
        self._news.set()
        if self._unsent and self.is_open:
            self._flush()

    def _end(self, error: PeerError) -> None:
        if self._lost is not None or not self._channel.is_open:
            return
        self._lost = error
        self._loop.remove_reader(self._channel.fileno())
        self._loop.remove_writer(self._channel.fileno())
        self._conversation.lost(error)
        self._news.set()
        for ended in self._at_end:
            ended()


async def connect(name: str, path: str | None = None, properties: dict[str, str] | None = None) -> AsyncRemote:
    """Connect and say hello. UserError where no daemon listens."""
    remote = AsyncRemote(path)
    try:
        remote.welcome = await remote.do(remote.greeting(name, properties or {}))
    except BaseException:
        remote.close()
        raise
    return remote


async def play(remote: AsyncRemote, form: PcmFormat, name: str, **wish: Any) -> AsyncPlayback:  # noqa: ANN401
    """Make a playback stream; `wish` as the fields of CreateStream."""
    return await play_wish(remote, pcm_wish("playback", form, name, **wish))


async def play_wish(remote: AsyncRemote, wish: CreateStream) -> AsyncPlayback:
    """Make a playback stream as it is wished for."""
    state = Playing(*await remote.do_with_descriptors(Request("create-stream", wish)))
    if wish.sync_group:
        state.join(remote.group(wish.sync_group))
    return AsyncPlayback(remote, state, is_corked=wish.corked)


async def record(
    remote: AsyncRemote,
    form: PcmFormat,
    name: str,
    target: str = "",
    **wish: Any,  # noqa: ANN401
) -> AsyncRecord:
    """Record from a source, from a sink or from one stream; `wish` as the fields of CreateStream."""
    request = Request("create-stream", pcm_wish("record", form, name, target=target, **wish))
    state = Recording(*await remote.do_with_descriptors(request))
    stream = AsyncRecord(remote, state, is_corked=bool(wish.get("corked")))
    heard = await remote.do(Request("get", Named(state.device_serial)))
    state.hears_device = heard.properties.get("media.class") == SOURCE
    return stream


async def follow(remote: AsyncRemote) -> Mirror:
    """Return a mirror that shows the bus as it is, and follows it."""
    mirror = Mirror()
    remote.watchers.append(mirror)
    await remote.do(subscription())
    return mirror
