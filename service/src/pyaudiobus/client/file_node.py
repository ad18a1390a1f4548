"""A file as a node of the graph: what it offers, and the bytes of what was agreed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pyaudiobus.client.encoded_source import EncodedSource
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Cycle, Direction, Param, ParamId, Status
from pyaudiobus.graph.source import Source
from pyaudiobus.media.encoded_file import EncodedFile
from pyaudiobus.model.format import EncodedFormat, Encoding, Format, PcmFormat
from pyaudiobus.model.negotiation import EncodedOffer, PcmOffer


class DecodedFile(Source, Protocol):
    """A file that is decoded while it is read (client/decoded_file.py)."""

    form: PcmFormat
    """The PCM it decodes to."""
    encoded: EncodedFormat | None
    """What is in the file; None where the kernel has no name for it."""

    codec_name: str
    """What FFmpeg calls what is in the file."""

    gain: float
    """Linear; what is decoded from now on is multiplied by it."""

    def leave_out(self, padding: int, duration: float) -> None:
        """Let it end after so many seconds, if what lies behind them is the encoder's padding of so many frames."""

    def close(self) -> None:
        """Let go of the file."""


Opener = Callable[[str], DecodedFile]
"""Opens a file for decoding. It is handed in, so that playing an MP3 on a DSP need not load a decoder."""


class FileNode:
    """An output node for one file: encoded as it is where we can frame it, and the PCM it decodes to."""

    direction = Direction.OUTPUT

    def __init__(self, path: str, encoded: EncodedFile | None, open_decoded: Opener) -> None:
        self.name = path
        self._encoded = encoded
        self._open_decoded = open_decoded
        self._decoded: DecodedFile | None = None
        self._gain = 1.0
        self._format: Format | None = None
        self._for_kernel = False
        if encoded is None:
            self._decoded = open_decoded(path)

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        """Offer the encoded stream first, then PCM."""
        if param is ParamId.FORMAT:
            return (self._format,) if self._format else ()
        if param is not ParamId.ENUM_FORMAT:
            return ()
        return (*map(EncodedOffer.of, self.encoded_formats), PcmOffer.of(self.pcm_format))

    @property
    def encoded_format(self) -> EncodedFormat | None:
        """What is in the file, if the kernel has a name for it."""
        if self._encoded is not None:
            return self._encoded.form
        return self._decoded.encoded if self._decoded else None

    @property
    def encoded_formats(self) -> tuple[EncodedFormat, ...]:
        """The forms in which it can be sent undecoded, the best first."""
        if self._encoded is not None:
            return tuple(way.form for way in self._encoded.presentations)
        form = self.encoded_format
        return () if form is None else (form,)

    def form_like(self, present: EncodedFormat) -> EncodedFormat | None:
        """Return the form in which it may follow what a device plays, None where there is none."""
        kind = (present.codec, present.stream_format)
        return next((form for form in self.encoded_formats if (form.codec, form.stream_format) == kind), None)

    @property
    def codec_name(self) -> str:
        """What is in the file, by the kernel's name for it or FFmpeg's."""
        form = self.encoded_format
        if form is not None:
            return form.codec.value
        return self._decoded.codec_name if self._decoded else ""

    @property
    def pcm_format(self) -> PcmFormat:
        """What the file decodes to."""
        if self._decoded is not None:
            return self._decoded.form
        assert self._encoded is not None  # noqa: S101  # one of the two is always there
        form = self._encoded.form
        deep = form.bit_depth > 8 * Encoding.S16.width
        return PcmFormat(Encoding.S32 if deep else Encoding.S16, form.rate, form.channels)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the file, in words; it plays all the same."""
        return self._encoded.warnings if self._encoded is not None else ()

    @property
    def duration(self) -> float:
        """Seconds of sound without the encoder's delay and padding."""
        if self._encoded is not None:
            return self._encoded.duration
        assert self._decoded is not None  # noqa: S101
        return self._decoded.index.total_frames / self._decoded.form.rate

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Settle on one of the offers, or on how the sink wants its bytes; None takes a format back."""
        if isinstance(value, BuffersParam):
            self._for_kernel = value.for_kernel
            return
        if param is not ParamId.FORMAT:
            raise NotSupported(f"{self.name}: {param.value} is read only")
        if isinstance(value, EncodedFormat) and self._encoded is None:
            raise NotSupported(
                f"{value.codec.value} is sent decoded: nothing here takes its packets out of this file",
                advice="It plays as PCM.",
            )
        if value is not None and not isinstance(value, EncodedFormat | PcmFormat):
            raise UserError(f"{value} is not a format")
        self._format = value

    def source(self) -> Source:
        """Return the bytes of the format that was agreed on, from the first."""
        if isinstance(self._format, EncodedFormat) and self._encoded is not None:
            way = self._encoded.presentation(self._format)
            return EncodedSource(way, for_kernel=self._for_kernel)
        if self._decoded is None:
            self._decoded = self._open_decoded(self.name)
            self._decoded.gain = self._gain
            if self._encoded is not None:
                self._decoded.leave_out(self._encoded.form.encoder_padding, self._encoded.duration)
        return self._decoded

    @property
    def gain(self) -> float:
        """The linear gain of what is decoded; 1 leaves it as it is."""
        return self._gain

    @gain.setter
    def gain(self, gain: float) -> None:
        self._gain = gain
        if self._decoded is not None:
            self._decoded.gain = gain

    def use_buffers(self, source: Source | None) -> None:
        """Refuse: a file is not written to."""
        del source
        raise NotSupported(f"{self.name} is a source")

    def process(self) -> Cycle:
        """Nothing to do: the sink pulls."""
        return Cycle(Status.HAVE_DATA, float("inf"))

    def send_command(self, command: Command) -> None:
        """Nothing to do: the sink starts and pauses."""

    def add_port(self, direction: Direction) -> None:
        """Refuse."""
        raise NotSupported(f"{self.name} has one fixed port; an {direction.value} port cannot be added")

    def remove_port(self) -> None:
        """Refuse."""
        raise NotSupported(f"{self.name} has one fixed port; it cannot be removed")

    def close(self) -> None:
        """Let go of the file."""
        if self._encoded is not None:
            self._encoded.close()
        if self._decoded is not None:
            self._decoded.close()
