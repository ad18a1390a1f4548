"""The packets of a file again, from any of them on: read where they lie, or demuxed anew. Knows no framing."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Protocol

import av.error

from pyaudiobus.errors import MediaError
from pyaudiobus.media.decode.container import audio_stream, open_container
from pyaudiobus.media.demux.scan import NO_TIME, Scan, packets_of
from pyaudiobus.media.source import FileSource

_NEAR = 32
"""Packets from the beginning that are demuxed rather than looked for."""


class PacketStore(Protocol):
    """All packets of one stream."""

    def packets(self, first: int) -> Iterator[bytes]:
        """Yield the packets from number `first` on. MediaError if the file cannot be read any more."""


class OpenPackets:
    """Packets that lie in the file as they are."""

    def __init__(self, source: FileSource, offsets: array[int], sizes: array[int]) -> None:
        self._source = source
        self._offsets = offsets
        self._sizes = sizes

    def packets(self, first: int) -> Iterator[bytes]:
        """Read them."""
        for number in range(first, len(self._sizes)):
            yield self._source.read(self._offsets[number], self._sizes[number])


class JoinedPackets:
    """Groups of packets, each as one."""

    def __init__(self, store: PacketStore, starts: array[int], count: int) -> None:
        """`starts` are the first packets of the groups, `count` is the number of all packets."""
        self._store = store
        self._starts = starts
        self._count = count

    def packets(self, first: int) -> Iterator[bytes]:
        """Join them."""
        single = self._store.packets(self._starts[first])
        for start, following in zip(self._starts[first:], (*self._starts[first + 1 :], self._count), strict=True):
            yield b"".join(islice(single, following - start))


class HiddenPackets:
    """Packets that only a demuxer puts together (ASF, Matroska, Ogg)."""

    def __init__(self, path: str, found: Scan) -> None:
        self._path = path
        self._sizes = found.sizes
        self._times = found.times

    def packets(self, first: int) -> Iterator[bytes]:
        """Demux from a place before the first on; each must have the size it had."""
        number = first
        for data in self._demuxed(first):
            if number >= len(self._sizes):
                return
            if len(data) != self._sizes[number]:
                raise self._changed()
            yield data
            number += 1
        if number < len(self._sizes):
            raise self._changed()

    def _demuxed(self, first: int) -> Iterator[bytes]:
        if first > _NEAR and first + 1 < len(self._times):
            before, time, after = self._times[first - 1 : first + 2]
            found = self._sought(time) if NO_TIME < before < time < after else None
            if found is not None:
                return found
        return islice((data for _, data in self._all(None)), first, None)

    def _sought(self, time: int) -> Iterator[bytes] | None:
        """Let the demuxer look for the packet of a time; None if it comes out behind it."""
        packets = self._all(time)
        for found, data in packets:
            if found == time:
                return chain((data,), (data for _, data in packets))
            if found > time:
                return None
        return None

    def _all(self, start: int | None) -> Iterator[tuple[int, bytes]]:
        """Yield times and packets, from a place at or before `start` on."""
        container = open_container(self._path)
        try:
            stream = audio_stream(self._path, container)
            if start is not None:
                with suppress(av.error.FFmpegError):
                    container.seek(start, stream=stream)
            for packet in packets_of(container, stream, []):
                yield NO_TIME if packet.pts is None else packet.pts, bytes(packet)
        finally:
            container.close()

    def _changed(self) -> MediaError:
        return MediaError(
            f"{self._path} changed while it was being read", advice="Play it again when nothing writes to it any more."
        )
