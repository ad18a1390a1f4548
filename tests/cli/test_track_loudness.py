"""--volume and --replaygain on a DSP whose volume is a mixer control, and on one that has none."""

# mypy: disable-error-code="no-untyped-call"
# mutagen has no types.

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from mutagen.id3 import ID3, TXXX

from pyaudiobus.cli.track_loudness import file_loudness
from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.devices.mixer_volume import VolumeControl
from pyaudiobus.errors import UserError
from pyaudiobus.model.events import Notice, Started
from tests.client.studio import DEMO_MP3, MEDIA, Studio
from tests.devices.alsa_volume import Alsa, Control


class Desk:
    """A studio whose DSP has a control of -60 to +6 dB in half decibels, which stands at -10."""

    def __init__(self) -> None:
        self.control = Control(132, list(range(-6000, 601, 50)), has_switch=True)
        self.control.now = [100, 100]
        self.studio = Studio()
        self.studio.bus.loudness = VolumeControl(0, "RX2 Digital Volume", alsa=Alsa(self.control))

    def play(self, path: Path, volume: str = "", replaygain: str = "off") -> float:
        """Play a file; return the decibels at which it began."""
        player = Player(self.studio.bus, DecodedFile, None, file_loudness(volume, replaygain, 0.0))
        heard = [self.control.now[0] for event in player.play(str(path)) if isinstance(event, Started)]
        return heard[0] / 2 - 60


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    path = tmp_path / "song.mp3"
    path.write_bytes(DEMO_MP3.read_bytes())
    tags = ID3()
    tags.add(TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text=["-6.0 dB"]))
    tags.save(path)
    return path


@pytest.mark.parametrize(("volume", "decibels"), [("100%", 0.0), ("-20dB", -20.0), ("+3dB", -7.0), ("50%", -18.0)])
def test_the_volume_is_set_for_the_song_and_back_afterwards(volume: str, decibels: float) -> None:
    desk = Desk()
    assert desk.play(DEMO_MP3, volume) == decibels
    assert desk.control.now == [100, 100]


def test_replaygain_comes_on_top_of_how_loud_it_was(tagged: Path) -> None:
    desk = Desk()
    assert desk.play(tagged, replaygain="track") == -16.0
    assert desk.play(tagged, "-20dB", "album") == -26.0
    assert desk.play(MEDIA / "lame-vbr-no-info.mp3", replaygain="track") == -10.0
    assert desk.control.now == [100, 100]


def test_a_dsp_without_a_control_plays_and_says_so() -> None:
    player = Player(Studio().bus, DecodedFile, None, file_loudness("50%", "off", 0.0))
    told = [event.text for event in player.play(str(DEMO_MP3)) if isinstance(event, Notice)]
    assert [text.partition(", and")[0] for text in told] == [
        "it plays as loud as it is: virtual:q6asm has no volume: its DSP decodes"
    ]


def test_what_is_decoded_is_scaled_before_it_is_played() -> None:
    loud, soft = Studio(has_dsp=False), Studio(has_dsp=False)
    list(Player(loud.bus, DecodedFile).play(str(DEMO_MP3)))
    list(Player(soft.bus, DecodedFile, None, file_loudness("-6.0206dB", "off", 0.0)).play(str(DEMO_MP3)))
    whole, half = (array("h", bytes(studio.tape.kept)) for studio in (loud, soft))
    assert len(whole) == len(half)
    assert all(abs(a / 2 - b) <= 1 for a, b in zip(whole, half, strict=True))


def test_what_is_no_volume_is_refused() -> None:
    with pytest.raises(UserError, match="no volume"):
        file_loudness("loud", "off", 0.0)
