"""How two ports agree on one format: offers, their intersection, and a reason for every pair that did not fit."""

from __future__ import annotations

from collections.abc import Iterable

from pyaudiobus.model.choice import AnyChoice, IntChoice, Value, fixate, intersect
from pyaudiobus.model.format import Codec, EncodedFormat, Encoding, Format, PcmFormat
from pyaudiobus.model.record import Record


class EncodedOffer(Record):
    """Encoded audio that a port can send or take, as it is."""

    codec: AnyChoice[Codec]
    rate: IntChoice
    channels: IntChoice
    template: EncodedFormat | None = None
    """The source's own format: what an agreement keeps of the fields that are not negotiated."""
    stream_formats: tuple[tuple[Codec, tuple[str, ...]], ...] = ()
    """Codecs that a sink takes in some framings only, and which; any framing of those that are not named."""

    @classmethod
    def of(cls, form: EncodedFormat) -> EncodedOffer:
        """Offer exactly this stream."""
        return cls(Value(form.codec), Value(form.rate), Value(form.channels), form)

    def __str__(self) -> str:
        return f"{self.codec}/{self.rate}/{self.channels}"


class PcmOffer(Record):
    """PCM that a port can send or take."""

    encoding: AnyChoice[Encoding]
    rate: IntChoice
    channels: IntChoice
    template: PcmFormat | None = None

    @classmethod
    def of(cls, form: PcmFormat) -> PcmOffer:
        """Offer exactly this stream."""
        return cls(Value(form.encoding), Value(form.rate), Value(form.channels), form)

    def __str__(self) -> str:
        return f"{self.encoding}/{self.rate}/{self.channels}"


Offer = EncodedOffer | PcmOffer


class Rejection(Record):
    """One pair of offers that does not fit, and why."""

    source: Offer
    sink: Offer | None
    """None when the sink offers nothing at all."""
    reason: str


class Agreement(Record):
    """The outcome: one fixed format, or None, and why each pair tried before it was rejected."""

    format: Format | None
    rejections: tuple[Rejection, ...] = ()

    @property
    def reason(self) -> str:
        """Every rejection in one line; empty when the first pair fitted."""
        return "; ".join(dict.fromkeys(rejection.reason for rejection in self.rejections))


def negotiate(source: Iterable[Offer], sink: Iterable[Offer]) -> Agreement:
    """Try the source's offers in its order against the sink's; the first pair that fits wins."""
    sink_offers = tuple(sink)
    rejections: list[Rejection] = []
    for ours in source:
        if not sink_offers:
            rejections.append(Rejection(ours, None, "the sink offers no format"))
        for theirs in sink_offers:
            form, reason = _join(ours, theirs)
            if form is not None:
                return Agreement(form, tuple(rejections))
            rejections.append(Rejection(ours, theirs, reason))
    return Agreement(None, tuple(rejections))


def _join(ours: Offer, theirs: Offer) -> tuple[Format | None, str]:
    """Return the fixed format of one pair and "", or None and the reason."""
    if isinstance(ours, EncodedOffer) and isinstance(theirs, EncodedOffer):
        return _join_encoded(ours, theirs)
    if isinstance(ours, PcmOffer) and isinstance(theirs, PcmOffer):
        return _join_pcm(ours, theirs)
    if isinstance(ours, EncodedOffer):
        return None, f"{ours} is encoded and the sink takes PCM only"
    return None, f"{ours} is PCM and the sink takes encoded audio only"


def _join_encoded(ours: EncodedOffer, theirs: EncodedOffer) -> tuple[Format | None, str]:
    codec = intersect(ours.codec, theirs.codec)
    if codec is None:
        return None, _refusal("codec", ours.codec, theirs.codec)
    rate, channels, reason = _join_shape(ours, theirs)
    if rate is None or channels is None:
        return None, reason
    if ours.template is not None:
        reason = _framing_refusal(ours.template, dict(theirs.stream_formats).get(fixate(codec)))
        found = None if reason else ours.template.replace(codec=fixate(codec), rate=rate, channels=channels)
        return found, reason
    return EncodedFormat(fixate(codec), rate, channels), ""


def _join_pcm(ours: PcmOffer, theirs: PcmOffer) -> tuple[Format | None, str]:
    encoding = intersect(ours.encoding, theirs.encoding)
    if encoding is None:
        return None, _refusal("encoding", ours.encoding, theirs.encoding)
    rate, channels, reason = _join_shape(ours, theirs)
    if rate is None or channels is None:
        return None, reason
    if ours.template is not None and channels == ours.template.channels:
        return ours.template.replace(encoding=fixate(encoding), rate=rate), ""
    return PcmFormat(fixate(encoding), rate, channels), ""


def _join_shape(ours: Offer, theirs: Offer) -> tuple[int | None, int | None, str]:
    rate = intersect(ours.rate, theirs.rate)
    if rate is None:
        return None, None, _refusal("rate", ours.rate, theirs.rate)
    channels = intersect(ours.channels, theirs.channels)
    if channels is None:
        return None, None, _refusal("number of channels", ours.channels, theirs.channels)
    return fixate(rate), fixate(channels), ""


def _framing_refusal(form: EncodedFormat, taken: tuple[str, ...] | None) -> str:
    """Say why a sink does not take a framing; empty where it does, or where the stream has but one."""
    if taken is None or not form.stream_format or form.stream_format in taken:
        return ""
    return f"the sink's stream format for {form.codec.value} is {' or '.join(taken)}, not {form.stream_format}"


def _refusal(field: str, ours: object, theirs: object) -> str:
    return f"the sink's {field} is {theirs}, not {ours}"
