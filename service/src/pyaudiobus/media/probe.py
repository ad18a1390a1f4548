"""What a file is, from all who know: our walkers (MP3, FLAC), mutagen (tags), FFmpeg (everything else)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pyaudiobus.errors import MediaError
from pyaudiobus.media.codec_names import common_name
from pyaudiobus.media.decode import Facts, facts_of
from pyaudiobus.media.demux import open_demuxed
from pyaudiobus.media.encoded import EncodedFile, open_framed
from pyaudiobus.media.flac_header import STREAMINFO, parse_stream_info
from pyaudiobus.media.labels import Labels, read_labels
from pyaudiobus.model.format import Codec, EncodedFormat

_WMA_TAGS = {"wmav1": 0x160, "wmav2": 0x161, "wmapro": 0x162, "wmalossless": 0x163}
_CONTAINERS = {"mov": "mp4", "aac": "adts"}
_LOSSLESS = frozenset({"alac", "ape", "flac", "pcm", "tta", "wavpack", "wmalossless"})
_RAW_STREAMS = frozenset({"adts", "ac3", "eac3", "mp1", "mp2", "loas"})
_STREAM_FORMATS = {"adts": "adts", "loas": "latm"}
_ALAC_COOKIE = slice(12, 36)
_ALAC_DEPTH = 5
_OPUS_PRE_SKIP = slice(10, 12)


@dataclass(frozen=True, slots=True)
class Probe:
    """Facts about one file. Numbers are 0 and texts empty where a file does not say."""

    path: str
    codec: str
    """The kernel's name for it (`model.format.Codec`), else FFmpeg's."""
    container: str
    rate: int
    """PCM frames per second."""
    channels: int
    bit_depth: int = 0
    """Bits of a sample; 0 for codecs that lose some."""
    bit_rate: int = 0
    """Bits per second on average."""
    bit_rate_mode: str = ""
    """"cbr", "vbr", "abr" or ""."""
    seconds: float = 0.0
    """Of audible sound."""
    encoder_delay: int = 0
    """PCM frames the encoder put in front, as the file's tag says (a decoder's own delay is not in it)."""
    encoder_padding: int = 0
    """PCM frames the encoder added at the end."""
    first_frame_offset: int = 0
    """Where the first frame of sound lies in the file; 0 where the container hides it."""
    audio_bytes: int = 0
    """Bytes of all frames of sound."""
    labels: Labels = field(default_factory=Labels)
    stream_format: str = ""
    block_align: int = 0
    codec_private: bytes = field(default=b"", repr=False)
    profile: int = 0
    warnings: tuple[str, ...] = ()
    ways: tuple[EncodedFormat, ...] = field(default=(), repr=False)
    """The forms in which it can be sent to a DSP undecoded, the best first."""

    @property
    def encoded_format(self) -> EncodedFormat | None:
        """The stream as a device would be told of it; None if the kernel has no name for the codec."""
        if self.ways:
            return self.ways[0]
        if self.codec != Codec.PCM.value:
            return None
        return EncodedFormat(Codec.PCM, self.rate, self.channels, self.bit_rate, self.bit_depth)


def probe(path: str) -> Probe:
    """Find out what `path` is, by its contents alone. MediaError if it is missing, no audio, encrypted or damaged."""
    encoded = open_framed(path)
    labels = read_labels(path)
    if encoded is None:
        found = _from_facts(path, facts_of(path), labels)
        demuxed = open_demuxed(path)
        if demuxed is None:
            return found
        demuxed.close()
        return _as_sent(found, demuxed)
    with_delay = _from_encoded(encoded, labels)
    encoded.close()
    return with_delay


def _as_sent(found: Probe, encoded: EncodedFile) -> Probe:
    """Tell of a file what a device would be told, which was counted."""
    form = encoded.form
    return replace(
        found,
        seconds=encoded.duration,
        bit_depth=found.bit_depth or form.bit_depth,
        bit_rate_mode=encoded.bit_rate_mode,
        encoder_delay=form.encoder_delay,
        encoder_padding=form.encoder_padding,
        stream_format=form.stream_format,
        block_align=form.block_align,
        codec_private=form.codec_private,
        profile=form.profile,
        warnings=encoded.warnings,
        ways=tuple(way.form for way in encoded.presentations),
    )


def _from_encoded(encoded: EncodedFile, labels: Labels) -> Probe:
    form = encoded.form
    found = Probe(
        encoded.path,
        form.codec.value,
        encoded.container,
        form.rate,
        form.channels,
        form.bit_depth,
        form.bit_rate,
        encoded.bit_rate_mode,
        encoded.duration,
        form.encoder_delay,
        form.encoder_padding,
        encoded.first_frame_offset,
        encoded.audio_bytes,
        labels,
        codec_private=form.codec_private,
        warnings=encoded.warnings,
        ways=(form,),
    )
    if form.codec is Codec.MP3 and not form.encoder_delay:
        return _with_gapless(found, encoded.total_frames)
    return found


def _from_facts(path: str, facts: Facts, labels: Labels) -> Probe:
    codec = common_name(facts.codec)
    container = facts.container.split(",")[0]
    container = codec if container == "mp3" else _CONTAINERS.get(container, container)
    if not (facts.rate and facts.channels):
        raise MediaError(f"{path} holds {codec} sound of unknown rate or channel count", advice="Get the file again.")
    seconds = _seconds(container, facts, labels)
    bit_rate = round(facts.audio_bytes * 8 / seconds) if seconds and facts.audio_bytes else facts.bit_rate
    found = Probe(
        path,
        codec,
        container,
        facts.rate,
        facts.channels,
        _bit_depth(codec, facts, labels),
        bit_rate,
        "cbr" if codec == "pcm" else "",
        seconds,
        int.from_bytes(facts.extradata[_OPUS_PRE_SKIP], "little") if codec == "opus" else 0,
        0,
        facts.first_frame_offset,
        facts.audio_bytes,
        labels,
        stream_format=_STREAM_FORMATS.get(container, "raw") if codec == "aac" else "",
        block_align=facts.packet_size if container == "asf" else 0,
        codec_private=_private(codec, facts.extradata),
        profile=_WMA_TAGS.get(facts.codec, 0),
    )
    return _with_gapless(found, 0)


def _seconds(container: str, facts: Facts, labels: Labels) -> float:
    """Ogg's length is read best by mutagen (it leaves out Opus's pre-skip), a bare stream's by counting packets."""
    if container == "ogg" and labels.seconds:
        return labels.seconds
    if container in _RAW_STREAMS and facts.counted_seconds:
        return facts.counted_seconds
    return facts.seconds or facts.counted_seconds


def _bit_depth(codec: str, facts: Facts, labels: Labels) -> int:
    cookie = _private(codec, facts.extradata)
    if codec == "alac" and len(cookie) > _ALAC_DEPTH:
        return cookie[_ALAC_DEPTH]
    if codec == "flac" and len(cookie) == STREAMINFO:
        return parse_stream_info(cookie).bit_depth
    if codec == "pcm":
        digits = "".join(character for character in facts.codec.split("_")[1] if character.isdigit())
        return int(digits or 0)
    return labels.bit_depth if codec in _LOSSLESS or facts.codec in _LOSSLESS else 0


def _private(codec: str, extradata: bytes) -> bytes:
    """Return the codec's own header. FFmpeg keeps ALAC's cookie in the box that held it."""
    if codec == "alac" and extradata[4:8] == b"alac":
        return extradata[_ALAC_COOKIE]
    return extradata


def _with_gapless(found: Probe, total_frames: int) -> Probe:
    gapless = found.labels.gapless
    if gapless is None or not gapless.frames or (total_frames and gapless.frames > total_frames):
        return found
    ways = tuple(way.replace(encoder_delay=gapless.delay, encoder_padding=gapless.padding) for way in found.ways)
    return replace(
        found,
        encoder_delay=gapless.delay,
        encoder_padding=gapless.padding,
        seconds=gapless.frames / found.rate,
        ways=ways,
    )
