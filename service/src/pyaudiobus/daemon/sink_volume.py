"""The volume of a compressed sink: a control of its card's mixer, or none. What a control does is devices/'s."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pyaudiobus.daemon.objects import Facts
from pyaudiobus.errors import AudiobusError, DeviceError, NotSupported, UserError

if TYPE_CHECKING:
    from pyaudiobus.devices.mixer_volume import Loudness, VolumeControl, VolumeWatch

log = logging.getLogger(__name__)


class SinkVolume:
    """What the bus tells and changes of it. Changes that others make are heard."""

    def __init__(self, control: VolumeControl | None) -> None:
        self._control = control
        self._now: Loudness | None = None
        self._watch: VolumeWatch | None = None
        self._moved: Callable[[], None] = lambda: None

    def begin(self, moved: Callable[[], None]) -> None:
        """Look how it stands, and call `moved` whenever somebody else has set it."""
        if self._control is None:
            return
        self._moved = moved
        try:
            self._now = self._control.look()
            self._watch = self._control.watch()
        except AudiobusError as error:
            log.warning("%s", error.what)
            return
        for descriptor in self._watch.filenos():
            asyncio.get_running_loop().add_reader(descriptor, self._look)

    def facts(self) -> Facts:
        """Return gain and mute; nothing where there is no control, so that nobody takes it for one that works."""
        return {} if self._now is None else {"volume": f"{self._now.gain:g}", "muted": self._now.is_muted}

    def change(self, sink: str, gains: tuple[float, ...] | None, *, muted: bool | None) -> None:
        """Set what is given. NotSupported where there is no control, UserError for channels that differ."""
        control = self._control
        if control is None:
            raise NotSupported(
                f"{sink} has no volume: its DSP decodes, and the board file names no mixer control for it",
                advice="Name one: sinks.NAME.volume in the board file.",
            )
        if gains and len(set(gains)) > 1:
            raise UserError(f"{sink} has one volume for all channels", facts=[f"{len(gains)} were given"])
        if gains:
            self._now = control.set_gain(gains[0])
        if muted is not None:
            self._now = control.set_muted(muted=muted)

    def end(self) -> None:
        """Hear no more, and put it back as it was found."""
        if self._watch is not None:
            for descriptor in self._watch.filenos():
                asyncio.get_running_loop().remove_reader(descriptor)
            self._watch.close()
            self._watch = None
        if self._control is not None:
            with suppress(DeviceError):  # its card may be gone, and its volume with it
                self._control.restore()

    def _look(self) -> None:
        if self._control is None or self._watch is None:
            return
        self._watch.acknowledge()
        with suppress(DeviceError):  # what is gone has no volume; the device's own failure is told elsewhere
            now = self._control.look()
            if now != self._now:
                self._now = now
                self._moved()
