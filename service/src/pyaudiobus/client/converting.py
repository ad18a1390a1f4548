"""Streams of any PCM format on a bus that wants another: converted here, in the program. Imports FFmpeg (PyAV)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pyaudiobus.client.bus import RATES
from pyaudiobus.client.playback import PlaybackStream
from pyaudiobus.client.record import RecordStream
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.stream_state import pcm_wish
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.media.decode.convert import Converter
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import Code, CreateStream
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Made = TypeVar("Made", PlaybackStream, RecordStream)


class ConvertedPlayback(PlaybackStream):
    """A stream that plays what it is given at another rate. Sizes are those of the program's format.

    `attributes`, `queue` and `timing()` are the stream's on the bus.
    """

    def __init__(self, remote: Remote, form: PcmFormat, wish: CreateStream) -> None:
        """Create it; `form` is the program's format. Refused where the bus says no."""
        super().__init__(remote, wish)
        self._form = form
        self._converter = Converter(form, self.state.format)

    @property
    def format(self) -> PcmFormat:
        """What write() takes."""
        return self._form

    def write(self, data: Buffer) -> None:
        """Convert and write all, sleeping while the bus has enough."""
        super().write(self._converter.convert(memoryview(data).cast("B")))

    def write_at(self, *_: object, **__: object) -> bool:
        """Refuse: what is converted has no place of its own."""
        raise NotSupported("a converted stream cannot be written at a place; offer a rate that the sink takes")

    def wait_writable(self, timeout: float | None = None) -> int:
        """Sleep until the bus wants some; return how much of the program's bytes."""
        return self._own(super().wait_writable(timeout))

    def writable(self) -> int:
        """Return how many of the program's bytes the bus wants now."""
        return self._own(super().writable())

    def flush(self) -> None:
        """Drop all that waits."""
        self._converter.finish()
        super().flush()

    def drain(self) -> None:
        """Write what the converter holds; return when all has been heard."""
        super().write(self._converter.finish())
        super().drain()

    def _own(self, size: int) -> int:
        bus = self.state.format
        frames = size // bus.frame_size
        return -(-frames * self._form.rate // bus.rate) * self._form.frame_size


class ConvertedRecord(RecordStream):
    """A stream that records at another rate, or in another number of channels, than what is heard."""

    def __init__(self, remote: Remote, form: PcmFormat, wish: CreateStream) -> None:
        """Create it; `form` is the program's format. Refused where the bus says no."""
        super().__init__(remote, wish)
        self._form = form
        self._converter = Converter(self.state.format, form)
        self._ready = bytearray()

    @property
    def format(self) -> PcmFormat:
        """What read() returns."""
        return self._form

    def read(self, size: int | None = None) -> bytes:
        """Return `size` bytes of the program's format, or what comes next."""
        wanted = self._form.frame_size if size is None else size - size % self._form.frame_size
        while len(self._ready) < wanted:
            self._ready += self._converter.convert(super().read())
        taken = bytes(self._ready[: None if size is None else wanted])
        del self._ready[: len(taken)]
        return taken

    def peek(self) -> memoryview:
        """Refuse: what is converted is not in shared memory."""
        raise NotSupported("a converted stream has nothing to look at; read() it")

    def drop(self, size: int | None = None) -> None:  # noqa: ARG002
        """Refuse, as peek()."""
        raise NotSupported("a converted stream has nothing to drop; flush() drops all")

    def flush(self) -> None:
        """Drop all that waits."""
        self._converter.finish()
        self._ready.clear()
        super().flush()


def play_converted(remote: Remote, form: PcmFormat, name: str, **wish: Any) -> PlaybackStream:  # noqa: ANN401
    """Make a playback stream of any format, converted only where the sink does not take it as it is.

    `wish` as the fields of CreateStream; attributes are bytes of the program's format.
    """

    def create(bus: PcmFormat, attributes: Attributes) -> PlaybackStream:
        whole = pcm_wish("playback", bus, name, **{**wish, "attributes": attributes})
        return PlaybackStream(remote, whole) if bus == form else ConvertedPlayback(remote, form, whole)

    return _first_that_fits(create, form, wish.get("attributes", Attributes()))


def record_converted(remote: Remote, form: PcmFormat, name: str, target: str = "", **wish: Any) -> RecordStream:  # noqa: ANN401
    """Make a record stream of any format, converted where what is heard has another rate or number of channels."""

    def create(bus: PcmFormat, attributes: Attributes) -> RecordStream:
        whole = pcm_wish("record", bus, name, target=target, **{**wish, "attributes": attributes})
        return ConvertedRecord(remote, form, whole)

    return _first_that_fits(create, form, wish.get("attributes", Attributes()))


def _first_that_fits(create: Callable[[PcmFormat, Attributes], Made], form: PcmFormat, attributes: Attributes) -> Made:
    """Try the program's own rate, then the others. Refused in the words for the first."""
    refused: Refused | None = None
    for rate in (form.rate, *(rate for rate in RATES if rate != form.rate)):
        bus = form.replace(rate=rate)
        try:
            return create(bus, _scaled(attributes, form, bus))
        except Refused as error:
            if error.code is not Code.INVALID:
                raise
            refused = refused or error
    raise refused or UserError(f"no rate fits {form}")


def _scaled(attributes: Attributes, form: PcmFormat, bus: PcmFormat) -> Attributes:
    """Return attributes in the bytes of another format, rounded up to frames; what is left open stays so."""
    sizes = (attributes.maxlength, attributes.tlength, attributes.prebuf, attributes.minreq, attributes.fragsize)
    return Attributes(*(size if size <= 0 else -(-size * bus.rate // form.rate) for size in sizes))
