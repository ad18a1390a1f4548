"""Shapes of audio: PCM and encoded. Values that check themselves; what two ports agree on is in negotiation.py."""

from __future__ import annotations

from enum import Enum

from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record

MAX_CHANNELS = 64
MAX_RATE = 768_000
MAX_DIGITS = 9
"""In a number that somebody typed."""


class Encoding(Enum):
    """How one PCM sample is written; little endian, interleaved."""

    S16 = "s16"
    S24 = "s24"
    """Packed in three bytes (S24_3LE)."""
    S32 = "s32"
    U8 = "u8"
    """Unsigned; silence is 128."""
    S24_32 = "s24_32"
    """The lower three bytes of four (S24_LE)."""
    F32 = "f32"

    @property
    def width(self) -> int:
        """Bytes in one sample."""
        return _WIDTHS[self]


_WIDTHS = {
    Encoding.U8: 1,
    Encoding.S16: 2,
    Encoding.S24: 3,
    Encoding.S24_32: 4,
    Encoding.S32: 4,
    Encoding.F32: 4,
}


class Codec(Enum):
    """The encoded formats that the kernel's compress interface names (`sound/compress_params.h`)."""

    MP3 = "mp3"
    AAC = "aac"
    FLAC = "flac"
    WMA = "wma"
    ALAC = "alac"
    APE = "ape"
    VORBIS = "vorbis"
    OPUS = "opus"
    AMR = "amr"
    AMR_WB = "amr-wb"
    AMR_WB_PLUS = "amr-wb+"
    REAL = "real"
    IEC61937 = "iec61937"
    G723_1 = "g723.1"
    G729 = "g729"
    PCM = "pcm"


USUAL_STREAM_FORMATS = ((Codec.AAC, ("adts", "mp2adts")), (Codec.VORBIS, ("ogg",)))
"""What a DSP can find its way in by itself: frames behind sync words, pages."""


class PcmFormat(Record):
    """Shape of one PCM stream. Linked ports hold equal formats."""

    encoding: Encoding
    rate: int
    """Frames per second."""
    channels: int
    channel_map: tuple[str, ...] = ()
    """Speaker positions in order ("FL", "FR", ...); empty when the file does not say."""

    def __post_init__(self) -> None:
        _check_shape(self.rate, self.channels)
        if self.channel_map and len(self.channel_map) != self.channels:
            raise UserError(f"a channel map of {len(self.channel_map)} positions does not fit {self.channels} channels")

    @property
    def frame_size(self) -> int:
        """Bytes in one frame: one sample for each channel."""
        return self.encoding.width * self.channels

    def __str__(self) -> str:
        return f"{self.encoding.value}/{self.rate}/{self.channels}"


class EncodedFormat(Record):
    """Shape of one encoded stream, with all that a driver's SET_PARAMS may ask for."""

    codec: Codec
    rate: int
    """PCM frames per second after decoding."""
    channels: int
    bit_rate: int = 0
    """Bits per second on average; 0 where unknown."""
    bit_depth: int = 0
    """Bits of one decoded sample; 0 where the codec has no such thing (MP3, AAC)."""
    stream_format: str = ""
    """Framing where a codec has several: "adts", "mp2adts", "raw", "loas", "latm" or "adif" for AAC; "ogg" or "length"
    (four bytes before each packet, little endian) for Vorbis; "fsf" (file storage format) for AMR."""
    block_align: int = 0
    """Bytes of one packet where the container fixes it (WMA)."""
    codec_private: bytes = b""
    """The codec's own header: 34 bytes of STREAMINFO for FLAC, the cookie for ALAC, AudioSpecificConfig for AAC."""
    encoder_delay: int = 0
    """Frames of silence the encoder put in front."""
    encoder_padding: int = 0
    """Frames the encoder added at the end."""
    profile: int = 0
    """The codec's profile as the container writes it: WMA's format tag, AMR's band mode; 0 where it has none."""
    variant: str = ""
    """Which of the codecs of one name: "lc", "he" or "he-ps" for AAC, "9" or "9-pro" for WMA, what bursts of IEC 61937
    hold ("ac3", "eac3", "dts"), FFmpeg's name for Real's; empty where there is but one."""

    def __post_init__(self) -> None:
        _check_shape(self.rate, self.channels)

    def __str__(self) -> str:
        return f"{self.codec.value}/{self.rate}/{self.channels}"

    @property
    def shape(self) -> tuple[object, ...]:
        """What no device can be told anew between two tracks."""
        return self.codec, self.stream_format, self.rate, self.channels

    @property
    def lead(self) -> int:
        """Frames that leave a decoder before the first one meant to be heard."""
        return self.encoder_delay + DECODER_DELAYS.get(self.codec, 0) if self.encoder_delay else 0


DECODER_DELAYS = {Codec.MP3: 529}
"""Frames a decoder is late by itself. LAME's tag does not count them; a DSP that is told the tag's delay adds them."""

_BLOCK_SIZES = 4
"""Bytes at the start of STREAMINFO: the smallest and the largest block (RFC 9639 8.2)."""

Format = PcmFormat | EncodedFormat


def can_follow(present: EncodedFormat, following: EncodedFormat) -> bool:
    """Tell whether a decoder that was set up for one stream decodes the other too: equal but for lengths and rates."""
    return _parameters(present) == _parameters(following)


def _parameters(form: EncodedFormat) -> tuple[object, ...]:
    private = form.codec_private[:_BLOCK_SIZES] if form.codec is Codec.FLAC else form.codec_private
    return (*form.shape, form.bit_depth, form.block_align, form.profile, private)


def _check_shape(rate: int, channels: int) -> None:
    if not 0 < rate <= MAX_RATE:
        raise UserError(f"a rate of {rate} Hz is outside 1..{MAX_RATE}")
    if not 0 < channels <= MAX_CHANNELS:
        raise UserError(f"{channels} channels are outside 1..{MAX_CHANNELS}")


def parse_format(text: str) -> Format:
    """Read what people type: "s16/48000/2" or "mp3/44100/2". Raises UserError naming the part that is wrong."""
    parts = text.strip().lower().split("/")
    if len(parts) != len(("kind", "rate", "channels")):
        raise UserError(f"{text!r} is not a format", advice="Write ENCODING/RATE/CHANNELS, for example s16/48000/2.")
    kind, rate_text, channels_text = parts
    rate, channels = _whole("rate", rate_text), _whole("number of channels", channels_text)
    for encoding in Encoding:
        if encoding.value == kind:
            return PcmFormat(encoding, rate, channels)
    for codec in Codec:
        if codec.value == kind:
            return EncodedFormat(codec, rate, channels)
    known = ", ".join(member.value for member in (*Encoding, *Codec))
    raise UserError(f"{kind!r} is neither an encoding nor a codec", facts=[f"known: {known}"])


def _whole(what: str, text: str) -> int:
    if not text.isdecimal() or len(text) > MAX_DIGITS:
        raise UserError(f"the {what} {text[: MAX_DIGITS + 1]!r} is not a whole number of up to {MAX_DIGITS} digits")
    return int(text)
