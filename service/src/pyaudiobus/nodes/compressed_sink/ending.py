"""How a stream ends on the device: by a drain, by itself, or by the next one that follows without a stop."""

from __future__ import annotations

from contextlib import suppress
from math import inf

from pyaudiobus.devices.compress import Progress
from pyaudiobus.errors import DeviceError, DeviceLost
from pyaudiobus.graph.node import Cycle, Status
from pyaudiobus.graph.source import Source
from pyaudiobus.model.changes import Joined, Troubled
from pyaudiobus.nodes.compressed_sink.joining import ROUNDED, SOON, STANDS, Join, announce
from pyaudiobus.nodes.compressed_sink.playback import Playback
from pyaudiobus.nodes.compressed_sink.states import SinkEvent
from pyaudiobus.nodes.compressed_sink.stream import Origin, SinkStream
from pyaudiobus.nodes.compressed_sink.watch import DRAIN_MARGIN, MAX_SLEEP
from pyaudiobus.nodes.drain import DrainWorker


def end_undrained(playback: Playback, stream: SinkStream, taken: int, now: float) -> Cycle:
    """Let it end when what the device took was heard: a drain that begins now might not."""
    told = stream.ask(now)
    left = stream.unheard(told, now)
    if left:  # the device may be behind our clock
        left += stream.doubt(told, now)
    if left > SOON:
        if stream.watch.is_still(taken, now):
            raise playback.stalled(stream, taken)
        return Cycle(Status.HAVE_DATA, now + left)
    playback.move(SinkEvent.SOURCE_ENDED)
    return ended(playback, stream)


def begin_drain(playback: Playback, stream: SinkStream, taken: int) -> Cycle | None:
    """Drain at once: on q6asm a drain asked for after the last fragment was played never ends."""
    left = stream.watch.at_most(max(0, taken - 2 * playback.geometry.fragment_size), stream.feeder.written)
    playback.watchdog = playback.clock.now() + 1.1 * left + DRAIN_MARGIN
    playback.move(SinkEvent.SOURCE_ENDED)
    playback.drain = DrainWorker(playback.device, playback.clock, playback.signal)
    return await_drain(playback, stream)


def begin_join(playback: Playback, stream: SinkStream, source: Source, taken: int) -> Cycle | None:
    """Announce the next track, write some of it where the driver takes it now, and wait for the end of this one."""
    if playback.clock.now() < stream.settled_at:
        return Cycle(Status.HAVE_DATA, stream.settled_at)
    if playback.join is None:
        form = playback.following.form or stream.form
        origin = Origin(stream.origin.taken + stream.feeder.written)
        device, quirks, ring = playback.device, playback.quirks, playback.geometry
        playback.join = Join(SinkStream(device, source, form, ring, quirks, follows=origin))
        if not announce(device, quirks, stream, playback.join.following, ring):
            playback.join = None
            playback.following.tell(None, None)
            return begin_drain(playback, stream, taken)
    following = playback.join.following
    if playback.quirks.write_before_partial_drain:
        following.feeder.fill(keeps_end=True)
        if not following.feeder.written and following.feeder.left > playback.geometry.fragment_size:
            wait = stream.watch.seconds(taken, taken + playback.geometry.fragment_size) / 2
            return Cycle(Status.HAVE_DATA, playback.clock.now() + max(wait, 0.01))
    left = stream.watch.at_most(max(0, taken - 2 * playback.geometry.fragment_size), stream.feeder.written)
    playback.watchdog = playback.clock.now() + 1.1 * left + DRAIN_MARGIN
    playback.move(SinkEvent.SOURCE_ENDED)
    playback.drain = DrainWorker(playback.device, playback.clock, playback.signal, playback.device.partial_drain)
    return await_drain(playback, stream)


def await_drain(playback: Playback, stream: SinkStream) -> Cycle | None:
    """See whether it is over; None: the next track is what is heard now, and is to be looked after."""
    worker = playback.drain
    if worker is None or worker.finished:
        if worker is not None:
            worker.join()
            if worker.came_too_late:
                playback.drain = DrainWorker(playback.device, playback.clock, playback.signal, worker.drain)
                return await_drain(playback, stream)
            if worker.error is not None:
                raise worker.error
            playback.device.avail()  # an xrun ends a drain with success too, and shows here
            if playback.join is not None:
                return _cross(playback, stream, playback.join, worker.ended_at)
            _check_all_taken(playback, stream)
        return ended(playback, stream)
    now = playback.clock.now()
    taken = stream.taken(stream.ask(now, fresh=0.0))
    if now >= playback.watchdog:
        return _give_up_drain(playback, stream, taken)
    return Cycle(Status.HAVE_DATA, min(playback.watchdog, now + MAX_SLEEP))


def _cross(playback: Playback, stream: SinkStream, join: Join, ended_at: float) -> Cycle | None:
    """Feed the next track; turn to it when the present one was heard, which the driver may not have waited for."""
    now = playback.clock.now()
    told = stream.ask(now, fresh=0.0)
    left = join.feed(stream.unheard(told, now), stream.doubt(told, now), now - ended_at)
    if not left:
        _join(playback, stream, join)
        return None
    if not join.has_moved(told, now) and told.rendered is not None:
        if left * told.rate < ROUNDED:  # it has nothing more to render
            _join(playback, stream, join)
            return None
        if now >= playback.watchdog:
            raise playback.stalled(stream, stream.taken(told))
        left = max(left, STANDS)
    return Cycle(Status.HAVE_DATA, min(join.next_look(left, now), max(playback.watchdog, now + STANDS)))


def _join(playback: Playback, stream: SinkStream, join: Join) -> None:
    """Turn to the next track, whose first frame is due."""
    following = join.following
    playback.drain, playback.join, playback.watchdog = None, None, inf
    playback.move(SinkEvent.JOINED)
    told = playback.device.progress()
    heard = stream.origin.rendered + stream.audible * max(told.rate, 1) // stream.form.rate
    following.origin.rendered = heard if told.rendered is None else min(heard, told.rendered)
    stream.last_taken = stream.feeder.written
    counters = playback.counters()
    playback.stream, playback.form = following, following.form
    playback.following.forget()
    following.tally.wakeups += 1
    try:
        playback.fill(following)
    finally:  # if that fails, it is the next track that is in trouble
        now = playback.clock.now()
        playback.news.append(Joined(counters, join.gap))
    join.begin(now)


def _give_up_drain(playback: Playback, stream: SinkStream, taken: int) -> Cycle:
    """End a drain that does not: what the DSP had taken long enough ago was heard, though it does not say so."""
    error = playback.stalled(stream, taken)
    if not stream.is_replayable or not stream.is_all_heard(playback.clock.now()):
        raise error
    playback.news.append(
        Troubled(f"{playback.name} does not end its drain; all of it was taken, and had time to be heard")
    )
    playback.give_back()
    return ended(playback, stream)


def _check_all_taken(playback: Playback, stream: SinkStream) -> None:
    """Tell a drain that was cut short: some drivers end it with success when their card goes away."""
    now = playback.clock.now()
    progress = stream.ask(now, fresh=-1.0)
    told = progress.taken
    if told is None:
        return
    if told < stream.last_taken:  # it counts anew after a drain, or has forgotten all because it is gone
        told = stream.last_taken if stream.tracker.lacks_time(now) else stream.feeder.written
    left = stream.feeder.written - told
    if left >= playback.geometry.fragment_size or stream.falls_short(progress, now):
        raise DeviceLost(
            f"{playback.name} ended the drain before everything was played",
            facts=[
                f"it had taken {told} of {stream.feeder.written} bytes",
                f"and rendered {progress.rendered or 0} of about {stream.audible} frames",
            ],
            advice="See whether the device is still there (audiobus devices), and look at its log (dmesg).",
        )


def ended(playback: Playback, stream: SinkStream) -> Cycle:
    """Let it be over: all that there was of it was heard."""
    with suppress(DeviceError):  # everything was heard; what it says of that is for the counters only
        told = stream.ask(playback.clock.now(), fresh=-1.0).taken
        stream.taken(Progress(stream.feeder.written if told is None else told, None, 0))
    stream.tracker.finish()
    playback.move(SinkEvent.DEVICE_DRAINED)
    return Cycle(Status.DRAINED, inf)
