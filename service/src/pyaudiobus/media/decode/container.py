"""Opening files with FFmpeg (PyAV) and choosing their audio stream; nothing is decoded here."""

from __future__ import annotations

from typing import NamedTuple

import av
import av.error
import av.logging
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer

from pyaudiobus.errors import MediaError
from pyaudiobus.media.sniff import refuse_foreign
from pyaudiobus.media.source import FileSource

_HEAD = 4096
_ENCRYPTED_TAGS = ("drms", "enca", "aavd", "p608")
_GUESSED = "mp3"
"""What FFmpeg takes a file for in which a few bytes look like a frame's header; it needs no container for that."""


class Facts(NamedTuple):
    """What FFmpeg tells of a file's first or best audio stream."""

    codec: str
    """FFmpeg's name of the codec: "aac", "vorbis", "pcm_s16le", ..."""
    container: str
    """FFmpeg's names of the container, separated by commas."""
    rate: int
    channels: int
    bit_rate: int
    seconds: float
    """0 where unknown."""
    extradata: bytes
    codec_tag: str
    tags: dict[str, str]
    first_frame_offset: int
    """Where the first packet lies in the file; 0 if the container hides it."""
    audio_bytes: int
    """Bytes of all packets."""
    packet_size: int
    """Bytes of each packet if all have as many, else 0."""
    counted_seconds: float
    """All packets' durations added up; 0 if some have none."""


def check(path: str) -> None:
    """Raise MediaError for what no decoder need be asked about: missing, empty, a directory, plainly no audio."""
    source = FileSource(path)
    try:
        refuse_foreign(path, source.read(0, min(_HEAD, source.size)))
    finally:
        source.close()


def facts_of(path: str) -> Facts:
    """Ask FFmpeg what a file is, without decoding it. MediaError if it has no audio stream that can be read."""
    check(path)
    container = open_container(path)
    try:
        stream = audio_stream(path, container)
        context = stream.codec_context
        return Facts(
            context.codec.canonical_name,
            container.format.name,
            context.rate,
            context.channels,
            context.bit_rate or 0,
            seconds_of(container, stream),
            context.extradata or b"",
            _tag(context),
            {**container.metadata, **stream.metadata},
            *_extent(container, stream),
        )
    finally:
        container.close()


def open_container(path: str) -> InputContainer:
    """Open a local file with FFmpeg, which then says nothing on standard error and opens nothing but files."""
    av.logging.set_level(None)
    options = {"protocol_whitelist": "file"}
    try:
        return av.open(f"file:{path}", "r", container_options=options, metadata_errors="replace")
    except (av.error.FFmpegError, UnicodeError) as error:
        raise MediaError(
            f"{path} is no audio file that FFmpeg knows, or it is damaged",
            facts=[f"FFmpeg says: {getattr(error, 'strerror', None) or error}"],
            advice="Look at what it is with: file FILE; then get it again.",
        ) from error


def audio_stream(path: str, container: InputContainer) -> AudioStream:
    """Choose the audio stream to play. MediaError if there is none, or if it is encrypted."""
    stream = container.streams.best("audio")
    if isinstance(stream, AudioStream) and _is_readable(stream):
        return stream
    if stream is None and container.format.name == _GUESSED:
        raise MediaError(
            f"{path} holds no sound that FFmpeg can decode",
            facts=["its name or some of its bytes look like MP3"],
            advice="It is damaged or no audio, or it is MP3 in free format, which FFmpeg does not know.",
        )
    kinds = sorted({other.type for other in container.streams if other is not stream})
    if stream is not None or _has_unknown(container):
        raise MediaError(
            f"{path} is encrypted, or in a codec that FFmpeg does not know",
            advice="Only its seller's player can play a protected file; buy or rip it without protection.",
        )
    raise MediaError(f"{path} has no audio stream", facts=[f"streams in it: {', '.join(kinds) or 'none'}"])


def _is_readable(stream: AudioStream) -> bool:
    return stream.codec_context is not None and _tag(stream.codec_context) not in _ENCRYPTED_TAGS


def _has_unknown(container: InputContainer) -> bool:
    return any(stream.type == "audio" for stream in container.streams)


def _tag(context: AudioCodecContext) -> str:
    try:
        return str(context.codec_tag).strip("\0")
    except UnicodeDecodeError:  # a number of WAV's, not four letters
        return ""


def seconds_of(container: InputContainer, stream: AudioStream) -> float:
    """Seconds that the container or the stream claims; 0 where neither does."""
    if container.duration:
        return container.duration / av.time_base
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return 0.0


def _extent(container: InputContainer, stream: AudioStream) -> tuple[int, int, int, float]:
    """Demux to the end; return the last four fields of Facts."""
    first, ticks, sizes, is_timed = None, 0, set(), True
    size = 0
    try:
        for packet in container.demux(stream):
            if packet.size:
                first = packet.pos if first is None else first
                size += packet.size
                sizes.add(packet.size)
                ticks += packet.duration or 0
                is_timed = is_timed and bool(packet.duration)
    except av.error.FFmpegError:
        is_timed = False
    seconds = float(ticks * stream.time_base) if is_timed and stream.time_base else 0.0
    return first or 0, size, sizes.pop() if len(sizes) == 1 else 0, seconds
