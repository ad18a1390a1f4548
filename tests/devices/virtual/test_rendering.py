"""What would be heard: the render against independent decoders, and the tap against what was sent."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from av.audio.resampler import AudioResampler

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.units import Seconds
from tests.devices.virtual.bench import FILES, MakeDsp, Tone, Work

STREAM_INFO = slice(8, 42)


def play(dsp: VirtualDsp, data: memoryview, form: EncodedFormat, geometry: Geometry) -> None:
    """Play to the end as a well-behaved player does."""
    dsp.open()
    dsp.set_params(form, geometry)
    written = dsp.write(data)
    dsp.start()
    while written < len(data):
        assert dsp.wait(Seconds(10))
        whole = dsp.avail() // geometry.fragment_size * geometry.fragment_size
        written += dsp.write(data[written : written + whole])
    dsp.drain()
    dsp.close()


def samples(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        return bytes(file.readframes(file.getnframes()))


def by_ffmpeg(path: Path) -> bytes:
    """Decode a whole file through FFmpeg's demuxer, as its command line does."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = AudioResampler("s16", stream.layout, stream.rate)
        frames = [part for frame in container.decode(stream) for part in resampler.resample(frame)]
    return b"".join([bytes(part.planes[0])[: part.samples * part.layout.nb_channels * 2] for part in frames])


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
@pytest.mark.parametrize("name", ["tone-128k.mp3", "tone-vbr.mp3", "tone-gapless.mp3"])
def test_an_mp3_sounds_as_ffmpeg_decodes_it(name: str, profile: str, tmp_path: Path) -> None:
    tone = Tone(name)
    dsp = VirtualDsp(profile, PacedClock(float("inf")), str(tmp_path / "out.wav"), str(tmp_path / "tap"))
    play(dsp, tone.data, tone.form, Geometry(8192, 4))
    assert samples(tmp_path / "out.wav") == by_ffmpeg(tone.path)
    assert (tmp_path / "tap").read_bytes() == tone.data


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
@pytest.mark.parametrize(("name", "width"), [("tone-16.flac", 2), ("tone-24.flac", 3)])
def test_a_flac_sounds_to_the_checksum_its_encoder_wrote(name: str, width: int, profile: str, tmp_path: Path) -> None:
    tone = Tone(name)
    dsp = VirtualDsp(profile, PacedClock(float("inf")), str(tmp_path / "out.wav"), str(tmp_path / "tap"))
    play(dsp, tone.data, tone.form, Geometry(8192, 4))
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getsampwidth(), file.getframerate(), file.getnchannels()) == (
            width, tone.form.rate, tone.form.channels,
        )  # fmt: skip
    assert hashlib.md5(samples(tmp_path / "out.wav")).digest() == tone.data[STREAM_INFO][18:]
    assert (tmp_path / "tap").read_bytes() == tone.data


def test_bare_flac_frames_play_with_the_stream_info_from_the_parameters(tmp_path: Path) -> None:
    tone = Tone("tone-24.flac")
    info = bytes(tone.data[STREAM_INFO])
    bare = tone.data[bytes(tone.data).index(b"\xff\xf8") :]
    form = EncodedFormat(Codec.FLAC, 16_000, 1, bit_depth=24, codec_private=info)
    play(VirtualDsp("q6asm", PacedClock(float("inf")), str(tmp_path / "out.wav")), bare, form, Geometry(8192, 4))
    assert hashlib.md5(samples(tmp_path / "out.wav")).digest() == info[18:]


def test_a_generic_dsp_trims_the_encoders_delay_and_padding(tmp_path: Path) -> None:
    tone = Tone("tone-gapless.mp3")
    dsp = VirtualDsp("generic", PacedClock(float("inf")), str(tmp_path / "out.wav"))
    dsp.open()
    dsp.set_params(tone.form, Geometry(8192, 4))
    dsp.set_metadata(576, 923)
    dsp.write(tone.data)
    dsp.start()
    dsp.drain()
    assert dsp.progress().rendered == 7717
    dsp.close()
    assert samples(tmp_path / "out.wav") == by_ffmpeg(tone.path)[(576 + 529) * 2 :][: 7717 * 2]


def test_q6asm_never_trims_the_first_track(tmp_path: Path) -> None:
    tone = Tone("tone-gapless.mp3")
    dsp = VirtualDsp("q6asm", PacedClock(float("inf")), str(tmp_path / "out.wav"))
    dsp.open()
    dsp.set_params(tone.form, Geometry(8192, 4))
    dsp.set_metadata(576, 923)
    dsp.write(tone.data)
    dsp.start()
    dsp.drain()
    dsp.close()
    assert samples(tmp_path / "out.wav") == by_ffmpeg(tone.path)


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_a_gapless_join_has_only_the_sound_of_both_tracks(profile: str, tmp_path: Path) -> None:
    """On q6asm the padding told after NEXT_TRACK is cut off the old track, the delay off the new one."""
    tone = Tone("tone-gapless.mp3")
    whole = by_ffmpeg(tone.path)
    dsp = VirtualDsp(profile, PacedClock(float("inf")), str(tmp_path / "out.wav"), str(tmp_path / "tap"))
    dsp.open()
    dsp.set_params(tone.form, Geometry(8192, 4))
    dsp.set_metadata(576, 923)
    dsp.write(tone.data)
    dsp.start()
    dsp.next_track()
    dsp.set_metadata(576, 923)
    dsp.partial_drain()
    dsp.write(tone.data)
    dsp.drain()
    dsp.close()
    delay, padding = (576 + 529) * 2, (923 - 529) * 2
    first = whole[:-padding] if profile == "q6asm" else whole[delay:-padding]
    second = whole[delay:] if profile == "q6asm" else whole[delay:-padding]
    assert samples(tmp_path / "out.wav") == first + second
    assert (tmp_path / "tap").read_bytes() == bytes(tone.data) * 2


def test_only_what_was_heard_is_in_the_render_after_a_stop(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, tmp_path: Path
) -> None:
    dsp = make_dsp(render=str(tmp_path / "out.wav"))
    dsp.write(mp3.data)
    dsp.start()
    clock.advance(0.1)
    dsp.stop()
    dsp.close()
    assert samples(tmp_path / "out.wav") == by_ffmpeg(mp3.path)[: 4410 * 4]


def test_the_files_are_valid_while_the_dsp_plays(
    make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, tmp_path: Path
) -> None:
    dsp = make_dsp(geometry=Geometry(8192, 4), render=str(tmp_path / "out.wav"), tap=str(tmp_path / "tap"))
    dsp.write(mp3.data)
    dsp.start()
    clock.advance(0.9)
    taken = dsp.progress().taken
    heard = samples(tmp_path / "out.wav")
    assert len(heard) >= 65_536
    assert by_ffmpeg(mp3.path).startswith(heard)
    assert (tmp_path / "tap").read_bytes() == mp3.data[:taken]


def test_a_stream_without_a_sound_leaves_a_valid_empty_wav(make_dsp: MakeDsp, tmp_path: Path) -> None:
    make_dsp(render=str(tmp_path / "out.wav")).close()
    assert samples(tmp_path / "out.wav") == b""


def test_the_next_stream_is_appended_and_another_shape_gets_its_own_file(tmp_path: Path) -> None:
    mp3, flac = Tone("tone-vbr.mp3"), Tone("tone-24.flac")
    dsp = VirtualDsp("q6asm", PacedClock(float("inf")), str(tmp_path / "out.wav"), str(tmp_path / "tap"))
    for tone in (mp3, mp3, flac):
        play(dsp, tone.data, tone.form, Geometry(8192, 4))
    assert samples(tmp_path / "out.wav") == by_ffmpeg(mp3.path) * 2
    assert hashlib.md5(samples(tmp_path / "out-2.wav")).digest() == flac.data[STREAM_INFO][18:]
    assert (tmp_path / "tap").read_bytes() == bytes(mp3.data) * 2 + bytes(flac.data)


def test_garbage_is_consumed_and_nothing_breaks(clock: ManualClock, work: Work) -> None:
    noise = bytes(byte * 7 % 251 for byte in range(30_000))
    for codec in (Codec.MP3, Codec.FLAC, Codec.AAC):
        dsp = VirtualDsp("generic", clock)
        dsp.open()
        dsp.set_params(EncodedFormat(codec, 44_100, 2), Geometry(8192, 4))
        dsp.write(memoryview(noise))
        dsp.start()
        drain = work(dsp.drain)
        clock.advance(60)
        drain.end()
        assert dsp.progress().taken == len(noise)
        dsp.close()


@pytest.mark.parametrize("frames", [4, 40, 400])
def test_a_stream_of_nothing_decodable_plays_as_the_silence_it_lasts(tmp_path: Path, frames: int) -> None:
    free_format = memoryview((bytes.fromhex("fffb0000") + bytes(1302)) * frames)
    form = EncodedFormat(Codec.MP3, 44_100, 2, bit_rate=400_000)
    dsp = VirtualDsp("q6asm", PacedClock(float("inf")), str(tmp_path / "out.wav"))
    play(dsp, free_format, form, Geometry(8192, 8))
    assert samples(tmp_path / "out.wav") == bytes(len(free_format) * 8 * 44_100 // 400_000 * 4)
    assert dsp.stream.firmware.errors > 0


def test_sound_goes_on_after_a_broken_stretch(tmp_path: Path) -> None:
    tone = Tone("tone-16.flac")
    broken = bytearray(tone.data)
    broken[6000:6600] = bytes(600)
    dsp = VirtualDsp("q6asm", PacedClock(float("inf")), str(tmp_path / "out.wav"))
    play(dsp, memoryview(broken), tone.form, Geometry(8192, 4))
    whole = by_ffmpeg(FILES / "tone-16.flac")
    heard = samples(tmp_path / "out.wav")
    assert heard[:4096] == whole[:4096]
    assert heard[-4096:] == whole[-4096:]


def test_a_codec_that_cannot_be_split_is_paced_by_its_bit_rate(
    clock: ManualClock, work: Callable[[Callable[[], object]], object], tmp_path: Path
) -> None:
    dsp = VirtualDsp("generic", clock, str(tmp_path / "out.wav"))
    dsp.open()
    dsp.set_params(EncodedFormat(Codec.G729, 48_000, 2, bit_rate=96_000), Geometry(4096, 8))
    dsp.write(memoryview(bytes(24_000)))
    dsp.start()
    work(dsp.drain)
    clock.advance(1)
    assert dsp.progress().rendered == 48_000
    clock.advance(5)
    assert dsp.progress().rendered == 96_000
    dsp.close()
    assert samples(tmp_path / "out.wav") == bytes(96_000 * 4)
