"""A connection to the daemon that blocks: one thread asks, waits, and hears of events while it does."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pyaudiobus.client.channel import Channel
from pyaudiobus.client.conversation import Answer, Conversation, Request
from pyaudiobus.client.happenings import Happening, Listener, Watcher, close_all
from pyaudiobus.errors import PeerError
from pyaudiobus.protocol.messages import Nothing, Welcome
from pyaudiobus.protocol.words import Body

if TYPE_CHECKING:
    from pyaudiobus.client.playing import Playing

__all__ = ["Happening", "Remote"]


_NOTHING = Nothing()


class Remote:
    """A connection. Not to be shared between threads, nor with a forked child."""

    def __init__(self, name: str, path: str | None = None, properties: dict[str, str] | None = None) -> None:
        """Connect and say hello. UserError where no daemon listens."""
        self._channel = Channel(path)
        self._conversation = Conversation()
        self._poll, self._polled = select.poll(), tuple[int, ...]()
        """What is polled at present."""
        try:
            self.welcome: Welcome = self.do(self._conversation.greeting(name, properties or {}))
        except BaseException:
            self.close()
            raise

    @property
    def is_open(self) -> bool:
        """Whether it can be used: it was not closed, and this is not a child of the process that made it."""
        return self._channel.is_open

    @property
    def features(self) -> frozenset[str]:
        """What the bus offers besides what every bus does: "samples", "buffers"."""
        return self._conversation.features

    def check(self) -> None:
        """UserError where it cannot be used."""
        self._channel.check()

    def fileno(self) -> int:
        """Return the descriptor to poll for reading; then call wait(timeout=0)."""
        return self._channel.fileno()

    def use_rings(self) -> None:
        """Speak through shared memory from now on: cheaper for a program that asks and hears a lot.

        What fileno() returns is another descriptor then. NotSupported where the daemon does not offer it.
        """
        _, descriptors = self._call(Request("use-rings"))
        self._channel.use_rings(descriptors)
        self._conversation.fetch_descriptors(self._channel.fetch_descriptors)
        self._conversation.receive(*self._channel.receive_now())

    # ---- asking ----

    def do(self, request: Request) -> Any:  # noqa: ANN401
        """Ask, and wait for the answer's body. Refused, a kind of AudiobusError, where the bus says no."""
        return self.ask(request.name, request.body, request.descriptors)

    def ask(self, request: str, body: Body | None = None, descriptors: tuple[int, ...] = ()) -> Any:  # noqa: ANN401
        """Do the same by the request's name.

        Through rings there is as little between the question and its answer as can be; the unusual goes a longer way.
        """
        if descriptors or not self._channel.has_rings:
            return self._asked(Request(request, body or _NOTHING, descriptors))
        sequence, data = self._conversation.ask_now(request, body or _NOTHING)
        try:
            came = self._channel.ask(data)
        except PeerError as error:
            raise self._last_words(error) from None
        if came is not None and (reply := self._conversation.reply(sequence, came)) is not None:
            return reply
        return self._asked_already(sequence, data, came)

    def ask_with_descriptors(
        self, request: str, body: Body | None = None, descriptors: tuple[int, ...] = ()
    ) -> tuple[Any, tuple[int, ...]]:
        """Ask, and wait for the answer and the descriptors that come with it, which are the caller's."""
        return self._call(Request(request, body or Nothing(), descriptors))

    def ask_later(self, request: str, body: Body, answered: Callable[[Any], None]) -> None:
        """Ask, and go on; `answered` is called from wait() with the body or the error."""
        self._send(Request(request, body), lambda answer: answered(answer.body))

    def ask_for_descriptors(self, request: str, body: Body, answered: Callable[[Answer], None]) -> None:
        """Ask, and go on; `answered` is called from wait() with the answer and its descriptors, which it owns then."""
        self._send(Request(request, body), answered)

    # ---- hearing ----

    def listen(self, serial: int, listener: Listener) -> None:
        """Hand what happens to a stream to a listener instead of keeping it. Listeners may ask."""
        self._conversation.happenings.listen(serial, listener)

    def unlisten(self, serial: int) -> None:
        """Keep it again."""
        self._conversation.happenings.unlisten(serial)

    def group(self, number: int) -> list[Playing]:
        """Return the list of the streams of a sync group."""
        return self._conversation.groups[number]

    @property
    def watchers(self) -> list[Watcher]:
        """Who is handed what happens to objects and metadata; without any it is kept for happenings()."""
        return self._conversation.happenings.watchers

    def happenings(self) -> list[Happening]:
        """Fetch the events that have arrived and had no listener."""
        return self._conversation.happenings.fetch()

    def wait(self, others: Iterable[int] = (), timeout: float | None = None) -> bool:
        """Sleep until something arrives, here or on one of the other descriptors, and take what came here.

        `timeout` is in seconds. False: the time is up. PeerError where the bus is gone.
        """
        return bool(self.ready(others, timeout))

    def ready(self, others: Iterable[int], timeout: float | None = None) -> list[int]:
        """Do the same, and return the descriptors on which something arrived."""
        own = self._channel.fileno()
        polled = (own, *others)
        if polled != self._polled:
            self._poll, self._polled = select.poll(), polled
            for descriptor in polled:
                self._poll.register(descriptor, select.POLLIN)
        ready = [found[0] for found in self._poll.poll(None if timeout is None else max(0, timeout) * 1000)]
        if own in ready:
            self._receive(self._channel.receive_now)
        return ready

    def close(self) -> None:
        """End the connection; the daemon removes what belongs to it. Legal twice."""
        if self._channel.is_open:
            self._channel.close()
            self._conversation.lost(PeerError("the connection to the audio bus was closed"))
            self._conversation.happenings.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- the socket, or rings ----

    def _asked(self, request: Request) -> Any:  # noqa: ANN401
        body, unwanted = self._call(request)
        close_all(unwanted)
        return body

    def _asked_already(self, sequence: int, data: bytes, came: bytes | None) -> Any:  # noqa: ANN401
        """Go on with what was said through a ring, or (None) was not, and was not answered by one reply alone."""
        answers: list[Answer] = []
        self._conversation.expect(sequence, answers.append)
        if came is None:
            self._send_all(data, ())
        self._conversation.receive(came or b"")
        found, unwanted = self._answer(answers)
        close_all(unwanted)
        return found

    def _call(self, request: Request) -> tuple[Any, tuple[int, ...]]:
        answers: list[Answer] = []
        self._send(request, answers.append)
        self._conversation.receive()  # where a listener asks, answers may wait behind the event that it heard
        return self._answer(answers)

    def _answer(self, answers: list[Answer]) -> tuple[Any, tuple[int, ...]]:
        while not answers:
            self._receive()
        return answers[0].unwrap()

    def _send(self, request: Request, answered: Callable[[Answer], None]) -> None:
        self._channel.check()
        self._send_all(self._conversation.ask(request, answered), request.descriptors)

    def _send_all(self, data: bytes, descriptors: tuple[int, ...]) -> None:
        try:
            while data:
                data = data[self._channel.send(data, descriptors) :]
                descriptors = ()
        except PeerError as error:
            raise self._last_words(error) from None

    def _receive(self, receive: Callable[[], tuple[bytes, tuple[int, ...]]] | None = None) -> None:
        try:
            data, descriptors = (receive or self._channel.receive)()
        except PeerError as error:
            self._conversation.lost(error)
            raise
        self._conversation.receive(data, descriptors)

    def _last_words(self, error: PeerError) -> PeerError:
        """Return why the bus hung up, if it has said so, else the error of sending."""
        try:
            while True:
                self._conversation.receive(*self._channel.receive())
        except PeerError as last:
            found = last if "says" in last.what else error
        self._conversation.lost(found)
        return found
