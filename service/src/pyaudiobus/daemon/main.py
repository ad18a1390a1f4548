"""The daemon's life: start, serve, read the configuration again, stop cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
from collections.abc import Callable

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.devices import Devices
from pyaudiobus.daemon.hotplug import Hotplug
from pyaudiobus.daemon.requests import BusRequests
from pyaudiobus.daemon.service import Heartbeat, Listener, close, listeners
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.board import Board
from pyaudiobus.model.daemon_settings import DaemonSettings
from pyaudiobus.systemd.notify import notify

log = logging.getLogger("audiobusd")
Reload = Callable[[], DaemonSettings]


class Daemon:
    """One daemon in an asyncio loop."""

    def __init__(self, settings: DaemonSettings, board: Board | None, reload: Reload) -> None:
        """Make it; `reload` reads the configuration again."""
        self.bus = Bus(settings)
        self._board = board
        self._reload = reload
        self._devices = Devices(self.bus)
        self._hotplug = Hotplug(self._devices)
        self._requests = BusRequests(self.bus)
        self._heartbeat = Heartbeat()
        self._listeners: list[Listener] = []
        self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        """Given up for a moment to turn a client away when there are no descriptors left."""
        self.stop = asyncio.Event()

    async def serve(self) -> None:
        """Serve until somebody sets `stop`. UserError where a socket or file cannot be had."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_mistake)
        try:
            self._listeners = listeners(self.bus.settings.sockets)
            self._devices.start(self._board)
            if self.bus.settings.hotplug:
                self._hotplug.start()
            for number, action in ((signal.SIGTERM, self.stop.set), (signal.SIGINT, self.stop.set)):
                loop.add_signal_handler(number, action)
            loop.add_signal_handler(signal.SIGHUP, self.reload)
            for listener in self._listeners:
                listener.socket.setblocking(False)  # noqa: FBT003  # socket's own signature
                loop.add_reader(listener.socket, self._accept, listener)
            notify("READY=1")
            self._heartbeat.start()
            log.info("serving at %s", ", ".join(str(one.socket.getsockname()) for one in self._listeners))
            await self.stop.wait()
            notify("STOPPING=1")
        finally:
            self._close()

    def reload(self) -> None:
        """Read the configuration again: access and limits count at once, the rest from the next start on."""
        notify(f"RELOADING=1\nMONOTONIC_USEC={int(asyncio.get_running_loop().time() * 1e6)}")
        try:
            fresh = self._reload()
        except AudiobusError as error:
            log.error("the configuration was not read again: %s", error)  # noqa: TRY400
        else:
            before = self.bus.settings
            self.bus.settings = before.replace(
                access=fresh.access, limits=fresh.limits, second_encoded=fresh.second_encoded
            )
            is_more = self.bus.settings != fresh
            log.info("access and limits were read again%s", "; the rest counts from the next start on" * is_more)
        notify("READY=1")

    def _close(self) -> None:
        loop = asyncio.get_running_loop()
        self._heartbeat.stop()
        self._hotplug.close()
        for listener in self._listeners:
            loop.remove_reader(listener.socket)
            close(listener)
        self.bus.close()
        self._devices.close()
        os.close(self._spare)

    def _accept(self, listener: Listener) -> None:
        try:
            peer, _ = listener.socket.accept()
        except BlockingIOError:
            return
        except OSError as error:
            self.bus.incidents.tell("accept", f"a client could not be taken on: {error.strerror}")
            self._turn_away(listener)
            return
        self.bus.accept(peer, self._requests, listener.role)

    def _turn_away(self, listener: Listener) -> None:
        """Take a client on and drop it: left alone, it would keep the socket readable, and the daemon busy."""
        os.close(self._spare)
        with contextlib.suppress(OSError):
            listener.socket.accept()[0].close()
        self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


def run(settings: DaemonSettings, board: Board | None, reload: Reload) -> int:
    """Run a daemon until a signal stops it; return the exit code."""
    _raise_limits()
    gc.freeze()  # what is there now is there to the end: a collector that looks through it holds up all clients

    async def serve() -> None:
        await Daemon(settings, board, reload).serve()

    asyncio.run(serve())
    return 0


def _raise_limits() -> None:
    """Allow as many descriptors as the system lets us have: each stream needs two."""
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _mistake(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Go on after a mistake of our own: one client's trouble is not everybody's."""
    error = context.get("exception")
    log.error(
        "a mistake of the daemon: %s", context.get("message"), exc_info=error if isinstance(error, Exception) else None
    )
