"""Sound cards that come and go, by udev, or by the kernel where udevd does not run. Without pyudev those there stay."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from typing import TYPE_CHECKING, Any

from pyaudiobus.daemon.devices import Devices

try:
    import pyudev
except ImportError:
    pyudev = None

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("audiobusd")
_CARD = re.compile(r"card(\d+)")
_CONTROL = re.compile(r"controlC\d+")
UDEVD = "/run/udev/control"
"""Where udevd listens."""
SETTLE_SECONDS = 0.5
"""Until somebody else than udevd (mdev) has given a card's device nodes their owners."""


class Hotplug:
    """Hears udev in the control thread."""

    def __init__(self, devices: Devices, udevd: str = UDEVD) -> None:
        self._devices = devices
        self._is_udev = os.path.exists(udevd)
        self._monitor: Any = None
        self._later: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Listen, where that is possible."""
        if pyudev is None:
            log.info("pyudev is not installed: sound cards that come later are not noticed")
            return
        try:
            monitor = pyudev.Monitor.from_netlink(pyudev.Context(), "udev" if self._is_udev else "kernel")
            monitor.filter_by("sound")
            monitor.start()
        except (OSError, ImportError) as error:
            log.warning(
                "udev cannot be listened to, so sound cards that come later are not noticed: %s. "
                "libudev is needed, and ldconfig, by which Python finds it",
                error,
            )
            return
        self._monitor = monitor
        asyncio.get_running_loop().add_reader(monitor.fileno(), self._hear)

    def close(self) -> None:
        """Listen no more; legal without start()."""
        if self._monitor is not None:
            asyncio.get_running_loop().remove_reader(self._monitor.fileno())
            self._monitor = None
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _hear(self) -> None:
        while (device := self._monitor.poll(timeout=0)) is not None:
            self.happened(device.action, device.sys_name, device.properties)

    def happened(self, action: str, name: str, properties: Mapping[str, str]) -> None:
        """Take one event. A card is whole for udev when its own device changes, after all its nodes were added.

        The kernel adds a card's control last of its nodes (sound/core.h), for this very purpose.
        """
        found = _CARD.fullmatch(name)
        if found is not None and action == "remove":
            self._devices.card_went(int(found[1]))
        elif found is not None and action == "change" and properties.get("SOUND_INITIALIZED") == "1":
            self._devices.card_came()
        elif not self._is_udev and action == "add" and _CONTROL.fullmatch(name):
            self._look_soon()

    def _look_soon(self) -> None:
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._look)

    def _look(self) -> None:
        self._later = None
        self._devices.card_came()
