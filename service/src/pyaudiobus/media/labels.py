"""What the tags of a file say: names, loudness, and the delay iTunes notes down. mutagen reads them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import mutagen
from mutagen.apev2 import APEv2
from mutagen.mp3 import MP3

_TITLE = ("tit2", "title", "\xa9nam")
_ARTIST = ("tpe1", "artist", "\xa9art", "author")
_ALBUM = ("talb", "album", "\xa9alb", "wm/albumtitle")
_TRACK_GAIN = "replaygain_track_gain"
_ALBUM_GAIN = "replaygain_album_gain"
_PREFIXES = ("txxx:", "----:com.apple.itunes:", "comm:", "itunes_")
_R128 = 256
_R128_BELOW = 5.0
"""Opus gains aim at -23 LUFS (RFC 7845 section 5.2.1), ReplayGain at -18."""
_SMPB = re.compile(r"\s*[0-9a-fA-F]{8}\s+([0-9a-fA-F]{8})\s+([0-9a-fA-F]{8})\s+([0-9a-fA-F]{16})\b")

_Parsed = TypeVar("_Parsed")


class Gapless(NamedTuple):
    """iTunSMPB: PCM frames the encoder added in front and behind, and those between."""

    delay: int
    padding: int
    frames: int


class Labels(NamedTuple):
    """Tags of one file; empty and None where there are none."""

    title: str = ""
    artist: str = ""
    album: str = ""
    track_gain: float | None = None
    """ReplayGain in dB."""
    album_gain: float | None = None
    gapless: Gapless | None = None
    bit_depth: int = 0
    seconds: float = 0.0
    track_peak: float | None = None
    """The loudest sample, 1 being full scale."""
    album_peak: float | None = None


def read_labels(path: str) -> Labels:
    """Read what can be read. Damaged tags are no tags: the sound does not depend on them."""
    found = _parsed(mutagen.File, path)
    if found is None:
        return Labels()
    texts = _texts(found.tags)
    if isinstance(found, MP3):
        # mp3gain notes its gains in an APEv2 tag behind the sound.
        texts = _texts(_parsed(APEv2, path)) | texts
    rva2 = _rva2(found.tags)
    return Labels(
        _first(texts, _TITLE),
        _first(texts, _ARTIST),
        _first(texts, _ALBUM),
        _gain(texts, _TRACK_GAIN, "r128_track_gain", rva2.get("track", (getattr(found.info, "track_gain", None),))[0]),
        _gain(texts, _ALBUM_GAIN, "r128_album_gain", rva2.get("album", (getattr(found.info, "album_gain", None),))[0]),
        _gapless(texts.get("itunsmpb", "")),
        _number(getattr(found.info, "bits_per_sample", 0)),
        float(getattr(found.info, "length", 0.0) or 0.0),
        _peak(texts, "replaygain_track_peak", rva2.get("track", (0, getattr(found.info, "track_peak", None)))[1]),
        _peak(texts, "replaygain_album_peak", rva2.get("album", (0, None))[1]),
    )


def _parsed(parser: Callable[[str], _Parsed], path: str) -> _Parsed | None:
    try:
        return parser(path)
    except Exception:  # mutagen's parsers raise whatever a damaged tag makes them stumble over
        return None


def _texts(tags: object) -> dict[str, str]:
    """Flatten every kind of tag into lower-case names and the first text of each."""
    texts: dict[str, str] = {}
    for name, content in _pairs(tags):
        key = str(name).lower()
        for prefix in _PREFIXES:
            key = key.removeprefix(prefix)
        text = _text(content)
        if text:
            texts.setdefault(key if key in texts or not key else key.split(":", maxsplit=1)[0], text)
    return texts


def _pairs(tags: object) -> list[tuple[object, object]]:
    items = getattr(tags, "items", None)
    return list(items()) if items is not None else []


def _text(content: object) -> str:
    content = getattr(content, "text", content)
    if isinstance(content, list | tuple):
        content = content[0] if content else ""
    if isinstance(content, bytes):
        return bytes(content).decode("utf-8", "replace").strip()
    return str(content).strip()


def _first(texts: dict[str, str], names: tuple[str, ...]) -> str:
    return next((texts[name] for name in names if name in texts), "")


def _gain(texts: dict[str, str], name: str, r128: str, from_encoder: float | None) -> float | None:
    found = re.match(r"\s*([-+]?\d+(?:\.\d+)?)", texts.get(name, ""))
    if found:
        return float(found[1])
    found = re.match(r"[-+]?\d+$", texts.get(r128, ""))
    return int(found[0]) / _R128 + _R128_BELOW if found else from_encoder


def _peak(texts: dict[str, str], name: str, otherwise: float | None) -> float | None:
    found = re.match(r"\s*(\d+(?:\.\d+)?)", texts.get(name, ""))
    peak = float(found[1]) if found else otherwise
    return peak or None


def _rva2(tags: object) -> dict[str, tuple[float, float]]:
    """Gain and peak of the master channel by what they are for: frames RVA2 of ID3 (id3v2.4.0-frames, 4.11)."""
    frames = (content for _, content in _pairs(tags) if type(content).__name__ == "RVA2")
    return {
        str(getattr(frame, "desc", "")).lower(): (
            float(getattr(frame, "gain", 0.0)),
            float(getattr(frame, "peak", 0.0)),
        )
        for frame in frames
        if getattr(frame, "channel", 0) == 1
    }


def _gapless(text: str) -> Gapless | None:
    found = _SMPB.match(text)
    return Gapless(*(int(number, 16) for number in found.groups())) if found else None


def _number(found: object) -> int:
    return found if isinstance(found, int) else 0
