"""Files of one codec that differ in what a decoder is told: joined where the driver takes that, else told as a gap."""

from __future__ import annotations

from errno import EPERM
from pathlib import Path

from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.model.events import Event, Failed, TrackChanged
from tests.client.studio import MEDIA, Studio
from tests.client.test_gapless import heard, song

FILES = [str(MEDIA / name) for name in ("flac-16-mono.flac", "flac-small-blocks.flac", "flac-16-mono.flac")]


def changes(events: list[Event]) -> list[bool]:
    assert not [event for event in events if isinstance(event, Failed)]
    return [event.gapless for event in events if isinstance(event, TrackChanged)]


def test_a_driver_that_takes_the_next_tracks_parameters_goes_on_by_itself(tmp_path: Path) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav")
    assert changes(list(studio.player().play_all(FILES))) == [True, True]
    assert studio.dsp.opens == 2  # once to ask what it can do
    assert studio.dsp.stream.firmware.starvations == 0
    assert not studio.dsp.journal.incidents
    assert heard(tmp_path / "render.wav") == b"".join(map(song, FILES))


class Old(VirtualDsp):
    """A device on a kernel before 6.5."""

    def set_params(self, *what: object) -> None:
        if self._stream is not None and self._stream.is_next_track_announced:
            self.faults.fail("set_params", EPERM)
        super().set_params(*what)  # type: ignore[arg-type]  # whatever it was


def test_a_kernel_that_refuses_them_has_the_track_drained_and_the_gap_told(tmp_path: Path) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav", dsp=Old)
    assert changes(list(studio.player().play_all(FILES))) == [False, False]
    assert studio.dsp.opens == 4
    assert heard(tmp_path / "render.wav") == b"".join(map(song, FILES))


def test_q6asm_is_never_told_them() -> None:
    studio = Studio(profile="q6asm")
    assert not quirks_for(studio.dsp.driver).next_track_params
    assert changes(list(studio.player().play_all(FILES))) == [False, False]
    assert not studio.dsp.journal.incidents
