"""What q6asm punishes, and the generic driver does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.profile import GENERIC, Q6ASM, Profile
from pyaudiobus.devices.virtual.ring import Ring
from pyaudiobus.devices.virtual.states import State
from tests.devices.virtual.bench import MakeDsp, Tone, Work, state_of

LETTERS = bytes(range(256)) * 64


def test_q6asm_tells_no_frames_and_no_rate(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp("q6asm")
    dsp.write(mp3.data)
    dsp.start()
    clock.advance(0.1)
    assert dsp.progress() == Progress(8192, None, 0)


@pytest.mark.parametrize("fragment", [65_536, 131_072])
def test_fragments_of_64_kib_and_more_never_come_back(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, fragment: int
) -> None:
    dsp = make_dsp("q6asm", Geometry(fragment, 4))
    music = memoryview(bytes(mp3.data) * 40)
    assert dsp.write(music) == 4 * fragment
    dsp.start()
    clock.advance(1000)
    assert dsp.progress().taken == 0
    assert dsp.write(music) == 0
    assert dsp.stream.firmware.consumed == 4 * fragment
    assert any("16 bits" in incident for incident in dsp.faults.incidents)


def test_32_kib_fragments_are_fine(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp("q6asm", Geometry(32_768, 4))
    dsp.write(memoryview(bytes(mp3.data) * 10)[: 4 * 32_768])
    dsp.start()
    clock.advance(1000)
    assert dsp.progress().taken == 4 * 32_768
    assert dsp.faults.incidents == []


def test_after_a_short_transfer_the_dsp_reads_the_wrong_slots(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, tmp_path: Path
) -> None:
    dsp = make_dsp("q6asm", tap=str(tmp_path / "tap"))
    dsp.write(mp3.data[:5000])
    dsp.start()
    clock.advance(0.05)
    dsp.write(mp3.data[5000:])
    clock.advance(5)
    assert dsp.progress().taken == len(mp3.data)
    tap = (tmp_path / "tap").read_bytes()
    assert tap[:5000] == mp3.data[:5000]
    assert tap[5000:] != mp3.data[5000:]
    assert len(dsp.faults.incidents) == 1
    assert "not a whole fragment" in dsp.faults.incidents[0]


def test_a_short_fragment_at_the_very_end_is_fine(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work, tmp_path: Path
) -> None:
    dsp = make_dsp("q6asm", tap=str(tmp_path / "tap"))
    dsp.write(mp3.data)
    dsp.start()
    drain = work(dsp.drain)
    clock.advance(5)
    drain.end()
    assert (tmp_path / "tap").read_bytes() == mp3.data
    assert dsp.faults.incidents == []


def test_a_generic_driver_takes_writes_of_any_size(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work, tmp_path: Path
) -> None:
    dsp = make_dsp("generic", tap=str(tmp_path / "tap"))
    dsp.write(mp3.data[:700])
    dsp.start()
    sent = 700
    while sent < len(mp3.data):
        clock.advance(0.05)
        sent += dsp.write(mp3.data[sent : sent + 333])
    drain = work(dsp.drain)
    clock.advance(5)
    drain.end()
    assert (tmp_path / "tap").read_bytes() == mp3.data


def test_a_drain_of_a_starved_q6asm_lasts_until_stop(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work
) -> None:
    dsp = make_dsp("q6asm")
    dsp.write(mp3.data)
    dsp.start()
    clock.advance(5)
    drain = work(dsp.drain)
    clock.advance(100_000)
    assert state_of(dsp) is State.DRAINING
    dsp.stop()
    assert drain.end().error is None


def test_a_starved_dsp_has_played_all_it_was_given(clock: ManualClock) -> None:
    tone = Tone("tone-16.flac")
    dsp = VirtualDsp("generic", clock)
    dsp.open()
    dsp.set_params(tone.form, Geometry(len(tone.data), 2))
    dsp.write(tone.data)
    dsp.start()
    clock.advance(1)
    assert dsp.progress().rendered == int(22_050 * 0.29)


def test_a_drain_of_a_starved_generic_dsp_ends_with_the_frame_that_was_cut_short(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work
) -> None:
    dsp = make_dsp("generic")
    dsp.write(mp3.data)
    dsp.start()
    clock.advance(5)
    drain = work(dsp.drain)
    clock.advance(1)
    assert drain.end().ended_at == pytest.approx(5 + 1152 / 44_100)


def test_q6asm_used_again_after_stop_counts_room_it_has_not(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock) -> None:
    dsp = make_dsp("q6asm")
    dsp.write(mp3.data)
    dsp.start()
    clock.advance(0.7)
    dsp.stop()
    dsp.write(mp3.data[:8192])
    assert dsp.avail() > 4 * 8192 - 8192
    assert any("after STOP" in incident for incident in dsp.faults.incidents)


def test_a_next_track_without_metadata_after_it_is_noticed(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Callable[..., object]
) -> None:
    dsp = make_dsp("q6asm")
    dsp.write(mp3.data)
    dsp.start()
    dsp.set_metadata(576, 0)
    dsp.next_track()
    work(dsp.partial_drain)
    clock.advance(2)
    assert any("NEXT_TRACK" in incident for incident in dsp.faults.incidents)


@pytest.mark.parametrize("profile", [Q6ASM, GENERIC], ids=lambda profile: profile.name)
def test_whole_fragments_come_out_of_the_ring_as_they_went_in(profile: Profile) -> None:
    ring = Ring(Geometry(1024, 4), profile)
    out = b""
    fed = 0
    while len(out) < len(LETTERS):
        fed += ring.store(memoryview(LETTERS)[fed : fed + 2048])
        out += ring.fetch(ends=False)
    assert out == LETTERS
    assert ring.misread_slots == 0


def test_the_next_track_begins_at_a_fragments_edge_on_q6asm() -> None:
    ring = Ring(Geometry(1024, 4), Q6ASM)
    ring.store(memoryview(LETTERS)[:1500])
    ring.announce_track()
    ring.store(memoryview(LETTERS)[:1024])
    assert [len(ring.fetch(ends=False)) for _ in range(2)] == [1024, 476]
    assert ring.is_at_track_end
    ring.pass_track_end()
    assert ring.fetch(ends=False) == LETTERS[:1024]
    assert ring.misread_slots == 0


def test_two_profiles_stand_in_one_table() -> None:
    assert {dsp.name for dsp in (VirtualDsp("q6asm"), VirtualDsp())} == {"virtual:q6asm"}
    assert VirtualDsp("generic").driver == "generic-virtual"
