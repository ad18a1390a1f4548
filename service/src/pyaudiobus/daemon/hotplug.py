"""Sound cards that come and go, by udev. Optional: without pyudev the cards of the beginning stay."""

from __future__ import annotations

import asyncio
import logging
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


class Hotplug:
    """Hears udev in the control thread."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._monitor: Any = None

    def start(self) -> None:
        """Listen, where that is possible."""
        if pyudev is None:
            log.info("pyudev is not installed: sound cards that come later are not noticed")
            return
        try:
            monitor = pyudev.Monitor.from_netlink(pyudev.Context())
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

    def _hear(self) -> None:
        while (device := self._monitor.poll(timeout=0)) is not None:
            self.happened(device.action, device.sys_name, device.properties)

    def happened(self, action: str, name: str, properties: Mapping[str, str]) -> None:
        """Take one event of udev. A card is whole when its own device changes, after all its nodes were added."""
        found = _CARD.fullmatch(name)
        if found is None:
            return
        if action == "remove":
            self._devices.card_went(int(found[1]))
        elif action == "change" and properties.get("SOUND_INITIALIZED") == "1":
            self._devices.card_came()
