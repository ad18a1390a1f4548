"""An eye on the rings of streams whose device is closed: it tells when a client stores something to be played."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable, Iterable

from pyaudiobus.daemon.streams import PlaybackStream
from pyaudiobus.errors import PeerError

MOST_LOOKS = 1000
"""After as many in vain the device is opened: the cycle knows what to do with a client that floods."""


class Parking:
    """Watches rings without taking anything. Calls `wake` when one has something, from the loop."""

    def __init__(self, streams: Iterable[PlaybackStream], wake: Callable[[], None]) -> None:
        self._streams = list(streams)
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        # Edge triggered, as the cycle polls: an eventfd that nobody empties would be readable for ever.
        self._poll = select.epoll()
        for stream in self._streams:
            self._poll.register(stream.ring.fileno(), select.EPOLLIN | select.EPOLLET)
        self._loop.add_reader(self._poll, self._look)
        self._looks = 0
        self._start = self._loop.call_soon(self._look)

    def close(self) -> None:
        """Stop watching; legal twice."""
        self._start.cancel()
        if not self._poll.closed:
            self._loop.remove_reader(self._poll)
            self._poll.close()

    def _look(self) -> None:
        self._poll.poll(0)
        self._looks += 1
        if self._looks > MOST_LOOKS or any([_has_something(stream) for stream in self._streams]):  # noqa: C419  # each is to be asked to wake us
            self.close()
            self._wake()


def _has_something(stream: PlaybackStream) -> bool:
    """Whether a stream could be played; else its client was asked to wake us. What is impossible the cycle says."""
    prebuf = stream.buffering.prebuf
    enough = stream.ring.taken + max(prebuf, stream.format.frame_size)
    try:
        fill = stream.ring.look()
    except PeerError:
        return True
    if fill.end is not None and fill.end <= stream.ring.taken:
        return False
    return prebuf == 0 or stream.ring.want_data(enough)
