"""What opens the devices behind sinks and sources: PCMs of the kernel, WAV files, and nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from pyaudiobus.daemon.cycle_node import Opener
from pyaudiobus.daemon.wav_writer import WavWriter
from pyaudiobus.devices.cards import card_number
from pyaudiobus.engine.driver import SampleCode, null_device
from pyaudiobus.engine.pcm import null_source, pcm_device, pcm_source
from pyaudiobus.errors import DeviceLost, UserError
from pyaudiobus.model.format import Encoding, PcmFormat

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

__all__ = ["AlsaOpener", "FileOpener", "NullSinkOpener", "NullSourceOpener", "Opener"]
NULL_SECONDS = 4
"""What a device without hardware holds: twice the longest quantum."""


class NullSinkOpener:
    """A sink that nobody hears."""

    kind = "null"

    def open(self, form: PcmFormat) -> tuple[CData, PcmFormat]:
        """Return a device on the system's clock."""
        room = NULL_SECONDS * form.rate
        return null_device(form.rate, form.channels, SampleCode[form.encoding.name], room), form

    def closed(self) -> None:
        """Nothing is left to do."""


class NullSourceOpener:
    """A source of silence, or of a tone."""

    kind = "null"

    def __init__(self, frequency: int) -> None:
        """Make it; `frequency` in Hz, 0 for silence."""
        self._frequency = frequency

    def open(self, form: PcmFormat) -> tuple[CData, PcmFormat]:
        """Return a device on the system's clock."""
        code, room = SampleCode[form.encoding.name], NULL_SECONDS * form.rate
        return null_source(form.rate, form.channels, code, room, frequency=self._frequency), form

    def closed(self) -> None:
        """Nothing is left to do."""


class FileOpener(NullSinkOpener):
    """A sink whose sound goes into a WAV file, by a thread that the cycle never waits for; see wav_writer.py."""

    kind = "file"

    def __init__(self, writer: WavWriter) -> None:
        self.writer = writer

    def closed(self) -> None:
        """Bring what was played into the file."""
        self.writer.sync()


class AlsaOpener:
    """A PCM of the kernel."""

    kind = "alsa"

    def __init__(
        self, card: str, device: int, *, is_source: bool, routes: AbstractContextManager[object] | None = None
    ) -> None:
        """Name it; `card` is an id, which stays the same when numbers do not, or a number.

        `routes` are entered before it is opened, and left when it is closed.
        """
        self.card = card
        self.device = device
        self._routes = routes or nullcontext()
        self._number = -1
        self._open = pcm_source if is_source else pcm_device

    def open(self, form: PcmFormat) -> tuple[CData, PcmFormat]:
        """Return the device, in the format it granted. DeviceError."""
        try:
            self._number = number = card_number(self.card)
        except UserError as error:
            raise DeviceLost(error.what) from None
        self._routes.__enter__()
        try:
            return self._opened(number, form)
        except BaseException:
            self._routes.__exit__(None, None, None)
            raise

    def _opened(self, number: int, form: PcmFormat) -> tuple[CData, PcmFormat]:
        code = SampleCode[form.encoding.name]
        device, granted = self._open(number, self.device, form.rate, form.channels, code)
        encoding = Encoding[granted.encoding.name]
        is_same = granted.channels == form.channels
        positions = form.channel_map if is_same else ()
        return device, PcmFormat(encoding, granted.rate, granted.channels, positions)

    def is_on(self, number: int) -> bool:
        """Tell whether it was last opened on the card of that number."""
        return self._number == number

    def closed(self) -> None:
        """Put the routes back."""
        self._routes.__exit__(None, None, None)
