"""The daemon's life: start, serve, stop cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.requests import BusRequests, code_of
from pyaudiobus.daemon.service import listening_sockets, notify
from pyaudiobus.model.format import Encoding, PcmFormat

log = logging.getLogger("audiobusd")


async def serve(path: str) -> None:
    """Serve until a signal says stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    bus = Bus()
    bus.add_null_sink("null", PcmFormat(Encoding.S16, 48_000, 2))
    requests = BusRequests(bus)
    listeners = listening_sockets(path)
    for listener in listeners:
        listener.setblocking(False)  # noqa: FBT003
        loop.add_reader(listener, _accept, listener, bus, requests)
    notify("READY=1")
    log.info("serving at %s", ", ".join(str(listener.getsockname()) for listener in listeners))
    await stop.wait()
    notify("STOPPING=1")
    for listener in listeners:
        loop.remove_reader(listener)
        _unlink(listener)
        listener.close()
    bus.close()


def _accept(listener: socket.socket, bus: Bus, requests: BusRequests) -> None:
    try:
        peer, _ = listener.accept()
    except OSError as error:
        log.warning("a client could not be taken on: %s", error.strerror)
        return
    bus.accept(peer, requests, code_of)


def _unlink(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        os.unlink(listener.getsockname())


def main() -> int:
    """Run the daemon."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    asyncio.run(serve(os.environ.get("AUDIOBUS_SOCKET", "")))
    return 0
