"""The codecs that are sent as they are, by FFmpeg's names. AAC is in aac_recipe.py, Monkey's Audio in ape_file.py."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from pyaudiobus.media.demux.aac_recipe import aac_recipe
from pyaudiobus.media.demux.recipe import Facts, NotSendable, Recipe, Way, by_container
from pyaudiobus.media.demux.scan import Scan
from pyaudiobus.media.flac import native_header
from pyaudiobus.media.flac_header import STREAMINFO, parse_frame_header, parse_stream_info
from pyaudiobus.media.framing import alac, amr, iec61937, ogg_pages, opus, vorbis, wma
from pyaudiobus.media.mp3_header import parse_header
from pyaudiobus.model.format import Codec, EncodedFormat

_LENGTH = 4
_WMA_TAGS = {"wmav1": 0x160, "wmav2": 0x161, "wmapro": 0x162, "wmalossless": 0x163}
_REAL = {"ra_144": 160, "ra_288": 160, "cook": 0, "sipr": 0}
"""Real's codecs, and how long a packet of theirs sounds where that is fixed."""


def _mp3(facts: Facts) -> Recipe:
    def samples(packet: bytes) -> int | None:
        header = parse_header(packet)
        return header.samples if header else None

    form = EncodedFormat(Codec.MP3, facts.rate, facts.channels)
    return Recipe(facts.rate, samples, lambda _: [Way(form)])


def _flac(facts: Facts) -> Recipe:
    def samples(packet: bytes) -> int | None:
        header = parse_frame_header(packet, 0)
        return header.samples if header else None

    def ways(_: Scan) -> list[Way]:
        if len(facts.private) != STREAMINFO:
            raise _without(facts, "STREAMINFO")
        depth = parse_stream_info(facts.private).bit_depth
        form = EncodedFormat(
            Codec.FLAC, facts.rate, facts.channels, bit_depth=depth, codec_private=bytes(facts.private)
        )
        return [Way(form, native_header(facts.private))]

    return Recipe(facts.rate, samples, ways)


def _alac(facts: Facts) -> Recipe:
    cookie = alac.parse_cookie(facts.private)

    def samples(packet: bytes) -> int | None:
        return alac.samples(packet, cookie.frame_length) if cookie else None

    def ways(_: Scan) -> list[Way]:
        if cookie is None:
            raise _without(facts, "magic cookie")
        return [
            Way(
                EncodedFormat(
                    Codec.ALAC,
                    facts.rate,
                    facts.channels,
                    bit_depth=cookie.bit_depth,
                    codec_private=alac.bare_cookie(facts.private),
                )
            )
        ]

    return Recipe(facts.rate, samples, ways)


def _wma(facts: Facts) -> Recipe:
    tag = _WMA_TAGS[facts.codec]
    lengths = wma.BlockLengths(tag, facts.rate, facts.private)

    def ways(found: Scan) -> list[Way]:
        align = facts.block_align or (found.sizes[0] if len(set(found.sizes)) == 1 else 0)
        depth = int.from_bytes(facts.private[:2], "little") if tag not in wma.OLD else 0
        form = EncodedFormat(
            Codec.WMA,
            facts.rate,
            facts.channels,
            bit_depth=depth,
            block_align=align,
            codec_private=facts.private,
            profile=tag,
            variant=wma.VARIANTS[tag],
        )
        return [Way(form)]

    return Recipe(facts.rate, lengths.samples, ways)


class OggFraming:
    """Each packet in Ogg pages of its own, behind the pages with the headers."""

    def __init__(self, headers: tuple[bytes, ...], durations: array[int]) -> None:
        self._before = ogg_pages.pages_before(headers)
        self._durations = durations
        self._granule = (0, 0)

    def size(self, size: int) -> int:
        """Bytes of the pages."""
        return ogg_pages.pages_size(size)

    def frame(self, packet: bytes, number: int) -> bytes:
        """Put it into pages that tell how many frames end with it."""
        at, granule = self._granule
        if number < at:
            at = granule = 0
        granule += sum(self._durations[at : number + 1])
        self._granule = (number + 1, granule)
        is_last = number + 1 == len(self._durations)
        return ogg_pages.packet_pages(packet, granule, self._before + number, is_last=is_last)


class LengthFraming:
    """Each packet behind its length in four bytes, little endian."""

    def size(self, size: int) -> int:
        """Four more."""
        return opus.length_size(size)

    def frame(self, packet: bytes, number: int) -> bytes:
        """Put it in front."""
        del number
        return opus.with_length(packet)


def _vorbis(facts: Facts) -> Recipe:
    headers = vorbis.split_headers(facts.private)
    sizes = vorbis.BlockSizes(headers) if headers else None

    def ways(found: Scan) -> list[Way]:
        if not headers:
            raise _without(facts, "Vorbis headers")
        form = EncodedFormat(Codec.VORBIS, facts.rate, facts.channels, codec_private=headers[0])
        with_lengths = b"".join(opus.with_length(header) for header in headers)
        return [
            Way(
                form.replace(stream_format="ogg"),
                ogg_pages.header_pages(headers),
                OggFraming(headers, found.durations),
            ),
            Way(form.replace(stream_format="length"), with_lengths, LengthFraming()),
        ]

    return Recipe(facts.rate, sizes.samples if sizes else by_container, ways)


def _opus(facts: Facts) -> Recipe:
    def ways(_: Scan) -> list[Way]:
        if not facts.private.startswith(opus.HEAD):
            raise _without(facts, "OpusHead")
        form = EncodedFormat(Codec.OPUS, opus.RATE, facts.channels, codec_private=facts.private)
        return [Way(form, framing=LengthFraming())]

    return Recipe(opus.RATE, opus.samples, ways)


def _amr(band: amr.Band, codec: Codec) -> Callable[[Facts], Recipe]:
    def recipe(facts: Facts) -> Recipe:
        def ways(found: Scan) -> list[Way]:
            mode = band.mode(found.first)
            form = EncodedFormat(codec, facts.rate, facts.channels, stream_format="fsf", profile=mode)
            return [Way(form, band.magic)]

        return Recipe(facts.rate, lambda packet: band.frames(packet) * band.samples, ways)

    return recipe


class BurstFraming:
    """Frames, or groups of them, as bursts of IEC 61937."""

    def __init__(self, burst: iec61937.Burst) -> None:
        self._burst = burst

    def size(self, size: int) -> int:
        """As many bytes as the frames' time takes on the wire."""
        del size
        return self._burst.size

    def frame(self, packet: bytes, number: int) -> bytes:
        """Pack it."""
        del number
        return self._burst.pack(packet)


def _bursts(facts: Facts) -> Recipe:
    payload = facts.codec
    dependent = bytearray()

    def samples(packet: bytes) -> int:
        dependent.append(iec61937.is_dependent(payload, packet))
        return iec61937.frame_samples(payload, packet)

    def ways(found: Scan) -> list[Way]:
        groups = _groups(found, dependent, iec61937.GROUP if payload == "eac3" else 0)
        length = sum(found.durations[: groups[1] if len(groups) > 1 else None])
        burst = iec61937.burst_for(payload, length, found.first)
        ends = (*groups[1:], len(found.sizes))
        longest = max(sum(found.sizes[start:end]) for start, end in zip(groups, ends, strict=True))
        if burst is None or longest > burst.size - iec61937.PREAMBLE:
            raise NotSendable(f"{payload} frames that do not fit into bursts of IEC 61937")
        depth = 24 if payload == "dts" else 0  # what its core decodes to
        form = EncodedFormat(Codec.IEC61937, facts.rate, facts.channels, bit_depth=depth, variant=payload)
        return [Way(form, framing=BurstFraming(burst), groups=groups)]

    return Recipe(facts.rate, samples, ways)


def _groups(found: Scan, dependent: bytearray, length: int) -> array[int]:
    """Find what goes into one burst: E-AC-3 frames until they sound as long as one of AC-3, and what adds to them."""
    starts, filled = array("I"), 0
    for number, duration in enumerate(found.durations):
        is_more = bool(dependent[number]) or 0 < filled < length
        if not starts or not is_more:
            starts.append(number)
            filled = 0
        filled += duration
    return starts


def _plain(codec: Codec, samples: int, of: int = 0) -> Callable[[Facts], Recipe]:
    """Treat packets that sound `samples` for every `of` bytes, or each as long; 0: as the container says."""

    def recipe(facts: Facts) -> Recipe:
        def measure(packet: bytes) -> int | None:
            return samples * (len(packet) // of if of else 1) or None

        def ways(found: Scan) -> list[Way]:
            align = found.sizes[0] if len(set(found.sizes)) == 1 else 0
            variant = facts.codec if codec is Codec.REAL else ""
            private = facts.private if codec is Codec.REAL else b""
            form = EncodedFormat(
                codec, facts.rate, facts.channels, block_align=align, codec_private=private, variant=variant
            )
            return [Way(form)]

        return Recipe(facts.rate, measure, ways)

    return recipe


def _without(facts: Facts, what: str) -> NotSendable:
    return NotSendable(f"{facts.codec} without its {what}")


RECIPES: dict[str, Callable[[Facts], Recipe]] = {
    "mp3": _mp3,
    "flac": _flac,
    "aac": aac_recipe,
    "aac_latm": aac_recipe,
    "alac": _alac,
    **dict.fromkeys(_WMA_TAGS, _wma),
    "vorbis": _vorbis,
    "opus": _opus,
    "amr_nb": _amr(amr.NARROW, Codec.AMR),
    "amr_wb": _amr(amr.WIDE, Codec.AMR_WB),
    "ac3": _bursts,
    "eac3": _bursts,
    "dts": _bursts,
    "g723_1": _plain(Codec.G723_1, 240),
    "g729": _plain(Codec.G729, 80, 10),
    **{name: _plain(Codec.REAL, samples) for name, samples in _REAL.items()},
}
