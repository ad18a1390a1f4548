"""Decoded sound in the format of a stream of the bus, piece by piece: of one file, and of those that follow it."""

from __future__ import annotations

from pyaudiobus.graph.source import ReplayableSource, Source
from pyaudiobus.media.decode.convert import Converter
from pyaudiobus.model.format import PcmFormat

PIECE = 0.5
"""Seconds that are decoded at a time."""


class DecodedReader:
    """Reads one source, then another of the same form."""

    def __init__(self, source: Source, form: PcmFormat, wanted: PcmFormat) -> None:
        """Take what `source` gives, and what is wanted."""
        self._source = source
        self._form = form
        self._wanted = wanted
        self._is_same = (form.encoding, form.rate, form.channels) == (wanted.encoding, wanted.rate, wanted.channels)
        self._piece = int(form.rate * PIECE) * form.frame_size
        self._converter = self._new_converter()
        self._rest = memoryview(b"")

    def _new_converter(self) -> Converter | None:
        return None if self._is_same else Converter(self._form, self._wanted)

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left of the source; something may be inside the converter."""
        return self._source.ended

    @property
    def kept(self) -> int:
        """Bytes that were given back."""
        return len(self._rest)

    def begin_at(self, source: ReplayableSource, frame: int) -> int:
        """Go on at a PCM frame of a source, or at the first behind it that there still is; return which."""
        passage = source.passage(frame, settled=True)
        self._source, begun = passage.source, max(frame, passage.frame)
        self._converter = self._new_converter()
        self._rest = memoryview(b"")
        self._skip(begun - passage.frame)
        return begun

    def follow(self, source: Source) -> None:
        """Go on with another source."""
        self._source = source

    def take(self, most: int) -> memoryview:
        """Return what comes next, about so many bytes; nothing where nothing is there now, and at the source's end."""
        if len(self._rest):
            rest, self._rest = self._rest, memoryview(b"")
            return rest
        while not self._source.ended:
            data = self._source.peek(self._piece if self._converter is not None else min(self._piece, max(most, 1)))
            if not len(data):
                break
            done = bytes(data) if self._converter is None else self._converter.convert(data)
            self._source.advance(len(data))
            if done:
                return memoryview(done)
        return memoryview(b"")

    def finish(self) -> memoryview:
        """Return what is left inside the converter at the very end."""
        return memoryview(b"" if self._converter is None else self._converter.finish())

    def give_back(self, rest: memoryview) -> None:
        """Keep what was taken and found no room."""
        self._rest = rest

    def _skip(self, frames: int) -> None:
        left = frames * self._form.frame_size
        while left and not self._source.ended:
            data = self._source.peek(min(left, self._piece))
            if not len(data):
                return
            self._source.advance(len(data))
            left -= len(data)
