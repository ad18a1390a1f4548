"""The header that begins an ADIF stream of AAC (ISO/IEC 14496-3, 1.A.2 and 4.4.1.1, program_config_element)."""

from __future__ import annotations

from pyaudiobus.media.framing.aac import RATES, AudioConfig
from pyaudiobus.media.framing.bits import BitWriter

_PROFILES = (1, 2, 3, 4)
_FRONT = {1: "s", 2: "p", 3: "sp", 4: "sp", 5: "sp", 6: "sp"}
"""Elements in front by channel configuration: a single channel, a pair."""
_BACK = {4: "s", 5: "p", 6: "p"}
_WITH_LFE = 6


def adif_header(config: AudioConfig) -> bytes:
    """Return it for one program of variable rate; empty where it cannot describe the stream."""
    if config.object_type not in _PROFILES or config.rate not in RATES or config.channels not in _FRONT:
        return b""
    bits = BitWriter()
    bits.put_bytes(b"ADIF")
    bits.put(0, 1 + 1 + 1)  # no copyright id; neither original nor home
    bits.put(1, 1)  # variable rate
    bits.put(0, 23)  # unknown
    bits.put(0, 4)  # one program
    _put_program(bits, config)
    return bits.bytes()


def _put_program(bits: BitWriter, config: AudioConfig) -> None:
    front, back = _FRONT[config.channels], _BACK.get(config.channels, "")
    has_lfe = config.channels == _WITH_LFE
    bits.put(0, 4)
    bits.put(config.object_type - 1, 2)
    bits.put(RATES.index(config.rate), 4)
    bits.put(len(front), 4)
    bits.put(0, 4)
    bits.put(len(back), 4)
    bits.put(int(has_lfe), 2)
    bits.put(0, 3 + 4)
    bits.put(0, 1 + 1 + 1)  # no mixdown
    tags = {"s": 0, "p": 0}
    for element in front + back:
        bits.put(int(element == "p"), 1)
        bits.put(tags[element], 4)
        tags[element] += 1
    if has_lfe:
        bits.put(0, 4)
    bits.align()
    bits.put(0, 8)  # no comment
