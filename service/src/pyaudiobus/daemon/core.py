"""The daemon itself as an object of the bus: what it is set to, for tools and bug reports."""

from __future__ import annotations

import os
from collections.abc import Callable

from pyaudiobus import __version__
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.model.daemon_settings import DaemonSettings


class CoreObject(BusObject):
    """The daemon."""

    kind = "core"

    def __init__(
        self, serial: int, name: str, settings: Callable[[], DaemonSettings], governed: Callable[[], Facts]
    ) -> None:
        """Make it; `settings` returns those in force, `governed` who decides."""
        super().__init__(serial, name)
        self._settings = settings
        self._governed = governed
        self._of: DaemonSettings | None = None
        self._told: Facts = {}
        """What is told of those settings; they seldom change."""

    def facts(self) -> Facts:
        """Return version and settings; times in microseconds. Who may do what is left out: it names people."""
        now = self._settings()
        if self._of is not now:
            self._of, self._told = now, _told(now)
        return {**self._told, **self._governed()}


def _told(now: DaemonSettings) -> Facts:
    return {
        "version": __version__,
        "pid": os.getpid(),
        "config": now.path,
        "sinks": " ".join(f"{node.name}={node.kind.value}" for node in now.sinks)[:4096],
        "sources": " ".join(f"{node.name}={node.kind.value}" for node in now.sources)[:4096],
        "default_sink": now.default_sink,
        "default_source": now.default_source,
        "shortest": now.shortest,
        "longest": now.longest,
        "priority": now.priority,
        "second_encoded": now.second_encoded.value,
        "hotplug": now.hotplug,
        "most_clients": now.limits.clients,
        "most_streams": now.limits.streams,
        "most_unread": now.limits.unread,
        "most_samples": now.limits.samples,
    }
