"""What a compressed sink obeys: start, pause, suspend, seek, flush, end."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.errors import DeviceError, NotSupported, UserError
from pyaudiobus.graph.node import Command
from pyaudiobus.nodes.compressed_sink.playback import Playback
from pyaudiobus.nodes.compressed_sink.states import KEEPS_PLACE, SinkEvent, SinkState


def seek(playback: Playback, seconds: float) -> None:
    """Let the frame at this media time be the next that is heard; what is queued is not heard any more."""
    stream = playback.replayable("seek")
    form = stream.form
    frame = form.lead + round(max(0.0, seconds) * form.rate)
    if seconds >= stream.tracker.duration:
        frame = max(frame, stream.whole.index.total_frames)
    playback.give_back()
    playback.move(SinkEvent.LEAP)
    playback.following.forget()
    playback.enter(stream, frame, floor=None)
    playback.recovery.leap(seconds)
    playback.has_leapt = True
    playback.signal.set()


def go_on_at(playback: Playback, frame: int, floor: float) -> None:
    """Begin at a PCM frame of the stream, at which it left the device before; no earlier time is told than `floor`.

    To be called between use_buffers() and the start.
    """
    stream = playback.replayable("go on")
    playback.give_back()
    playback.move(SinkEvent.LEAP)
    playback.enter(stream, frame, floor=floor)


def _start(playback: Playback) -> None:
    if playback.stream is None:
        raise UserError(f"{playback.name} is linked to nothing")
    playback.signal.set()
    if playback.state is not SinkState.PAUSED:
        playback.move(SinkEvent.START)
        return
    now = playback.clock.now()
    try:
        playback.device.resume()  # first of all, whatever the queue holds
    except DeviceError as error:
        playback.break_off(error)
        return
    playback.move(SinkEvent.RESUME)
    playback.stream.tracker.run(now)
    playback.stream.watch.begin(now)
    if playback.drain is not None:  # it was held while it drained
        playback.watchdog += now - playback.paused_at
        playback.move(SinkEvent.SOURCE_ENDED)


def _pause(playback: Playback) -> None:
    stream, was = playback.stream, playback.state
    playback.signal.set()
    if stream is None or was not in (SinkState.RUNNING, SinkState.DRAINING):
        playback.move(SinkEvent.PAUSE if playback.hold.is_held or was is SinkState.SUSPENDED else SinkEvent.SLEEP)
        return
    if was is SinkState.DRAINING and not stream.is_replayable and not playback.is_crossing:
        raise NotSupported(f"{playback.name} is draining and cannot pause", advice="Wait for the end, or stop.")
    try:
        playback.device.pause()
    except DeviceError as error:  # q6asm cannot while it drains (EPERM): go on later from where it is now
        if not stream.is_replayable:
            playback.fail(error)
            raise
        playback.sleep(stream)
        return
    playback.paused_at = playback.clock.now()
    if playback.drain is not None:
        playback.drain.was_held = True
    playback.move(SinkEvent.PAUSE)
    stream.tracker.hold(playback.paused_at)


def _suspend(playback: Playback) -> None:
    """Give the device back; a stream that can be replayed keeps its place."""
    stream = playback.stream
    if playback.state is SinkState.DRAINED:  # all was heard: nothing but the device is given back
        playback.give_back()
    elif stream is None or not stream.is_replayable or playback.state not in KEEPS_PLACE:
        playback.close()
    elif playback.state is not SinkState.SUSPENDED:
        playback.sleep(stream)


def _flush(playback: Playback) -> None:
    """Drop what was not heard; what the source gives next is heard next."""
    stream = playback.stream
    if stream is not None:
        stream = playback.replayable("flush")
        frame = stream.read_until()
        playback.give_back()
        playback.move(SinkEvent.LEAP)
        playback.enter(stream, frame, floor=None)
        playback.signal.set()


def _end(playback: Playback) -> None:
    """Let the stream end with what was taken from the source."""
    if playback.stream is not None:
        playback.stream.cut_short()
        playback.signal.set()


COMMANDS: dict[Command, Callable[[Playback], None]] = {
    Command.START: _start,
    Command.PAUSE: _pause,
    Command.SUSPEND: _suspend,
    Command.FLUSH: _flush,
    Command.DRAIN: _end,
}
