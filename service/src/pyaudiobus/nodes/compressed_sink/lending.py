"""What native code may do in the place of process() while a sink runs: bursts, and the looks between them.

Loaded by the daemon alone: a player in its own process gives its bursts by process().
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.lending import DeviceLender, DeviceLoan, lender_of
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState
from pyaudiobus.nodes.compressed_sink.stream import SinkStream
from pyaudiobus.nodes.compressed_sink.watch import LEAST_SLEEP

if TYPE_CHECKING:
    from pyaudiobus.engine.dsp_feeder import Burst


class SinkLoan(NamedTuple):
    """Where a sink is that runs."""

    stream: SinkStream
    lender: DeviceLender
    device: DeviceLoan
    geometry: Geometry


def lend(sink: CompressedSink) -> SinkLoan | None:
    """Return where a sink is; None unless it plays, all is well, and nothing else is about to happen."""
    playback = sink.playback
    stream, lender = playback.stream, lender_of(playback.device)
    if stream is None or lender is None or playback.state is not SinkState.RUNNING:
        return None
    if playback.join is not None or playback.wants_next or not stream.watch.is_moving:
        return None
    told = lender.lend()
    return None if told is None else SinkLoan(stream, lender, told, playback.geometry)


def book(loan: SinkLoan, burst: Burst) -> float:
    """Note what was done; return the instant at which the device's ring will be nearly empty."""
    stream, now = loan.stream, burst.looked_at
    stream.feeder.written += burst.sent
    stream.tally.wakeups += burst.wakeups
    taken = stream.heard(loan.lender.book(burst.sent, burst.copied, burst.rendered, burst.rate), now)
    stream.watch.is_still(taken, now)
    stream.watch.next_look(taken, stream.feeder.written, now)
    return max(stream.watch.low_at, now + LEAST_SLEEP)
