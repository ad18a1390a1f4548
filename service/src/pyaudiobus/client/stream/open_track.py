"""Chooses the origin for what a person named, and reads playlists. What speaks HTTP is loaded only for addresses."""

from __future__ import annotations

from importlib import import_module

from pyaudiobus.client.stream.track import Decode, EntriesFound, LiveTrack
from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import MediaError
from pyaudiobus.media.origin.files import STDIN, GrowingFile, PipeOrigin
from pyaudiobus.media.origin.origin import Origin
from pyaudiobus.media.playlist import MOST_BYTES, is_url, parse_playlist

HTTP = "pyaudiobus.media.origin.http"


def open_track(
    place: str,
    clock: Clock,
    decode: Decode,
    *,
    follow: bool,
    holds_time: bool,
    entries_found: EntriesFound,
) -> LiveTrack:
    """Return what plays a place. Nothing is opened yet."""

    def open_origin() -> Origin:
        return _origin(place, follow=follow)

    return LiveTrack(place, open_origin, clock, decode, holds_time=holds_time, entries_found=entries_found)


def playlist_entries(place: str) -> list[tuple[str, str]]:
    """Read a playlist of files or addresses: place and title of each entry. MediaError."""
    if is_url(place):
        origin = _origin(place, follow=False)
        try:
            data = read_all(origin)
        finally:
            origin.close()
    else:
        data = _read_file(place)
    return [(entry.place, entry.title) for entry in parse_playlist(data, place)]


def read_all(origin: Origin) -> bytes:
    """Read an origin to its end, but no more than a playlist may have. MediaError."""
    data = b""
    while len(data) <= MOST_BYTES and (piece := origin.read(MOST_BYTES)):
        data += piece
    return data


def _origin(place: str, *, follow: bool) -> Origin:
    made: Origin
    if is_url(place):
        made = import_module(HTTP).HttpOrigin(place)
    elif follow and place != STDIN:
        made = GrowingFile(place)
    else:
        made = PipeOrigin(place)
    return made


def _read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise MediaError(f"{path} cannot be read: {said}", advice="Check its name and your rights.") from error
