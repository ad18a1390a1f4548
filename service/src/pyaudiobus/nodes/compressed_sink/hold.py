"""A compress device while a sink has it: asked once what it can do, then held with its routes. Plays nothing."""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager, ExitStack, nullcontext

from pyaudiobus.devices.compress import CompressCaps, CompressDevice, Geometry
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import EncodedFormat


class DeviceHold:
    """Takes a device and its mixer routes together, and gives both back together."""

    def __init__(self, device: CompressDevice, routes: AbstractContextManager[object] | None) -> None:
        self._device = device
        self._routes = routes or nullcontext()
        self._held = ExitStack()
        self._caps: CompressCaps | None = None
        self.is_held = False

    def caps(self) -> CompressCaps:
        """What the device can do; it is opened for that the first time only."""
        if self._caps is None:
            self._device.open()
            try:
                self._caps = self._device.caps()
            finally:
                self._device.close()
        return self._caps

    def take(self, form: EncodedFormat, ring: Geometry, delay: int | None = None) -> None:
        """Routes on, device open, SET_PARAMS. A failure on the way, or an interruption, undoes it all.

        `delay` is how many frames are to be cut off; None: the encoder's.
        """
        cut = form.encoder_delay if delay is None else delay
        with ExitStack() as undo:
            undo.enter_context(self._routes)
            undo.callback(self._device.close)
            self._device.open()
            self._set_params(form, ring)
            if cut or form.encoder_padding:
                self._device.set_metadata(cut, form.encoder_padding)
            self.is_held = True
            self._held = undo.pop_all()

    def let_go(self) -> None:
        """Close the device and restore the routes; legal twice."""
        self.is_held = False
        self._held.close()

    def _set_params(self, form: EncodedFormat, ring: Geometry) -> None:
        try:
            self._device.set_params(form, ring)
        except DeviceError as error:
            if error.errno != errno.EINVAL:
                raise
            raise DeviceError(
                f"{self._device.name} refuses {form}: invalid argument (EINVAL)",
                errno=error.errno,
                facts=error.facts or [f"asked for {ring.fragments} fragments of {ring.fragment_size} bytes"],
                advice=_advice(error),
            ) from error


def _advice(error: DeviceError) -> str:
    """Prefer what the device's own room knows of the failure."""
    if error.advice != DeviceError.remedy:
        return error.advice
    return "Switch on the device's mixer route (see amixer controls), or use --decode."
