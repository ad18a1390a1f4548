"""Two lists of offers become one fixed format, or a reason for every pair."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.model.choice import Enumeration, Range, Step, Value
from pyaudiobus.model.format import Codec, EncodedFormat, Encoding, PcmFormat
from pyaudiobus.model.negotiation import Agreement, EncodedOffer, Offer, PcmOffer, Rejection, negotiate

RATES = (8000, 44100, 48000, 96000)
ANY_RATE = Range(8000, 192_000)
STEREO = Value(2)

int_choices: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(RATES).map(Value),
    st.lists(st.sampled_from(RATES), min_size=1, unique=True).map(lambda rates: Enumeration(tuple(rates))),
    st.sampled_from([Range(8000, 48000), Range(44100, 96000, 48000), Step(8000, 96000, 4000, 48000)]),
)
channel_choices: st.SearchStrategy[Any] = st.sampled_from([Value(1), Value(2), Range(1, 2), Range(1, 8, 2)])
codecs = st.lists(st.sampled_from([Codec.MP3, Codec.FLAC, Codec.AAC]), min_size=1, unique=True)
encodings = st.lists(st.sampled_from(Encoding), min_size=1, unique=True)
offers: st.SearchStrategy[Any] = st.one_of(
    st.builds(EncodedOffer, codecs.map(lambda values: Enumeration(tuple(values))), int_choices, channel_choices),
    st.builds(PcmOffer, encodings.map(lambda values: Enumeration(tuple(values))), int_choices, channel_choices),
)
offer_lists = st.lists(offers, max_size=4)


def allows(offer: Offer, form: object) -> bool:
    if isinstance(offer, EncodedOffer) and isinstance(form, EncodedFormat):
        return form.codec in offer.codec and form.rate in offer.rate and form.channels in offer.channels
    if isinstance(offer, PcmOffer) and isinstance(form, PcmFormat):
        return form.encoding in offer.encoding and form.rate in offer.rate and form.channels in offer.channels
    return False


@given(offer_lists, offer_lists)
def test_a_format_that_was_agreed_on_is_offered_by_both(source: list[Offer], sink: list[Offer]) -> None:
    form = negotiate(source, sink).format
    if form is not None:
        assert any(allows(offer, form) for offer in source)
        assert any(allows(offer, form) for offer in sink)


@given(offer_lists, offer_lists)
def test_both_sides_find_out_alike_whether_they_can_agree(source: list[Offer], sink: list[Offer]) -> None:
    assert (negotiate(source, sink).format is None) == (negotiate(sink, source).format is None)


@given(offer_lists, offer_lists)
def test_every_pair_that_did_not_fit_has_its_reason(source: list[Offer], sink: list[Offer]) -> None:
    agreement = negotiate(source, sink)
    assert all(rejection.reason for rejection in agreement.rejections)
    if agreement.format is None:
        assert len(agreement.rejections) == len(source) * max(1, len(sink))


def test_the_sources_order_decides_before_the_sinks() -> None:
    mp3 = EncodedOffer.of(EncodedFormat(Codec.MP3, 44100, 2))
    pcm = PcmOffer.of(PcmFormat(Encoding.S16, 44100, 2))
    assert negotiate([mp3, pcm], [pcm, mp3]).format == EncodedFormat(Codec.MP3, 44100, 2)
    assert negotiate([pcm, mp3], [mp3, pcm]).format == PcmFormat(Encoding.S16, 44100, 2)


def test_an_agreement_keeps_what_the_stream_says_of_itself() -> None:
    form = EncodedFormat(
        Codec.FLAC, 44100, 2, bit_rate=700_000, bit_depth=16, codec_private=b"\0" * 34, encoder_padding=3
    )
    sink = EncodedOffer(Enumeration((Codec.MP3, Codec.FLAC)), ANY_RATE, Range(1, 2))
    assert negotiate([EncodedOffer.of(form)], [sink]).format == form


def test_an_agreement_keeps_the_channel_map_while_the_channels_stay() -> None:
    form = PcmFormat(Encoding.S16, 44100, 2, ("FL", "FR"))
    sink = PcmOffer(Enumeration((Encoding.S32, Encoding.S16)), ANY_RATE, Range(1, 8))
    assert negotiate([PcmOffer.of(form)], [sink]).format == form


def test_a_channel_map_does_not_survive_another_number_of_channels() -> None:
    form = PcmFormat(Encoding.S16, 44100, 2, ("FL", "FR"))
    remixing = PcmOffer(Value(Encoding.S16), Value(44100), Range(1, 2, 2), form)
    sink = PcmOffer(Value(Encoding.S16), ANY_RATE, Value(1))
    assert negotiate([remixing], [sink]).format == PcmFormat(Encoding.S16, 44100, 1)


def test_a_sink_without_offers_is_told_apart_from_one_that_refuses() -> None:
    offer = EncodedOffer.of(EncodedFormat(Codec.MP3, 44100, 2))
    assert negotiate([offer], []) == Agreement(None, (Rejection(offer, None, "the sink offers no format"),))


def test_a_source_without_offers_agrees_to_nothing() -> None:
    assert negotiate([], [PcmOffer.of(PcmFormat(Encoding.S16, 44100, 2))]) == Agreement(None)


def test_each_field_that_does_not_fit_is_named() -> None:
    sink = EncodedOffer(Enumeration((Codec.MP3, Codec.FLAC)), Range(8000, 48000), Enumeration((1, 2)))
    reasons = [
        negotiate([EncodedOffer.of(form)], [sink]).reason
        for form in (
            EncodedFormat(Codec.AAC, 44100, 2),
            EncodedFormat(Codec.FLAC, 96000, 2),
            EncodedFormat(Codec.FLAC, 44100, 6),
        )
    ]
    assert reasons == [
        "the sink's codec is mp3|flac, not aac",
        "the sink's rate is 8000..48000, not 96000",
        "the sink's number of channels is 1|2, not 6",
    ]
    pcm = PcmOffer(Value(Encoding.S16), Value(48000), STEREO)
    assert (
        negotiate([PcmOffer.of(PcmFormat(Encoding.F32, 48000, 2))], [pcm]).reason
        == "the sink's encoding is s16, not f32"
    )


def test_a_reason_is_said_once_however_many_pairs_share_it() -> None:
    mp3 = EncodedOffer.of(EncodedFormat(Codec.MP3, 44100, 2))
    pcm = [PcmOffer.of(PcmFormat(encoding, 48000, 2)) for encoding in Encoding]
    agreement = negotiate([mp3], pcm)
    assert len(agreement.rejections) == len(pcm)
    assert agreement.reason == "mp3/44100/2 is encoded and the sink takes PCM only"


def test_the_first_pair_that_fits_leaves_no_reason() -> None:
    mp3 = EncodedOffer.of(EncodedFormat(Codec.MP3, 44100, 2))
    assert negotiate([mp3], [mp3]).reason == ""
