"""Descriptors that wake a thread through the loop: for clocks that none can wake, as one turned by hand."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable


class LoopWakers:
    """Watches descriptors, edge triggered, and calls somebody. Belongs to the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        """Begin with none."""
        self._loop = loop
        self._wake = wake
        self._poll = select.epoll()
        loop.add_reader(self._poll, self._look)

    def watch(self, descriptor: int) -> None:
        """Be woken by what can be read from a descriptor from now on."""
        self._poll.register(descriptor, select.EPOLLIN | select.EPOLLET)

    def unwatch(self, descriptor: int) -> None:
        """Watch a descriptor no more."""
        self._poll.unregister(descriptor)

    def close(self) -> None:
        """Watch none any more."""
        self._loop.remove_reader(self._poll)
        self._poll.close()

    def _look(self) -> None:
        self._poll.poll(0)
        self._wake()
