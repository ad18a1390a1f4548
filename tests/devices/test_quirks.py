"""The table of drivers."""

from __future__ import annotations

import pytest

from pyaudiobus.devices.quirks import DEFAULT, Quirks, quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.model.board import BoardSink, QuirkOverrides, SinkKind
from pyaudiobus.model.control import Control
from pyaudiobus.model.format import Codec


def test_the_dragonboards_driver_plays_five_codecs_and_needs_a_route() -> None:
    quirks = quirks_for("sdm845")
    assert quirks.default_caps.codecs == (Codec.MP3, Codec.FLAC, Codec.WMA, Codec.ALAC, Codec.APE)
    assert quirks.routes == (Control("QUAT_MI2S_RX Audio Mixer MultiMedia4", value=True),)


def test_a_fragment_of_64_kib_is_too_large_for_q6asm_whatever_it_promises() -> None:
    quirks = quirks_for("sdm845")
    assert quirks.max_fragment_size == 32 * 1024 < quirks.default_caps.fragment_size.maximum


def test_the_virtual_kernel_driver_behaves_as_q6asm_but_has_no_route() -> None:
    assert quirks_for("snd-virtual-dsp").max_fragment_size == quirks_for("sdm845").max_fragment_size
    assert not quirks_for("snd-virtual-dsp").routes


@pytest.mark.parametrize("driver", ["", "never-heard-of"])
def test_an_unknown_driver_is_treated_with_every_caution(driver: str) -> None:
    quirks = quirks_for(driver)
    assert quirks is DEFAULT
    assert quirks.whole_fragments_only
    assert quirks.power_of_two_fragments
    assert quirks.reopen_after_stop
    assert quirks.max_fragment_size <= quirks_for("sdm845").max_fragment_size


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_each_virtual_profile_has_a_row(profile: str) -> None:
    assert quirks_for(VirtualDsp(profile).driver) is not DEFAULT


def test_a_board_overrides_what_it_names_and_no_more() -> None:
    row, route = quirks_for("sdm845"), Control("Speaker", value=True)
    said = QuirkOverrides(max_fragment_size=8192, timestamps=True, drain_may_hang=False)
    sink = BoardSink("dsp", SinkKind.COMPRESS, "DB845c", 3, codecs=(Codec.FLAC, Codec.OPUS), quirks=said)
    quirks = row.on_board(sink, (route,))
    assert (quirks.max_fragment_size, quirks.timestamps, quirks.drain_may_hang) == (8192, True, False)
    assert (quirks.reopen_after_stop, quirks.routes, quirks.route) == (row.reopen_after_stop, (route,), "Speaker")
    assert quirks.playable(row.default_caps.codecs) == (Codec.FLAC,)
    assert row.playable(row.default_caps.codecs) == row.default_caps.codecs


def test_each_quirk_that_a_board_can_name_is_one_of_the_drivers() -> None:
    every = QuirkOverrides(*(("raw",) for _ in QuirkOverrides._fields))  # type: ignore[arg-type]  # whatever they are
    assert set(every.as_quirks()) < set(Quirks._fields)


def test_a_board_says_how_its_dsp_takes_aac_and_the_rest_stays_usual() -> None:
    sink = BoardSink("dsp", SinkKind.COMPRESS, "Card", 0, quirks=QuirkOverrides(aac_formats=("raw",)))
    quirks = quirks_for("sdm845").on_board(sink, ())
    assert dict(quirks.stream_formats) == {Codec.AAC: ("raw",), Codec.VORBIS: ("ogg",)}
