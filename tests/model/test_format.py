"""Formats check themselves, and read and write what people type."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.errors import UserError
from pyaudiobus.model.format import (
    MAX_CHANNELS,
    MAX_RATE,
    Codec,
    EncodedFormat,
    Encoding,
    Format,
    PcmFormat,
    parse_format,
)

rates = st.integers(1, MAX_RATE)
channels = st.integers(1, MAX_CHANNELS)
pcm_formats = st.builds(PcmFormat, st.sampled_from(Encoding), rates, channels)
encoded_formats = st.builds(EncodedFormat, st.sampled_from(Codec), rates, channels)


@given(pcm_formats | encoded_formats)
def test_a_format_reads_back_as_it_was_written(form: Format) -> None:
    assert parse_format(str(form)) == form


def test_case_and_blanks_around_a_format_do_not_matter() -> None:
    assert parse_format("  MP3/44100/2\n") == EncodedFormat(Codec.MP3, 44100, 2)


@given(st.text(max_size=40) | st.lists(st.text(max_size=8), max_size=4).map("/".join))
def test_any_text_is_a_format_or_a_users_mistake(text: str) -> None:
    with contextlib.suppress(UserError):
        assert isinstance(parse_format(text), PcmFormat | EncodedFormat)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is not a format"),
        ("s16/48000", "'s16/48000' is not a format"),
        ("s16/48000/2/1", "is not a format"),
        ("s16/fast/2", "the rate 'fast' is not a whole number"),
        ("s16/48000/two", "the number of channels 'two' is not a whole number"),
        ("s16/-1/2", "the rate '-1' is not a whole number"),
        ("s16/" + "9" * 5000 + "/2", "the rate '9999999999' is not a whole number of up to 9 digits"),
        ("s16/0/2", "a rate of 0 Hz is outside 1..768000"),
        ("s16/999999/2", "a rate of 999999 Hz is outside 1..768000"),
        ("s16/48000/0", "0 channels are outside 1..64"),
        ("mp3/44100/65", "65 channels are outside 1..64"),
        ("mp2/44100/2", "'mp2' is neither an encoding nor a codec"),
    ],
)
def test_a_wrong_format_names_the_part_that_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(UserError) as mistake:
        parse_format(text)
    assert complaint in mistake.value.what


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UserError) as mistake:
        parse_format("mp4/44100/2")
    assert mistake.value.facts == (f"known: {', '.join(member.value for member in (*Encoding, *Codec))}",)


@pytest.mark.parametrize(
    ("encoding", "size"), [(Encoding.S16, 4), (Encoding.S24, 6), (Encoding.S32, 8), (Encoding.F32, 8)]
)
def test_a_frame_holds_one_sample_for_each_channel(encoding: Encoding, size: int) -> None:
    assert PcmFormat(encoding, 48000, 2).frame_size == size


def test_every_encoding_has_a_width() -> None:
    assert all(encoding.width > 0 for encoding in Encoding)


def test_no_word_names_both_an_encoding_and_a_codec() -> None:
    assert not {encoding.value for encoding in Encoding} & {codec.value for codec in Codec}


def test_a_channel_map_must_name_every_channel() -> None:
    assert PcmFormat(Encoding.S16, 48000, 2, ("FL", "FR")).channel_map == ("FL", "FR")
    with pytest.raises(UserError, match="a channel map of 1 positions does not fit 2 channels"):
        PcmFormat(Encoding.S16, 48000, 2, ("FL",))


def test_a_format_cannot_be_changed_afterwards() -> None:
    form = PcmFormat(Encoding.S16, 48000, 2)
    with pytest.raises(AttributeError):
        form.rate = 44100  # type: ignore[misc]


def test_formats_with_equal_fields_are_equal_and_hash_alike() -> None:
    one, other = (EncodedFormat(Codec.FLAC, 44100, 2, codec_private=bytes(34)) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
