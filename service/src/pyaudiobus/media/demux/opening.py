"""From a file to what can be sent of it: codec, exact length, what is silence, and where packets come from."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from pyaudiobus.errors import MediaError
from pyaudiobus.media.decode.container import audio_stream, check, open_container
from pyaudiobus.media.demux.ape_file import open_ape
from pyaudiobus.media.demux.codecs import RECIPES
from pyaudiobus.media.demux.reader import Bare, PacketReader
from pyaudiobus.media.demux.recipe import Facts, NotSendable, Way
from pyaudiobus.media.demux.scan import Scan, scan
from pyaudiobus.media.demux.silence import silence_of
from pyaudiobus.media.demux.store import HiddenPackets, JoinedPackets, OpenPackets, PacketStore
from pyaudiobus.media.encoded_file import EncodedFile, Presentation, StreamReader
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span, SpanReader

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_CONTAINERS = {"mov": "mp4", "aac": "adts", "matroska": "matroska"}


def open_demuxed(path: str) -> EncodedFile | None:
    """Open a file by what FFmpeg makes of it; None if only its PCM can be sent.

    That is where the kernel has no name for the codec, where it is PCM, or where headers are missing.
    MediaError if it has no sound that can be read, or none of it is whole.
    """
    check(path)
    container = open_container(path)
    try:
        stream = audio_stream(path, container)
        context = stream.codec_context
        facts = Facts(
            path,
            context.codec.canonical_name,
            container.format.name.split(",")[0],
            context.rate,
            context.channels,
            bytes(context.extradata or b""),
        )
        if facts.codec == "ape":
            return open_ape(path)
        if facts.codec not in RECIPES or not (facts.rate and facts.channels):
            return None
        source = FileSource(path)
        try:
            return _opened(facts, container, stream, source)
        except NotSendable:
            source.close()
            return None
        except BaseException:
            source.close()
            raise
    finally:
        container.close()


def _opened(facts: Facts, container: InputContainer, stream: AudioStream, source: FileSource) -> EncodedFile:
    recipe = RECIPES[facts.codec](facts)
    found = scan(container, stream, source, recipe.rate, recipe.measure)
    if not found.sizes or not sum(found.durations):
        raise MediaError(
            f"{facts.path} holds no whole {facts.codec} frame",
            facts=found.warnings[:4],
            advice="Get the file again: it was cut off or damaged.",
        )
    delay, padding = silence_of(source, facts, found)
    store: PacketStore = HiddenPackets(facts.path, found)
    if found.is_open:
        store = OpenPackets(source, found.offsets, found.sizes)
    shown = [_Shown(way, found, store, source).presentation(delay, padding) for way in recipe.ways(found)]
    name = facts.container
    return EncodedFile(
        facts.path,
        shown,
        container=_CONTAINERS.get(name, name),
        bit_rate_mode="cbr" if len(set(found.sizes)) == 1 else "vbr",
        first_frame_offset=max(0, found.offsets[0]) if found.is_open else 0,
        warnings=list(dict.fromkeys(found.warnings)),
        close=source.close,
    )


class _Shown:
    """One way of sending what was found."""

    def __init__(self, way: Way, found: Scan, store: PacketStore, source: FileSource) -> None:
        self._way = way
        self._found = found
        self._source = source
        self._sizes, self._durations = found.sizes, found.durations
        self._store = store
        if way.groups is not None:
            self._sizes = _joined(way.groups, found.sizes)
            self._durations = _joined(way.groups, found.durations)
            self._store = JoinedPackets(store, way.groups, len(found.sizes))
        if not isinstance(way.framing, Bare):
            self._sizes = array("I", (way.framing.size(size) for size in self._sizes))
        self._index = TimeIndex(self._sizes, self._durations, header=len(way.header))

    def presentation(self, delay: int, padding: int) -> Presentation:
        """Complete the format with what counting has told."""
        form, index, header = self._way.form, self._index, self._way.header
        bits = (index.total_bytes - len(header)) * 8
        form = form.replace(
            bit_rate=round(bits * form.rate / index.total_frames), encoder_delay=delay, encoder_padding=padding
        )
        return Presentation(form, header, index, self._reader)

    def _reader(self, for_kernel: bool) -> StreamReader:  # noqa: FBT001  # as Presentation calls it
        if isinstance(self._way.framing, Bare) and self._found.is_contiguous:
            span = Span(self._found.offsets[0], sum(self._found.sizes))
            return SpanReader(self._source, self._way.header, (span,), for_kernel=for_kernel)
        return PacketReader(self._way.header, self._store, self._way.framing, self._index)


def _joined(starts: array[int], values: array[int]) -> array[int]:
    ends = (*starts[1:], len(values))
    return array("I", (sum(values[start:end]) for start, end in zip(starts, ends, strict=True)))
