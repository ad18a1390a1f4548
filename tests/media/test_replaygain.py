"""ReplayGain: where tags say it, and what becomes of it."""

# mypy: disable-error-code="no-untyped-call"
# mutagen has no types.

from __future__ import annotations

from pathlib import Path

import pytest
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, RVA2, TXXX
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from pyaudiobus.media.labels import Labels, read_labels
from pyaudiobus.media.replaygain import ReplayGainMode, replay_gain
from tests.media.taps import FILES


def copied(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_bytes((FILES / name).read_bytes())
    return path


def gains(path: Path) -> tuple[float | None, float | None, float | None, float | None]:
    found = read_labels(str(path))
    return found.track_gain, found.track_peak, found.album_gain, found.album_peak


def test_id3_has_it_in_texts(tmp_path: Path) -> None:
    path = copied("lame-cbr-64.mp3", tmp_path)
    tags = ID3()
    for name, text in (
        ("TRACK_GAIN", "-6.50 dB"),
        ("TRACK_PEAK", "0.98"),
        ("ALBUM_GAIN", "-7 dB"),
        ("ALBUM_PEAK", "1.2"),
    ):
        tags.add(TXXX(encoding=3, desc=f"REPLAYGAIN_{name}", text=[text]))
    tags.save(path)
    assert gains(path) == (-6.5, 0.98, -7.0, 1.2)


def test_id3_has_it_in_rva2(tmp_path: Path) -> None:
    path = copied("lame-cbr-64.mp3", tmp_path)
    tags = ID3()
    tags.add(RVA2(desc="track", channel=1, gain=-3.0, peak=0.5))
    tags.add(RVA2(desc="album", channel=1, gain=-4.0, peak=0.75))
    tags.save(path)
    assert gains(path) == pytest.approx((-3.0, 0.5, -4.0, 0.75), abs=0.01)


def test_an_ape_tag_behind_an_mp3_has_it(tmp_path: Path) -> None:
    path = copied("lame-cbr-64.mp3", tmp_path)
    tags = APEv2()
    tags["REPLAYGAIN_TRACK_GAIN"] = "+2.25 dB"
    tags.save(path)
    assert read_labels(str(path)).track_gain == 2.25


def test_vorbis_comments_have_it(tmp_path: Path) -> None:
    path = copied("vorbis.ogg", tmp_path)
    tags = OggVorbis(path)
    tags["REPLAYGAIN_TRACK_GAIN"], tags["REPLAYGAIN_TRACK_PEAK"] = ["-1.5 dB"], ["0.7"]
    tags.save()
    assert gains(path)[:2] == (-1.5, 0.7)


def test_opus_has_it_from_another_level_and_on_top_of_its_header(tmp_path: Path) -> None:
    path = copied("opus.opus", tmp_path)
    tags = OggOpus(path)
    tags["R128_TRACK_GAIN"] = ["-512"]
    tags.save()
    assert read_labels(str(path)).track_gain == 3.0


BOTH = Labels(track_gain=-6.0, track_peak=0.5, album_gain=-12.0, album_peak=0.9)


@pytest.mark.parametrize(
    ("labels", "mode", "preamp", "decibels"),
    [
        (BOTH, "track", 0.0, -6.0),
        (BOTH, "album", 0.0, -12.0),
        (BOTH, "album", 3.0, -9.0),
        (Labels(album_gain=-4.0), "track", 0.0, -4.0),
        (Labels(track_gain=-4.0), "album", 0.0, -4.0),
        (Labels(track_gain=9.0, track_peak=0.5), "track", 0.0, 6.0206),
        (Labels(track_gain=-6.0, track_peak=0.9), "track", 12.0, 0.9151),
        (Labels(track_gain=900.0), "track", 0.0, 36.0),
    ],
)
def test_the_gain_of_a_file(labels: Labels, mode: str, preamp: float, decibels: float) -> None:
    assert replay_gain(labels, ReplayGainMode(mode), preamp) == pytest.approx(10 ** (decibels / 20), rel=1e-4)


def test_a_file_that_says_nothing_has_none_and_off_is_off() -> None:
    assert replay_gain(Labels(), ReplayGainMode.TRACK) is None
    assert replay_gain(BOTH, ReplayGainMode.OFF) is None
