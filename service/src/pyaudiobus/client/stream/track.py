"""Opening what is no file that lies there: standard input, pipes, growing files, addresses. Loaded only for those."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyaudiobus.client.stream.live_node import LiveNode, OpenDecoded
from pyaudiobus.client.stream.live_source import LiveSource
from pyaudiobus.client.stream.prefetch import Prefetch
from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import MediaError
from pyaudiobus.media.live.flac_walker import FlacWalker
from pyaudiobus.media.live.mp3_walker import Mp3Walker
from pyaudiobus.media.live.ogg_flac_walker import OggFlacWalker, is_ogg_flac
from pyaudiobus.media.live.walker import Walker
from pyaudiobus.media.origin.origin import Origin
from pyaudiobus.media.playlist import MOST_BYTES, looks_like_playlist, parse_playlist
from pyaudiobus.media.sniff import FLAC_MAGIC, is_left_to_ffmpeg, refuse_foreign
from pyaudiobus.media.tags import ID3_HEADER, id3_length

OpenOrigin = Callable[[], Origin]
Decode = Callable[..., object]
EntriesFound = Callable[[Sequence[tuple[str, str]]], Any]
_HEAD = 4096
_MOST_HEAD = 64 * 1024
"""Bytes in which frames of MP3 have to begin, in what is not known otherwise."""
_MOST_TAG = 1024 * 1024
"""Bytes; a tag in front that is longer, and does not fit into the store, is an MP3's."""
_OGG = b"OggS"
_BEGINNING = 64
"""Bytes that tell what lies behind a tag."""


class LiveTrack:
    """Something to play that comes in order."""

    joins = False
    """It takes time to open, and follows nothing without a gap."""

    def __init__(
        self,
        name: str,
        open_origin: OpenOrigin,
        clock: Clock,
        decode: Decode,
        *,
        holds_time: bool = False,
        entries_found: EntriesFound | None = None,
    ) -> None:
        """`decode` makes a LiveDecoded, and is called only where something is to be decoded.

        `entries_found` is handed the entries where the place turns out to be a playlist, and returns what to play.
        """
        self.name = name
        self._open_origin = open_origin
        self._clock = clock
        self._decode = decode
        self._holds_time = holds_time
        self._entries_found = entries_found

    def open(self) -> LiveNode:
        """Wait for the beginning, and tell what it is. MediaError."""
        prefetch = Prefetch(self._open_origin(), self._clock, holds_time=self._holds_time)
        try:
            entries = self._entries(prefetch)
            if entries is None:
                return self._node(prefetch)
        except BaseException:
            prefetch.close()
            raise
        prefetch.close()
        assert self._entries_found is not None  # noqa: S101  # else nobody looked for entries
        found: LiveNode = self._entries_found(entries).open()
        return found

    def _entries(self, prefetch: Prefetch) -> list[tuple[str, str]] | None:
        """Return the entries of a playlist; None where it is none."""
        if self._entries_found is None:
            return None
        head = _first(prefetch, _HEAD)
        if not looks_like_playlist(self.name, prefetch.kind, head):
            return None
        data = _first(prefetch, MOST_BYTES + 1)
        return [(entry.place, entry.title) for entry in parse_playlist(data, self.name)]

    def _node(self, prefetch: Prefetch) -> LiveNode:
        walker = find_walker(prefetch)

        def decode(live: LiveSource | None) -> object:
            return self._decode(prefetch, self._clock, live, holds_time=self._holds_time)

        opener: OpenDecoded = decode  # type: ignore[assignment]  # what is loaded late has no type here
        live = None if walker is None else LiveSource(prefetch, walker)
        return LiveNode(self.name, live, opener)


def find_walker(prefetch: Prefetch) -> Walker | None:
    """Tell by the beginning what takes a stream apart; None: FFmpeg. MediaError for what is no audio."""
    head = _first(prefetch, _HEAD)
    if not head:
        raise prefetch.error or MediaError(f"{prefetch.name} is empty", advice="Check where it comes from.")
    refuse_foreign(prefetch.name, head)
    tag = id3_length(head[:ID3_HEADER])
    if tag > _MOST_TAG:
        return Mp3Walker()
    behind = _first(prefetch, tag + _BEGINNING)[tag:] if tag else head
    flac = FlacWalker if behind.startswith(FLAC_MAGIC) else OggFlacWalker if is_ogg_flac(behind) else None
    if flac is not None:
        prefetch.skip(tag)
        return flac(prefetch.name)
    if is_left_to_ffmpeg(behind) or behind.startswith(_OGG):
        return None
    return _find_mp3(prefetch, tag)


def _find_mp3(prefetch: Prefetch, tag: int) -> Walker | None:
    """Look for frames of MP3 behind a tag."""
    for size in (_HEAD, _MOST_HEAD):
        scout = Mp3Walker()
        scout.feed(_first(prefetch, tag + size))
        if scout.take() is not None:
            return Mp3Walker()
        if prefetch.is_complete and prefetch.stored <= tag + size:
            scout.finish()
            return Mp3Walker() if scout.take() is not None else None
    return None


def _first(prefetch: Prefetch, size: int) -> bytes:
    prefetch.wait(size)
    return prefetch.look(size)
