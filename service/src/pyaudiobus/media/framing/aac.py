"""AAC: what AudioSpecificConfig says, and access units as ADTS, LOAS, LATM or ADIF (ISO/IEC 14496-3, 1.6, 1.7, 1.A)."""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.errors import MediaError
from pyaudiobus.media.framing.bits import BitReader, BitWriter

RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350)
ADTS_HEADER = 7
IS_MPEG2 = 0x08
"""In the second byte of ADTS."""
_ADTS_CRC = 2
_ADTS_LONGEST = (1 << 13) - 1
LOAS_HEADER = 3
_LOAS_LONGEST = (1 << 13) - 1
_ESCAPE_RATE = 15
_ESCAPE_TYPE = 31
_SBR, _PS = 5, 29
_SBR_EXTENSION = 0x2B7
_PS_EXTENSION = 0x548
_EXTENSION_BITS = 16
_MAIN, _LC, _SSR, _LTP = 1, 2, 3, 4
_ER_LC, _ER_LD, _ELD = 17, 23, 39
_VARIANTS = {_MAIN: "main", _LC: "lc", _SSR: "ssr", _LTP: "ltp", _ER_LC: "er-lc", _ER_LD: "ld", _ELD: "eld"}


class AudioConfig(NamedTuple):
    """What a decoder must know of an AAC stream."""

    object_type: int
    """Of the core, without SBR and PS: 2 for LC."""
    rate: int
    """PCM frames per second of the core."""
    channels: int
    """Channel configuration: 7 stands for eight channels, 0 for what only a program config element tells."""
    frame_length: int
    """PCM frames of the core in one access unit."""
    output_rate: int
    """PCM frames per second with SBR, if it is signalled."""
    has_sbr: bool
    has_ps: bool

    @property
    def variant(self) -> str:
        """Its name: "lc", "he", "he-ps", ...; empty for an object type that has none here."""
        if self.has_ps:
            return "he-ps"
        return "he" if self.has_sbr else _VARIANTS.get(self.object_type, "")


def parse_config(config: bytes) -> AudioConfig | None:
    """Read an AudioSpecificConfig (1.6.2.1), with SBR and PS signalled in front or behind; None if it is none."""
    bits = BitReader(config)
    object_type = _object_type(bits)
    rate = output_rate = _rate(bits)
    channels = bits.take(4)
    has_sbr, has_ps = object_type in (_SBR, _PS), object_type == _PS
    if has_sbr:
        output_rate = _rate(bits)
        object_type = _object_type(bits)
    is_short = object_type in _VARIANTS and bool(bits.take(1))
    if bits.left < 0 or not rate or not output_rate:
        return None
    length = 512 if object_type in (_ER_LD, _ELD) else 1024
    length -= (length // 16) if is_short else 0
    found = AudioConfig(object_type, rate, channels, length, output_rate, has_sbr, has_ps)
    return found if has_sbr or not channels else _with_extension(found, bits)


def _with_extension(found: AudioConfig, bits: BitReader) -> AudioConfig:
    """Look for SBR and PS signalled behind GASpecificConfig, which ends with two flags where channels are told."""
    if bits.take(1):
        bits.take(14)
    bits.take(1)
    if bits.left < _EXTENSION_BITS or bits.take(11) != _SBR_EXTENSION or bits.take(5) != _SBR or not bits.take(1):
        return found
    output_rate = _rate(bits)
    has_ps = bits.left >= 12 and bits.take(11) == _PS_EXTENSION and bool(bits.take(1))  # noqa: PLR2004  # both together
    return found._replace(output_rate=output_rate or found.rate, has_sbr=True, has_ps=has_ps)


def _object_type(bits: BitReader) -> int:
    kind = bits.take(5)
    return 32 + bits.take(6) if kind == _ESCAPE_TYPE else kind


def _rate(bits: BitReader) -> int:
    index = bits.take(4)
    if index == _ESCAPE_RATE:
        return bits.take(24)
    return RATES[index] if index < len(RATES) else 0


def why_no_adts(config: AudioConfig) -> str:
    """Say what an ADTS header cannot tell of a stream; empty where it can."""
    if config.object_type not in (_MAIN, _LC, _SSR, _LTP):
        return f"ADTS cannot carry AAC of object type {config.object_type}"
    if config.rate not in RATES:
        return f"ADTS cannot tell a rate of {config.rate} Hz"
    if not config.channels:
        return "ADTS cannot tell this order of channels"
    return ""


def adts_header(config: AudioConfig, size: int) -> bytes:
    """Return the seven bytes before an access unit of `size` bytes. MediaError if it is too long for them."""
    length = ADTS_HEADER + size
    if length > _ADTS_LONGEST:
        raise MediaError(f"an AAC frame of {size} bytes does not fit into ADTS", advice="Play it decoded (--decode).")
    bits = BitWriter()
    bits.put(0xFFF, 12)
    bits.put(0b0001, 4)  # MPEG-4, layer 0, no checksum
    bits.put(config.object_type - 1, 2)
    bits.put(RATES.index(config.rate), 4)
    bits.put(0, 1)
    bits.put(config.channels, 3)
    bits.put(0, 4)
    bits.put(length, 13)
    bits.put(0x7FF, 11)  # the bit reservoir of a variable rate
    bits.put(0, 2)
    return bits.bytes()


def parse_adts(data: bytes) -> tuple[AudioConfig, int, int] | None:
    """Read an ADTS header: config, bytes of the header, bytes of the whole frame; None if there is none."""
    if len(data) < ADTS_HEADER or data[0] != 0xFF or data[1] & 0xF6 != 0xF0:  # noqa: PLR2004  # sync word, layer 0
        return None
    bits = BitReader(data[2:ADTS_HEADER])
    object_type, index = bits.take(2) + 1, bits.take(4)
    bits.take(1)
    channels = bits.take(3)
    bits.take(4)
    length = bits.take(13)
    header = ADTS_HEADER + (0 if data[1] & 1 else _ADTS_CRC)
    if index >= len(RATES) or length <= header:
        return None
    rate = RATES[index]
    return AudioConfig(object_type, rate, channels, 1024, rate, has_sbr=False, has_ps=False), header, length


def adts_config(data: bytes) -> bytes:
    """Return the AudioSpecificConfig of the stream that an ADTS frame belongs to; empty if it is no frame."""
    found = parse_adts(data)
    if found is None:
        return b""
    bits = BitWriter()
    bits.put(found[0].object_type, 5)
    bits.put(RATES.index(found[0].rate), 4)
    bits.put(found[0].channels, 4)
    bits.put(0, 3)
    return bits.bytes()


def mux_element(config: bytes, unit: bytes) -> bytes:
    """Return an AudioMuxElement with its StreamMuxConfig (1.7.3): one program, one layer, one access unit."""
    bits = BitWriter()
    bits.put(0, 1)  # useSameStreamMux: no, so that a decoder can begin at every one
    bits.put(0, 1)  # audioMuxVersion
    bits.put(1, 1)  # allStreamsSameTimeFraming
    bits.put(0, 6 + 4 + 3)  # one subframe, program and layer
    width = _config_bits(config)
    bits.put(BitReader(config).take(width), width)  # no more of it: version 0 does not tell its length
    bits.put(0, 3)  # frameLengthType: a length before each
    bits.put(0xFF, 8)  # latmBufferFullness of a variable rate
    bits.put(0, 1 + 1)  # no other data, no checksum
    for _ in range(len(unit) // 255):
        bits.put(255, 8)
    bits.put(len(unit) % 255, 8)
    bits.put_bytes(unit)
    return bits.bytes()


def _config_bits(config: bytes) -> int:
    bits = BitReader(config)
    total = bits.left
    kind = _object_type(bits)
    _rate(bits)
    bits.take(4)
    if kind in (_SBR, _PS):
        _rate(bits)
        _object_type(bits)
    if bits.take(2) & 1:
        bits.take(14)
    bits.take(1)
    return total - bits.left


def loas_frame(config: bytes, unit: bytes) -> bytes:
    """Return an access unit as one AudioSyncStream frame (1.7.2). MediaError if it is too long for one."""
    element = mux_element(config, unit)
    if len(element) > _LOAS_LONGEST:
        raise MediaError(f"an AAC frame of {len(unit)} bytes does not fit into LOAS", advice="Play it decoded.")
    return (0x2B7 << 13 | len(element)).to_bytes(LOAS_HEADER, "big") + element


def loas_size(config: bytes, size: int) -> int:
    """Bytes that loas_frame makes of an access unit of `size` bytes."""
    return len(mux_element(config, b"")) + LOAS_HEADER + size + size // 255
