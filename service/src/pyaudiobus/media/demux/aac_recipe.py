"""AAC: as ADTS where it is or can be that, else as access units in whatever a device wants."""

from __future__ import annotations

from pyaudiobus.media.demux.reader import Bare
from pyaudiobus.media.demux.recipe import Facts, NotSendable, Recipe, Way
from pyaudiobus.media.demux.scan import Scan
from pyaudiobus.media.framing import aac
from pyaudiobus.media.framing.adif import adif_header
from pyaudiobus.model.format import Codec, EncodedFormat


class AdtsFraming:
    """An ADTS header before each access unit."""

    def __init__(self, config: aac.AudioConfig) -> None:
        self._config = config

    def size(self, size: int) -> int:
        """Seven bytes more."""
        return aac.ADTS_HEADER + size

    def frame(self, packet: bytes, number: int) -> bytes:
        """Put it in front."""
        del number
        return aac.adts_header(self._config, len(packet)) + packet


class LoasFraming:
    """Each access unit in a frame of LOAS."""

    def __init__(self, private: bytes) -> None:
        self._private = private

    def size(self, size: int) -> int:
        """Sync word, length, stream configuration, and a byte for every 255."""
        return aac.loas_size(self._private, size)

    def frame(self, packet: bytes, number: int) -> bytes:
        """Wrap it."""
        del number
        return aac.loas_frame(self._private, packet)


class LatmFraming(LoasFraming):
    """The same without sync words."""

    def size(self, size: int) -> int:
        """Three bytes less."""
        return super().size(size) - aac.LOAS_HEADER

    def frame(self, packet: bytes, number: int) -> bytes:
        """Wrap it."""
        return super().frame(packet, number)[aac.LOAS_HEADER :]


class Unwrapped:
    """Access units without the ADTS headers that they have."""

    def __init__(self, header: int) -> None:
        self._header = header

    def size(self, size: int) -> int:
        """As much less."""
        return size - self._header

    def frame(self, packet: bytes, number: int) -> bytes:
        """Cut it off."""
        del number
        return packet[self._header :]


def aac_recipe(facts: Facts) -> Recipe:
    """Make it for what comes out of a container, or for ADTS itself."""
    if facts.container == "aac":
        return Recipe(
            facts.rate, lambda packet: _adts_samples(packet, facts.rate), lambda found: _from_adts(facts, found)
        )
    if facts.codec == "aac_latm":
        samples = _unit_samples(facts.private, facts.rate)
        form = _form(facts, facts.private)
        return Recipe(facts.rate, lambda _: samples, lambda _: [Way(form.replace(stream_format="loas"))])
    samples = _unit_samples(facts.private, facts.rate)
    return Recipe(facts.rate, lambda _: samples, lambda _: _from_units(facts))


def _from_units(facts: Facts) -> list[Way]:
    config = aac.parse_config(facts.private)
    if config is None:
        raise NotSendable("AAC without a valid AudioSpecificConfig")
    form = _form(facts, facts.private)
    ways = [] if aac.why_no_adts(config) else [Way(form.replace(stream_format="adts"), framing=AdtsFraming(config))]
    ways += [
        Way(form.replace(stream_format="raw")),
        Way(form.replace(stream_format="loas"), framing=LoasFraming(facts.private)),
        Way(form.replace(stream_format="latm"), framing=LatmFraming(facts.private)),
    ]
    header = adif_header(config)
    return [*ways, Way(form.replace(stream_format="adif"), header)] if header else ways


def _from_adts(facts: Facts, found: Scan) -> list[Way]:
    private = aac.adts_config(found.first)
    parsed = aac.parse_adts(found.first)
    if parsed is None:
        raise NotSendable("AAC without an ADTS frame")
    kind = "mp2adts" if found.first[1] & aac.IS_MPEG2 else "adts"
    form = _form(facts, private)
    return [
        Way(form.replace(stream_format=kind), framing=Bare()),
        Way(form.replace(stream_format="raw"), framing=Unwrapped(parsed[1])),
    ]


def _form(facts: Facts, private: bytes) -> EncodedFormat:
    config = aac.parse_config(private)
    variant = config.variant if config else ""
    if config and not config.has_sbr and facts.rate == 2 * config.rate:
        variant = "he"  # not signalled: FFmpeg found SBR by decoding
    return EncodedFormat(Codec.AAC, facts.rate, facts.channels, codec_private=private, variant=variant)


def _unit_samples(private: bytes, rate: int) -> int | None:
    config = aac.parse_config(private)
    return None if config is None else config.frame_length * rate // config.rate


def _adts_samples(packet: bytes, rate: int) -> int | None:
    parsed = aac.parse_adts(packet)
    if parsed is None:
        return None
    blocks = (packet[6] & 3) + 1
    return blocks * parsed[0].frame_length * rate // parsed[0].rate
