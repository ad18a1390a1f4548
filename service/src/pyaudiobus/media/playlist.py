"""Playlists: M3U, extended M3U8, PLS. What they say, and where their entries lie; nothing is opened here.

M3U has no document; its extensions are those of Winamp, and UTF-8 in .m3u8 is RFC 8216's. PLS is an INI file of one
section.
"""

from __future__ import annotations

import codecs
import os
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urljoin

from pyaudiobus.errors import MediaError

KINDS = frozenset(
    {
        "audio/x-mpegurl",
        "audio/mpegurl",
        "application/x-mpegurl",
        "application/mpegurl",
        "audio/x-scpls",
        "audio/scpls",
        "application/pls+xml",
        "application/vnd.apple.mpegurl",
    }
)
"""Media types of playlists."""
SUFFIXES = (".m3u", ".m3u8", ".pls")
MOST_BYTES = 1024 * 1024
"""A longer text is no playlist."""
MOST_ENTRIES = 10_000
_EXTENDED = "#EXTM3U"
_PLS = "[playlist]"
_SEGMENTS = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF", "#EXT-X-MEDIA-SEQUENCE")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_PLS_LINE = re.compile(r"(File|Title)(\d+)=(.*)", re.IGNORECASE)


class PlaylistEntry(NamedTuple):
    """One thing to play."""

    place: str
    """A path or an address."""
    title: str
    """Empty where the playlist gives none."""


def is_url(place: str) -> bool:
    """Tell an address from a path."""
    return _URL.match(place) is not None


def looks_like_playlist(place: str, kind: str, head: bytes) -> bool:
    """Tell a playlist by its name, its media type or its first bytes."""
    start = head.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if start.startswith(_EXTENDED.encode()) or start[: len(_PLS)].lower() == _PLS.encode():
        return True
    name = place.partition("?")[0] if is_url(place) else place
    is_named = kind in KINDS or name.lower().endswith(SUFFIXES)
    return is_named and b"\0" not in head.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)[:1]


def parse_playlist(data: bytes, place: str) -> list[PlaylistEntry]:
    """Read a playlist that lies at a path or an address. MediaError where it is none that is played here."""
    if len(data) > MOST_BYTES:
        raise MediaError(f"{place} is too long for a playlist", facts=[f"more than {MOST_BYTES} bytes"])
    lines = [line.strip() for line in _text(data).splitlines()]
    if any(line.startswith(_SEGMENTS) for line in lines):
        raise MediaError(
            f"{place} is a list of segments (HLS), which is not played here",
            advice="Look for the station's plain MP3 or AAC address.",
        )
    is_pls = next((line for line in lines if line), "").lower() == _PLS
    entries = _pls(lines) if is_pls else _m3u(lines)
    return [PlaylistEntry(resolve(entry.place, place), entry.title) for entry in entries[:MOST_ENTRIES]]


def resolve(entry: str, playlist: str) -> str:
    """Return where an entry lies: as it is, or from the playlist's own place."""
    if entry.lower().startswith("file://"):
        path = entry[len("file://") :]
        return os.fsdecode(unquote_to_bytes("/" + path.partition("/")[2]))
    if is_url(entry):
        return entry
    if is_url(playlist):
        return urljoin(playlist, entry.replace("\\", "/"))
    folder = os.path.dirname(playlist)
    candidates = [entry, _other_bytes(entry), entry.replace("\\", "/")]
    for candidate in candidates:
        path = os.path.join(folder, candidate)
        if os.path.exists(path):
            return path
    return os.path.join(folder, entry)


def _other_bytes(entry: str) -> str:
    """The same name in the bytes of the old encoding: a list and its files often come from the same machine."""
    try:
        return os.fsdecode(entry.encode("cp1252"))
    except UnicodeEncodeError:
        return entry


def _text(data: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _m3u(lines: list[str]) -> list[PlaylistEntry]:
    entries = []
    title = ""
    for line in lines:
        if line.upper().startswith("#EXTINF:"):
            title = line.partition(",")[2].strip()
        elif line and not line.startswith("#"):
            entries.append(PlaylistEntry(line, title))
            title = ""
    return entries


def _pls(lines: list[str]) -> list[PlaylistEntry]:
    files: dict[int, str] = {}
    titles: dict[int, str] = {}
    for line in lines:
        found = _PLS_LINE.fullmatch(line)
        if found:
            target = files if found[1].lower() == "file" else titles
            target[int(found[2][:9])] = found[3].strip()
    return [PlaylistEntry(files[number], titles.get(number, "")) for number in sorted(files) if files[number]]
