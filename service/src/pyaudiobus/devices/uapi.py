"""Numbers of the kernel's compress interface (`<sound/compress_offload.h>`, `<sound/compress_params.h>`). No calls."""

from __future__ import annotations

from pyaudiobus.model.format import Codec

IOCTL_VERSION = 0x80044300
GET_CAPS = 0xC0C44310
SET_PARAMS = 0x40844312
SET_METADATA = 0x40244314
TSTAMP = 0x80144320
AVAIL = 0x801C4321
TSTAMP64 = 0x80204322
AVAIL64 = 0x80284323
PAUSE = 0x4330
RESUME = 0x4331
START = 0x4332
STOP = 0x4333
DRAIN = 0x4334
NEXT_TRACK = 0x4335
PARTIAL_DRAIN = 0x4336

KNOWN_MAJOR = 0
"""Every kernel so far speaks protocol 0.x; a 1.x may lay out its structs differently."""
WIDE_COUNTERS = 0x000400
"""Protocol 0.4.0 (Linux 6.18): TSTAMP64 and AVAIL64 exist, and the core counts bytes in 64 bits."""

PLAYBACK = 0
"""snd_compr_caps.direction of a device that plays."""
METADATA_PADDING = 1
METADATA_DELAY = 2

POLLOUT = 0x004
POLLERR = 0x008

CODEC_IDS = {
    Codec.PCM: 0x01,
    Codec.MP3: 0x02,
    Codec.AMR: 0x03,
    Codec.AMR_WB: 0x04,
    Codec.AMR_WB_PLUS: 0x05,
    Codec.AAC: 0x06,
    Codec.WMA: 0x07,
    Codec.REAL: 0x08,
    Codec.VORBIS: 0x09,
    Codec.FLAC: 0x0A,
    Codec.IEC61937: 0x0B,
    Codec.G723_1: 0x0C,
    Codec.G729: 0x0D,
    Codec.ALAC: 0x0F,
    Codec.APE: 0x10,
    Codec.OPUS: 0x11,
}
CODECS = {number: codec for codec, number in CODEC_IDS.items()}


def protocol_text(version: int) -> str:
    """Write a protocol number as people do: 0x000400 is "0.4.0"."""
    return f"{version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF}"
