"""The PCM sink: plays decoded frames on ALSA, into a file or into nothing. Converts no formats."""

from __future__ import annotations

from contextlib import suppress
from math import inf

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.devices.pcm import PcmOutput
from pyaudiobus.errors import DeviceError, DeviceStalled, NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Cycle, FixedInput, IoArea, Param, ParamId, Status
from pyaudiobus.graph.source import ReplayableSource, Source
from pyaudiobus.model.changes import Change, Joined
from pyaudiobus.model.format import Format, PcmFormat
from pyaudiobus.model.negotiation import PcmOffer
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.nodes.drain import DrainWorker
from pyaudiobus.nodes.pcm_tracks import PcmTrack, PcmTracks

CHUNK_SECONDS = 0.5
"""What one write hands on at most."""
DRAIN_MARGIN = 3.0
"""Seconds a drain may last longer than the sound that is left."""
STILL_SECONDS = 2.0
"""A device that takes nothing for its buffer's time and this much longer has stalled."""


class PcmSink(FixedInput):
    """A node that plays one PCM stream on one output; driven like the compressed sink, by process() and its Cycle."""

    def __init__(self, output: PcmOutput, clock: Clock) -> None:
        self.name = output.name
        self.signal: Signal = clock.signal()
        """Raised when process() should be called before its deadline."""
        self._output = output
        self._clock = clock
        self._form: PcmFormat | None = None
        self._tracks = PcmTracks()
        self._drain: DrainWorker | None = None
        self._news: list[Change] = []
        self._begin()

    def _begin(self) -> None:
        self._playing = False
        self._drained = False
        self._written = 0
        self._wakeups = 0
        self._last = 0.0
        self._watchdog = inf
        self._took_at = self._clock.now()

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        """List what the port offers."""
        if param is ParamId.ENUM_FORMAT:
            output = self._output
            return (PcmOffer(output.encodings(), output.rates(), output.channels()),)
        if param is ParamId.FORMAT:
            return (self._form,) if self._form else ()
        if param is ParamId.BUFFERS:
            form = self._form
            return (BuffersParam(form.frame_size, self._output.capacity() * form.frame_size),) if form else ()
        return (IoArea.BUFFERS, IoArea.CLOCK, IoArea.POSITION)

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Set the format, which opens the output; None closes it."""
        if param is not ParamId.FORMAT:
            raise NotSupported(f"{self.name}: {param.value} is read only")
        self.use_buffers(None)
        self._output.close()
        self._form = None
        if value is None:
            return
        if not isinstance(value, PcmFormat):
            raise UserError(f"{self.name} plays PCM; {value} is not")
        self._output.open(value)
        self._form = value

    def use_buffers(self, source: Source | None) -> None:
        """Play from `source` from now on; None stops at once."""
        if source is None:
            self._stop()
            self._tracks = PcmTracks()
            self._news.clear()
        elif self._form is None:
            raise UserError(f"{self.name} has no format yet")
        self._begin()
        self._tracks.begin(None if source is None else PcmTrack(source))

    def send_command(self, command: Command) -> None:
        """Start, pause, suspend."""
        if command is Command.START:
            if self._written and not self._playing:
                self._output.resume()
            self._playing = True
            self._took_at = self._clock.now()
            self.signal.set()
        elif command is Command.PAUSE:
            if self._drain is not None and not self._drained:  # a drain goes on whatever happens: begin anew later
                self.seek(self.position().seconds)
            elif self._written:
                self._output.pause()
            self._playing = False
        elif command is Command.SUSPEND:
            self.set_param(ParamId.FORMAT, None)
        else:
            raise NotSupported(f"{self.name} does not do {command.value}")

    def seek(self, seconds: float) -> None:
        """Let the frame at this media time be the next that is heard. NotSupported where the source comes once only."""
        heard, form = self._tracks.heard, self._form
        source = None if heard is None else heard.source
        if form is None or not isinstance(source, ReplayableSource):
            raise NotSupported(f"{self.name} cannot seek in what it plays: it comes once only")
        frame, is_playing, wakeups = round(max(0.0, seconds) * form.rate), self._playing, self._wakeups
        self._stop()
        self._output.close()
        self._output.open(form)
        self._begin()
        self._tracks.begin(PcmTrack(source.passage(frame, settled=False).source, first=frame))
        self._last = frame / form.rate
        self._playing, self._wakeups = is_playing, wakeups
        self.signal.set()

    def expect_next(self) -> None:
        """Ask from now on what follows (wants_next) when a stream ends."""
        self._tracks.is_asked_for = True

    @property
    def wants_next(self) -> bool:
        """Whether all of the stream was written, and follow() has not told what comes behind it."""
        return self._tracks.wants_next

    def follow(self, source: Source | None, form: Format | None) -> bool:
        """Let another stream follow without a stop, if it is of the same form; with None nothing follows."""
        fits = source is not None and form == self._form
        self._tracks.tell(source if fits else None)
        return fits

    def process(self) -> Cycle:
        """Write what fits, or see to the drain."""
        self.signal.clear()
        track, form = self._tracks.written, self._form
        if track is None or form is None or not self._playing:
            return Cycle(Status.STOPPED, inf)
        if self._drained:
            return Cycle(Status.DRAINED, inf)
        self._wakeups += 1
        if self._drain is not None:
            return self._await_drain(self._drain)
        if self._tracks.behind is not None and self._unheard(self._tracks.behind, form) <= 0:
            self._turn()
        cycle = self._fill(track, form)
        behind = self._tracks.behind
        if behind is None or self._drain is not None:
            return cycle
        turn = self._clock.now() + max(0, self._unheard(behind, form)) / form.rate
        return Cycle(Status.HAVE_DATA, min(cycle.deadline, turn))

    def _unheard(self, behind: PcmTrack, form: PcmFormat) -> int:
        """PCM frames that are to be heard before the first of a stream."""
        return self._output.queued() - (self._written - behind.begin) // form.frame_size

    def _turn(self) -> None:
        """Let the stream that follows be the one that is heard."""
        behind = self._tracks.behind
        assert behind is not None  # noqa: S101  # asked by the caller
        heard = self._tracks.heard
        size = behind.begin - (0 if heard is None else heard.begin)
        self._news.append(Joined(Counters(size, size, self._wakeups, self._output.xruns())))
        self._tracks.turn()
        self._wakeups, self._last = 0, 0.0

    def _fill(self, track: PcmTrack, form: PcmFormat) -> Cycle:
        chunk_size = int(CHUNK_SECONDS * form.rate) * form.frame_size
        while True:
            chunk = track.source.peek(chunk_size)
            if not len(chunk):
                return self._at_source_end(form) if track.source.ended else Cycle(Status.NEED_DATA, inf)
            taken = self._output.write(chunk)
            self._written += taken
            track.source.advance(taken)
            now = self._clock.now()
            if taken:
                self._took_at = now
            if not self._output.paced():
                return Cycle(Status.HAVE_DATA, now)
            if taken < len(chunk):
                return self._look_again(form, now)

    def _at_source_end(self, form: PcmFormat) -> Cycle:
        """Ask what follows and write it; where one waits for its turn already, wait with it; else drain."""
        tracks = self._tracks
        if tracks.ask() or tracks.follow_on(self._written) or tracks.wants_next:
            return Cycle(Status.HAVE_DATA, self._clock.now())
        if tracks.behind is not None:
            return Cycle(Status.HAVE_DATA, inf)
        return self._begin_drain(form)

    def _look_again(self, form: PcmFormat, now: float) -> Cycle:
        """Come back when half of the output's buffer was heard."""
        buffer_seconds = self._output.capacity() / form.rate
        if now - self._took_at > buffer_seconds + STILL_SECONDS:
            raise self._stalled()
        spare = self._output.queued() - self._output.capacity() // 2
        return Cycle(Status.HAVE_DATA, now + max(spare / form.rate, 0.01))

    def _begin_drain(self, form: PcmFormat) -> Cycle:
        if not self._written:
            return self._ended()
        self._watchdog = self._clock.now() + self._output.queued() / form.rate + DRAIN_MARGIN
        self._drain = DrainWorker(self._output, self._clock, self.signal)
        return self._await_drain(self._drain)

    def _await_drain(self, worker: DrainWorker) -> Cycle:
        if worker.finished:
            worker.join()
            if worker.error is not None:
                raise worker.error
            return self._ended()
        if self._clock.now() >= self._watchdog:
            raise self._stalled()
        return Cycle(Status.HAVE_DATA, self._watchdog)

    def _ended(self) -> Cycle:
        self._drained = True
        return Cycle(Status.DRAINED, inf)

    def position(self) -> Position:
        """Media time being heard now."""
        form = self._form
        if form is None:
            return Position(0.0, 0.0)
        heard, behind = self._tracks.heard, self._tracks.behind
        if heard is None:
            return Position(self._last, 0.0)
        waiting = 0 if self._drained else self._output.queued()
        frames = (self._written - heard.begin) // form.frame_size - waiting
        if behind is not None:
            frames = min(frames, (behind.begin - heard.begin) // form.frame_size)
        self._last = max(self._last, (heard.first + frames) / form.rate)
        return Position(self._last, 0.0)

    def queued(self) -> tuple[int, int]:
        """Bytes in the output's buffer now, and bytes it can hold."""
        form = self._form
        if form is None:
            return 0, 0
        return self._output.queued() * form.frame_size, self._output.capacity() * form.frame_size

    def latency(self) -> float:
        """Seconds of sound that are queued and not heard."""
        return 0.0 if self._form is None or self._drained else self._output.queued() / self._form.rate

    def fragment_size(self) -> int:
        """Bytes of one frame: a PCM output takes any number of them."""
        return self._form.frame_size if self._form else 0

    def news(self) -> tuple[Change, ...]:
        """What has become of the stream since the last call."""
        news, self._news = tuple(self._news), []
        return news

    def counters(self) -> Counters:
        """What the stream has cost and carried, in PCM bytes."""
        heard, queued = self._tracks.heard, 0 if self._drained else self.queued()[0]
        sent = self._written - (0 if heard is None else heard.begin)
        return Counters(sent, max(0, sent - queued), self._wakeups, self._output.xruns())

    def _stop(self) -> None:
        if self._written and not self._drained:
            with suppress(DeviceError):  # it may be gone already: closing is all that is left
                self._output.drop()
        if self._drain is not None:
            self._drain.join()
            self._drain = None
        self._tracks.begin(None)

    def _stalled(self) -> DeviceStalled:
        return DeviceStalled(
            f"{self.name} stopped taking frames",
            facts=[f"{self._output.queued()} frames are queued and stay there"],
            advice="Look for what holds the sound card (fuser -v /dev/snd/*), or choose another with --pcm.",
        )
