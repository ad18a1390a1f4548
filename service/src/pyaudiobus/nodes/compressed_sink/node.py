"""The compressed sink as the graph sees it. Decides nothing about streams.

What plays is in playback.py, what commands do to it in commands.py, what is done when it is due in cycle.py and
ending.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from math import inf

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.devices.compress import AlarmedDevice, CompressDevice, Progress
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import DeviceError, NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Cycle, FixedInput, IoArea, Param, ParamId
from pyaudiobus.graph.source import Source
from pyaudiobus.model.changes import Change
from pyaudiobus.model.choice import Enumeration, Range
from pyaudiobus.model.format import MAX_RATE, EncodedFormat, Format
from pyaudiobus.model.negotiation import EncodedOffer
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.nodes.compressed_sink.commands import COMMANDS, go_on_at, seek
from pyaudiobus.nodes.compressed_sink.cycle import glance, process
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.joining import Following, can_join
from pyaudiobus.nodes.compressed_sink.playback import Playback
from pyaudiobus.nodes.compressed_sink.recovery import Recovery
from pyaudiobus.nodes.compressed_sink.states import SinkState
from pyaudiobus.nodes.compressed_sink.stream import SinkStream

MAX_CHANNELS = 8
SUSPEND_AFTER = 30.0
"""Seconds of a pause after which the device is given back so that the DSP can sleep."""


def longest_pause(*told: int | None) -> float:
    """Return the seconds of a pause after which a device is closed, as the first who says so has it; 0 is for never."""
    said = next((seconds for seconds in told if seconds is not None), SUSPEND_AFTER)
    return said or inf


class CompressedSink(FixedInput):
    """A node that plays one encoded stream on one compress device.

    `process()` is called when its last Cycle said so; it writes a burst and tells when it wants to be
    called again. All device calls come from the caller's thread, except the blocking drain.
    """

    def __init__(
        self,
        device: CompressDevice,
        clock: Clock,
        quirks: Quirks,
        request: RingRequest | None = None,
        routes: AbstractContextManager[object] | None = None,
        *,
        suspend_after: float = SUSPEND_AFTER,
    ) -> None:
        self.playback = Playback(
            device, clock, quirks, request or RingRequest(), routes=routes, suspend_after=suspend_after
        )
        """For the rest of this room."""
        self.name = device.name
        self.signal: Signal = self.playback.signal
        """Raised when process() should be called before its deadline."""
        if isinstance(device, AlarmedDevice):
            device.alarm = self.signal

    @property
    def state(self) -> SinkState:
        """Where it is in its life."""
        return self.playback.state

    # -- params -----------------------------------------------------------------------------------------

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        """List what the port offers; the device is asked once and never while it plays."""
        playback = self.playback
        if param is ParamId.ENUM_FORMAT:
            codecs = playback.quirks.playable(playback.hold.caps().codecs)
            framings = playback.quirks.stream_formats
            shape = Range(1, MAX_RATE), Range(1, MAX_CHANNELS)
            return (EncodedOffer(Enumeration(codecs), *shape, stream_formats=framings),) if codecs else ()
        if param is ParamId.FORMAT:
            return (playback.form,) if playback.form else ()
        if param is ParamId.BUFFERS:
            ring = playback.geometry
            for_kernel = playback.device.copies_in_kernel
            return (BuffersParam(ring.fragment_size, ring.ring_size, for_kernel),) if ring.ring_size else ()
        return (IoArea.BUFFERS, IoArea.CLOCK, IoArea.POSITION)

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Set the format: routes on, device open, SET_PARAMS. None closes the device and restores the routes."""
        if param is not ParamId.FORMAT:
            raise NotSupported(f"{self.name}: {param.value} is read only")
        if value is None:
            self.playback.close()
            return
        if not isinstance(value, EncodedFormat):
            raise UserError(f"{self.name} plays encoded audio; {value} is not")
        self.playback.close()
        self.playback.open(value)

    def use_buffers(self, source: Source | None) -> None:
        """Play from `source` from now on; None stops at once."""
        playback = self.playback
        if source is None:
            playback.abandon()
            return
        form = playback.form
        if form is None:
            raise UserError(f"{self.name} has no format yet")
        if playback.state is not SinkState.CONFIGURED:  # it has played: not every driver survives its own STOP
            playback.close()
            playback.open(form)
        playback.recovery = Recovery()
        playback.is_urgent = False
        playback.stream = SinkStream(playback.device, source, form, playback.geometry, playback.quirks)

    # -- commands ---------------------------------------------------------------------------------------

    def send_command(self, command: Command) -> None:
        """Obey, as SPA has it: Suspend gives the device back, and Start goes on where it was."""
        COMMANDS[command](self.playback)

    def seek(self, seconds: float) -> None:
        """Let the frame at this media time be the next that is heard; what is queued is not heard any more."""
        seek(self.playback, seconds)

    def go_on_at(self, frame: int, floor: float) -> None:
        """Begin at a PCM frame of the stream, at which it left the device before; no earlier time is told than `floor`.

        To be called between use_buffers() and the start.
        """
        go_on_at(self.playback, frame, floor)

    def begin(self) -> None:
        """Have the device started with what there is, though its ring is not full."""
        self.playback.is_urgent = True

    def expect_next(self) -> None:
        """Ask from now on what follows (wants_next) before a stream ends."""
        self.playback.following = Following(is_asked_for=True)

    @property
    def wants_next(self) -> bool:
        """Whether all of the stream was written, and follow() has not told what comes behind it."""
        return self.playback.wants_next

    @property
    def must_drain_at_once(self) -> bool:
        """Whether it must be certain, when a stream's last bytes are written, what becomes of it then."""
        return self.playback.quirks.drain_may_hang

    def follow(self, source: Source | None, form: Format | None) -> bool:
        """Let another stream follow without a stop, if its format allows that; with None nothing follows."""
        playback, encoded = self.playback, form if isinstance(form, EncodedFormat) else None
        stream = playback.stream
        fits = stream is not None and encoded is not None and can_join(stream.form, encoded, playback.quirks)
        playback.following.tell(source if fits else None, encoded)
        return fits

    # -- the cycle --------------------------------------------------------------------------------------

    def process(self) -> Cycle:
        """Prefill, refill, or see to the drain, whichever is due."""
        return process(self.playback)

    def glance(self) -> float | None:
        """Do what process() does where all is well between two bursts; return the instant of the next call.

        None: there is more to do than to see that the device goes on, and process() is to do it.
        """
        return glance(self.playback)

    # -- what can be asked at any time ------------------------------------------------------------------

    def position(self, fresh: float = 0.0) -> Position:
        """Media time being heard now, or to be heard next while nothing is; of a device asked so many seconds ago."""
        return self.playback.position(fresh)

    def reading(self, fresh: float = 0.0) -> tuple[Position, Progress]:
        """The same, and what the device said of itself."""
        return self.playback.reading(fresh)

    def queued(self) -> tuple[int, int]:
        """Bytes in the ring now, and bytes it can hold."""
        return self.playback.queued()

    def latency(self) -> float:
        """Seconds of sound that are queued and not heard."""
        return self.playback.latency()

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        return self.playback.counters()

    def consumed(self) -> tuple[Source | None, int]:
        """What the device is fed from at present, and how many bytes of it the device took."""
        stream = self.playback.stream
        return (None, 0) if stream is None else (stream.source, stream.last_taken)

    def next_frame(self) -> int:
        """Return the PCM frame of the stream that is to be heard next, as well as the device tells."""
        stream = self.playback.stream
        return 0 if stream is None else self.playback.due(stream, stalled=False)

    def news(self) -> tuple[Change, ...]:
        """What has become of the stream since the last call."""
        playback = self.playback
        if not playback.news:
            return ()
        news, playback.news = tuple(playback.news), []
        return news

    @property
    def is_open(self) -> bool:
        """Whether its device is open."""
        return self.playback.hold.is_held

    def is_free(self) -> bool:
        """Try whether its device could be opened now; it must not be in use here."""
        device = self.playback.device
        try:
            device.open()
        except DeviceError:
            return False
        device.close()
        return True

    def progress(self) -> Progress:
        """What the device says of itself; nothing while it does not play."""
        return self.playback.progress()

    def now(self) -> float:
        """The instant it is by the clock of its deadlines."""
        return self.playback.clock.now()

    def elapsed(self) -> float:
        """Seconds the device has been playing this stream, by our clock."""
        stream = self.playback.stream
        return 0.0 if stream is None else stream.tracker.elapsed(self.now())

    def fragment_size(self) -> int:
        """Bytes of one fragment; 0 before a format is set."""
        return self.playback.geometry.fragment_size
