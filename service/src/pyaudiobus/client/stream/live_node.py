"""A stream that is still coming, as a node of the graph: what a file is there, with no end in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.stream.live_source import LiveSource
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Param, ParamId
from pyaudiobus.graph.source import Source
from pyaudiobus.model.format import EncodedFormat, Format, PcmFormat

if TYPE_CHECKING:
    from pyaudiobus.client.stream.live_decoded import LiveDecoded

OpenDecoded = Callable[[LiveSource | None], "LiveDecoded"]
"""Decodes a stream: from its store, or from the encoded frames that were found in it.

Handed in, so that nothing loads FFmpeg unasked."""


class LiveNode(FileNode):
    """A live stream: its frames as they are where we can frame them, and the PCM it decodes to."""

    def __init__(self, name: str, live: LiveSource | None, open_stream: OpenDecoded) -> None:
        self.name = name
        self.live = live
        self._open_stream = open_stream
        self._pcm: LiveDecoded | None = None if live is not None else open_stream(None)
        self._format: Format | None = None

    @property
    def stream(self) -> LiveSource | LiveDecoded:
        """What the format that was agreed on is read from."""
        if self._pcm is not None:
            return self._pcm
        assert self.live is not None  # noqa: S101  # one of the two is always there
        return self.live

    @property
    def encoded_format(self) -> EncodedFormat | None:
        """What is in the stream, if the kernel has a name for it."""
        if self.live is not None:
            return self.live.form
        return self._pcm.encoded if self._pcm else None

    @property
    def encoded_formats(self) -> tuple[EncodedFormat, ...]:
        """The forms in which it can be sent undecoded: of streams, one."""
        form = self.encoded_format
        return () if form is None else (form,)

    @property
    def codec_name(self) -> str:
        """What is in the stream, by the kernel's name for it or FFmpeg's."""
        form = self.encoded_format
        if form is not None:
            return form.codec.value
        return self._pcm.codec_name if self._pcm else ""

    @property
    def pcm_format(self) -> PcmFormat:
        """What the stream decodes to."""
        if self._pcm is not None:
            return self._pcm.form
        assert self.live is not None  # noqa: S101
        return self.live.pcm_format

    @property
    def warnings(self) -> tuple[str, ...]:
        """Nothing is known beforehand."""
        return ()

    @property
    def duration(self) -> float:
        """Seconds of sound, as far as the stream or its size tells; 0 where nobody knows."""
        return self.stream.duration

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Settle on one of the offers; None takes a format back."""
        if isinstance(value, BuffersParam):
            return
        if param is not ParamId.FORMAT:
            raise NotSupported(f"{self.name}: {param.value} is read only")
        if isinstance(value, EncodedFormat) and self.live is None:
            raise NotSupported(
                f"{value.codec.value} is sent decoded: of streams only MP3 and FLAC are framed for a DSP",
                advice="It plays as PCM.",
            )
        if value is not None and not isinstance(value, EncodedFormat | PcmFormat):
            raise UserError(f"{value} is not a format")
        self._format = value

    def source(self) -> Source:
        """Return the bytes of the format that was agreed on, from where they are."""
        if isinstance(self._format, EncodedFormat) and self.live is not None:
            if self._pcm is not None:  # it was decoded meanwhile
                self._pcm.halt()
                self._pcm = None
            return self.live
        if self._pcm is None:
            self._pcm = self._open_stream(self.live)
        return self._pcm

    def close(self) -> None:
        """Let go of the origin."""
        if self._pcm is not None:
            self._pcm.close()
        if self.live is not None:
            self.live.close()
