"""Which formats a stream offers, what a sink takes, and in which of them they meet. Words of facts into values."""

from __future__ import annotations

from functools import lru_cache

from pyaudiobus.errors import UserError
from pyaudiobus.model.format import Codec, EncodedFormat, Encoding, Format, PcmFormat, parse_format
from pyaudiobus.model.items import Item
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot

MOST_MIXED = 8
"""Channels that a PCM sink mixes."""
MOST_KNOWN = 512
"""Texts whose meaning is kept; there are few on a bus."""
ANY_ENCODED = "encoded"
"""A sink that has not told its codecs yet."""


class Takes(Record):
    """What a sink plays."""

    text: str
    """As the bus has it."""
    pcm: PcmFormat | None = None
    codecs: tuple[str, ...] = ()
    """Empty where it plays PCM only; ANY_ENCODED where that is all that is known."""

    @property
    def is_encoded_only(self) -> bool:
        """Whether it plays no PCM, and so one stream at a time."""
        return bool(self.codecs) and self.pcm is None


def offers_of(stream: Item, bus: Snapshot) -> tuple[Format, ...]:
    """List what a stream can be, the preferred one first; none where it does not say."""
    told = stream.facts.get("formats") or stream.facts.get("format") or stream.properties.get("audio.formats", "")
    return _formats(str(told)) or _formats(_of_ports(stream, bus, "output"))


def takes_of(sink: Item, bus: Snapshot) -> Takes:
    """Return what a sink plays, or a source gives."""
    told = str(sink.facts.get("formats") or sink.facts.get("format") or "")
    if not told:
        told = _of_ports(sink, bus, "input") or _of_ports(sink, bus, "output")
    if not told and sink.properties.get("device.api") == "compress":
        told = ANY_ENCODED
    return _takes(told)


def is_dsp(sink: Item, bus: Snapshot) -> bool:
    """Tell whether a sink plays encoded audio only, one stream at a time."""
    return takes_of(sink, bus).is_encoded_only


def has_encoded(stream: Item, bus: Snapshot) -> bool:
    """Tell whether a stream can be played undecoded."""
    return any(isinstance(offer, EncodedFormat) for offer in offers_of(stream, bus))


def has_pcm(stream: Item, bus: Snapshot) -> bool:
    """Tell whether a stream can be played decoded; one that does not say can."""
    offers = offers_of(stream, bus)
    return not offers or any(isinstance(offer, PcmFormat) for offer in offers)


def agreed(stream: Item, sink: Item, bus: Snapshot) -> tuple[str, str]:
    """Return the format in which they meet, and why not where they do not. Both are empty where nothing is offered."""
    offers, takes = offers_of(stream, bus), takes_of(sink, bus)
    refusals: list[str] = []
    has_pcm_refusal = False
    for offer in offers:
        reason = _mismatch(offer, takes, sink.name)
        if not reason:
            return str(offer), ""
        is_pcm = isinstance(offer, PcmFormat)
        if not (is_pcm and has_pcm_refusal):  # who converts offers PCM at many rates: one is enough to tell
            refusals.append(reason)
        has_pcm_refusal |= is_pcm
    if not offers and takes.is_encoded_only:
        return "", f"{sink.name} plays {takes.text}"
    return "", "; ".join(dict.fromkeys(refusals))


def _mismatch(offer: Format, takes: Takes, name: str) -> str:
    if isinstance(offer, EncodedFormat):
        if takes.codecs in ((ANY_ENCODED,), ()):
            return "" if takes.codecs else f"{name} plays {takes.text or 'PCM'}, not {offer}"
        codec = offer.codec.value
        return "" if codec in takes.codecs else f"{name} plays {' '.join(takes.codecs)}, not {codec}"
    if takes.is_encoded_only:
        return f"{name} plays {' '.join(takes.codecs)}, not {offer}"
    if takes.pcm is not None and takes.pcm.rate != offer.rate:
        return f"{name} plays at {takes.pcm.rate} Hz, not {offer.rate}"
    if offer.channels > MOST_MIXED:
        return f"{name} mixes up to {MOST_MIXED} channels, not {offer.channels}"
    return ""


def _of_ports(node: Item, bus: Snapshot, direction: str) -> str:
    ports = (port for port in bus.ports_of(node.serial) if port.facts.get("direction") == direction)
    return " ".join(str(port.facts.get("formats", "")) for port in ports)


@lru_cache(MOST_KNOWN)
def _formats(text: str) -> tuple[Format, ...]:
    return tuple(form for word in text.split() if (form := _format(word)) is not None)


@lru_cache(MOST_KNOWN)
def _takes(text: str) -> Takes:
    words = text.split()
    formats = [form for word in words if (form := _format(word)) is not None]
    pcm = next((form for form in formats if isinstance(form, PcmFormat)), None)
    codecs = [form.codec.value for form in formats if isinstance(form, EncodedFormat)]
    codecs += [word for word in words if word in _CODECS or word == ANY_ENCODED]
    return Takes(text, pcm, tuple(dict.fromkeys(codecs)))


def _format(word: str) -> Format | None:
    try:
        return parse_format(word) if word.partition("/")[0] in _KNOWN else None
    except UserError:
        return None


_CODECS = frozenset(codec.value for codec in Codec) - {"pcm"}
_KNOWN = frozenset(encoding.value for encoding in Encoding) | {codec.value for codec in Codec}
