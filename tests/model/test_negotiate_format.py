"""Steps of negotiate_format.feature."""

from __future__ import annotations

from typing import TypeVar

from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.model.choice import Enumeration, IntChoice, Range
from pyaudiobus.model.format import Codec, EncodedFormat, Encoding, parse_format
from pyaudiobus.model.negotiation import Agreement, EncodedOffer, Offer, PcmOffer, negotiate

scenarios("negotiate_format.feature")

Kind = TypeVar("Kind", Codec, Encoding)


def read_numbers(text: str) -> IntChoice:
    if ".." in text:
        low, high = text.split("..")
        return Range(int(low), int(high))
    return Enumeration(tuple(map(int, text.split("|"))))


def read_offer(kinds: str, rate: str, channels: str) -> Offer:
    words = kinds.split("|")
    shape = read_numbers(rate), read_numbers(channels)
    if words[0] in {codec.value for codec in Codec}:
        return EncodedOffer(Enumeration(tuple(map(Codec, words))), *shape)
    return PcmOffer(Enumeration(tuple(map(Encoding, words))), *shape)


def offer_of(text: str) -> Offer:
    form = parse_format(text)
    return EncodedOffer.of(form) if isinstance(form, EncodedFormat) else PcmOffer.of(form)


@given("a sink that takes nothing", target_fixture="sink")
def sink_without_offers() -> list[Offer]:
    return []


@given(parsers.re(r"a sink that takes (?P<kinds>\S+) at (?P<rate>\S+) Hz in (?P<channels>\S+) channels"),
       target_fixture="sink")  # fmt: skip
def sink_with_offer(kinds: str, rate: str, channels: str) -> list[Offer]:
    return [read_offer(kinds, rate, channels)]


@given(parsers.re(r"it also takes (?P<kinds>\S+) at (?P<rate>\S+) Hz in (?P<channels>\S+) channels"))
def another_offer(sink: list[Offer], kinds: str, rate: str, channels: str) -> None:
    sink.append(read_offer(kinds, rate, channels))


@when(parsers.parse("a player offers {formats}"), target_fixture="agreement")
def player_offers(sink: list[Offer], formats: str) -> Agreement:
    return negotiate([offer_of(text) for text in formats.split(", then ")], sink)


@then(parsers.parse("they agree on {text}"))
def they_agree(agreement: Agreement, text: str) -> None:
    assert agreement.format == parse_format(text)


@then("they do not agree")
def they_do_not_agree(agreement: Agreement) -> None:
    assert agreement.format is None


@then(parsers.parse('the player is told "{words}"'))
def player_is_told(agreement: Agreement, words: str) -> None:
    assert words in agreement.reason.split("; ")
