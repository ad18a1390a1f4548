"""What a compressed sink does when it is due: prefill, refill, try a broken device anew, hold a paused one."""

from __future__ import annotations

from math import inf

from pyaudiobus.errors import DeviceError, DeviceXrun
from pyaudiobus.graph.node import Cycle, Status
from pyaudiobus.model.changes import Mended
from pyaudiobus.nodes.compressed_sink.ending import await_drain, begin_drain, begin_join, end_undrained, ended
from pyaudiobus.nodes.compressed_sink.playback import SILENT, Playback
from pyaudiobus.nodes.compressed_sink.states import SinkEvent, SinkState
from pyaudiobus.nodes.compressed_sink.stream import SinkStream
from pyaudiobus.nodes.compressed_sink.watch import MAX_SLEEP

SEEK_SPACING = 0.1
"""Seconds between two seeks on the device: of those that come faster only the last one reaches it."""


def process(playback: Playback) -> Cycle:
    """Prefill, refill, or see to the drain, whichever is due."""
    playback.signal.clear()
    stream = playback.stream
    if stream is None or playback.state not in _BUSY:
        return Cycle(Status.DRAINED if playback.state is SinkState.DRAINED else Status.STOPPED, inf)
    stream.tally.wakeups += 1
    try:
        return _BUSY[playback.state](playback, stream)
    except DeviceXrun as error:  # which call met it first says nothing to a person
        what = f"{playback.name} broke off: its driver stopped the stream, as after an xrun (EPIPE)"
        return playback.break_off(DeviceXrun(what, errno=error.errno))
    except DeviceError as error:
        return playback.break_off(error)


def glance(playback: Playback) -> float | None:
    """Do what process() does where all is well between two bursts; return the instant of the next call.

    None: there is more to do than to see that the device goes on, and process() is to do it.
    """
    stream, now = playback.stream, playback.clock.now()
    if stream is None or playback.state is not SinkState.RUNNING or now >= stream.watch.low_at or playback.wants_next:
        return None
    before = stream.last_taken
    try:
        taken = stream.taken(stream.ask(now))
    except DeviceError:
        return None
    if not before < taken < stream.feeder.written:
        return None
    stream.watch.is_still(taken, now)
    stream.tally.wakeups += 1
    return min(stream.watch.low_at, now + MAX_SLEEP)


def _prefill(playback: Playback, stream: SinkStream) -> Cycle:
    if not playback.hold.is_held:
        if playback.has_leapt and playback.clock.now() < playback.leapt_at + SEEK_SPACING:
            return Cycle(Status.NEED_DATA, playback.leapt_at + SEEK_SPACING)
        if playback.has_leapt:
            playback.has_leapt, playback.leapt_at = False, playback.clock.now()
        if stream.source.ended:
            return ended(playback, stream)
        playback.hold.take(stream.form, playback.geometry, stream.delay)
    full = playback.fill(stream) or stream.has_prefill or (playback.is_urgent and stream.feeder.written > 0)
    if playback.wants_next:
        return Cycle(Status.HAVE_DATA, playback.clock.now())
    if not full and not stream.source.ended:
        return Cycle(Status.NEED_DATA, inf)
    if stream.feeder.written == 0:
        if not stream.source.ended:
            raise playback.stalled(stream, 0)
        return ended(playback, stream)
    playback.device.start()
    playback.move(SinkEvent.PREFILLED)
    now = playback.clock.now()
    stream.tracker.run(now)
    stream.watch.begin(now)
    if playback.recovery.succeed():
        stream.tally.recoveries += 1
        playback.news.append(Mended(playback.recovery.reason, playback.recovery.attempts))
    return _after_write(playback, stream, stream.taken(stream.ask(now)))


def _await_retry(playback: Playback, stream: SinkStream) -> Cycle:
    if playback.clock.now() < playback.recovery.due:
        return Cycle(Status.NEED_DATA, playback.recovery.due)
    playback.recovery.attempts += 1
    playback.move(SinkEvent.START)
    return _prefill(playback, stream)


def _await_resume(playback: Playback, stream: SinkStream) -> Cycle:
    """Hold; after a time give the device back so that it can sleep."""
    stream.tally.wakeups -= 1
    due = playback.paused_at + playback.suspend_after
    if not stream.is_replayable:
        return Cycle(Status.STOPPED, inf)
    if playback.clock.now() < due:
        return Cycle(Status.STOPPED, due)
    playback.sleep(stream)
    return Cycle(Status.STOPPED, inf)


def _refill(playback: Playback, stream: SinkStream) -> Cycle:
    before = stream.taken(stream.ask(playback.clock.now()))
    if before >= stream.feeder.written and stream.feeder.written:
        stream.tally.underruns += 1
    looked_at = playback.clock.now()  # reading the file may take its time; the device is not to blame for that
    had_work = before < stream.feeder.written
    playback.fill(stream)
    taken = max(before, stream.taken(SILENT))
    has_all = stream.source.ended and taken >= stream.feeder.written and not playback.wants_next
    if not had_work and has_all and playback.quirks.drain_may_hang:
        return end_undrained(playback, stream, taken, looked_at)
    if not had_work:  # it has nothing to take: what comes now is not late by the time that it waited
        stream.watch.begin(looked_at)
    if stream.watch.is_still(taken, looked_at):
        raise playback.stalled(stream, taken)
    return _after_write(playback, stream, taken)


def _after_write(playback: Playback, stream: SinkStream, taken: int) -> Cycle:
    if playback.wants_next:
        return Cycle(Status.HAVE_DATA, playback.clock.now())
    if stream.source.ended:
        return _at_source_end(playback, stream, taken)
    deadline = stream.watch.next_look(taken, stream.feeder.written, playback.clock.now())
    return Cycle(Status.HAVE_DATA, deadline)


def _at_source_end(playback: Playback, stream: SinkStream, taken: int) -> Cycle:
    source = playback.following.source
    cycle = begin_drain(playback, stream, taken) if source is None else begin_join(playback, stream, source, taken)
    return _go_on(playback) if cycle is None else cycle


def _await_drain(playback: Playback, stream: SinkStream) -> Cycle:
    cycle = await_drain(playback, stream)
    return _go_on(playback) if cycle is None else cycle


def _go_on(playback: Playback) -> Cycle:
    """Look after the track that was joined."""
    stream = playback.stream
    assert stream is not None  # noqa: S101  # it was joined
    return _after_write(playback, stream, stream.taken(stream.ask(playback.clock.now(), fresh=0.0)))


_BUSY = {
    SinkState.PREFILLING: _prefill,
    SinkState.RUNNING: _refill,
    SinkState.DRAINING: _await_drain,
    SinkState.PAUSED: _await_resume,
    SinkState.RECOVERING: _await_retry,
}
