"""The steady part of an encoded stream: as long as one burst is like the other they are given natively, with no Python.

So they wait for no other thread of the daemon either. What else may happen is in feed.py.
"""

from __future__ import annotations

from pyaudiobus.daemon.ring_source import RingSource
from pyaudiobus.devices.polled_clock import PolledFlag
from pyaudiobus.engine.dsp_feeder import DspFeeder, Rested
from pyaudiobus.nodes.compressed_sink.lending import SinkLoan, book, lend
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.watch import MAX_SLEEP

TOLD_EVERY = 45.0
"""Seconds after which a client is told how far its device is, though it waits for nothing: its clock may be another."""
_SENT = int(Rested.SENT)


class NativeBursts:
    """Bursts out of a source into a sink that plays it. Belongs to the thread that plays."""

    def __init__(self, loan: SinkLoan, source: RingSource, feeder: DspFeeder) -> None:
        self._loan = loan
        self._source = source
        self._feeder = feeder
        self._low_at = loan.stream.watch.low_at

    def rest(self) -> bool:
        """Sleep until the device was given a burst (True), or until there is something else to look at."""
        tell_at = self._low_at + TOLD_EVERY
        rested = self._feeder.rest(self._low_at, low=self._loan.stream.watch.low, longest=MAX_SLEEP, tell_at=tell_at)
        burst = self._feeder.burst()
        if burst.wakeups or burst.sent or burst.followed:
            self._source.book(burst.sent, burst.followed)
            self._low_at = book(self._loan, burst)
        return rested == _SENT


def native_bursts(sink: CompressedSink, source: RingSource) -> NativeBursts | None:
    """Return what gives a sink its bursts out of a source; None where something else is to be done, or is soon."""
    flag = sink.signal
    if not isinstance(flag, PolledFlag) or sink.consumed()[0] is not source:
        return None
    ring, lent = source.lend(), lend(sink)
    if ring is None or lent is None:
        return None
    device, geometry = lent.device, lent.geometry
    feeder = DspFeeder(ring.ring, ring.log, ring.pattern, flag.fileno())
    feeder.use_device(
        device.fd,
        ioctl=device.ioctl,
        write=device.write,
        fragment_size=geometry.fragment_size,
        ring_size=geometry.ring_size,
        is_wide=device.is_wide,
    )
    feeder.begin_in_ring(given=ring.given, followed=ring.followed, stop=ring.stop)
    feeder.begin_on_device(written=lent.stream.feeder.written, queued=device.queued, copied=device.copied)
    return NativeBursts(lent, source, feeder)
