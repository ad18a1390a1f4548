"""Plays what is made when it is wanted, by a Python function or a native one, for programs that cannot buffer ahead."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.client.playback import PlaybackStream
from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.generator import NativeSource, Reason, generate
from pyaudiobus.engine.ring import RingProducer

Fill = Callable[[memoryview], int]
"""Stores whole frames in the ring itself; returns how many bytes. Fewer than there is room for: that was the end."""


def play_function(stream: PlaybackStream, fill: Fill) -> None:
    """Call a function whenever the bus wants sound, until it gives less than is wanted. StreamKilled, PeerError."""
    queue = stream.queue
    while size := stream.wait_writable():
        made = queue.store(size, fill)
        if made < size:
            return


def play_native(remote: Remote, stream: PlaybackStream, source: NativeSource) -> None:
    """Do the same with a native function, without Python as long as nothing happens. StreamKilled, PeerError."""
    reason = Reason.CALLED
    while reason is Reason.CALLED:
        stream.writable()  # raises where the stream has ended
        ring: RingProducer = stream.state.ring
        granted = stream.attributes
        reason = generate(ring, source, granted.tlength, granted.minreq, remote.fileno())
        stream.queue.follow()
        remote.wait(timeout=0)
