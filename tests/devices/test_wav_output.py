"""WAV files as others read them."""

from __future__ import annotations

import errno
import os
import struct
import threading
import wave
from pathlib import Path

import pytest

from pyaudiobus.devices.wav_file import WavFile
from pyaudiobus.devices.wav_output import WavOutput
from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.format import Encoding, PcmFormat

STEREO = PcmFormat(Encoding.S16, 44_100, 2)
PCM = bytes(range(240)) * 10


def data_size(path: Path) -> int:
    content = path.read_bytes()
    return int.from_bytes(content[content.index(b"data") + 4 :][:4], "little")


@pytest.mark.parametrize("encoding", [Encoding.S16, Encoding.S24, Encoding.S32])
@pytest.mark.parametrize("channels", [1, 2])
def test_what_was_written_is_read_back(encoding: Encoding, channels: int, tmp_path: Path) -> None:
    output = WavOutput(str(tmp_path / "out.wav"))
    output.open(PcmFormat(encoding, 48_000, channels))
    assert output.write(memoryview(PCM)) == len(PCM)
    output.drain()
    output.close()
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (channels, encoding.width, 48_000)
        assert file.readframes(file.getnframes()) == PCM


def test_more_than_two_channels_are_extensible_with_their_speakers(tmp_path: Path) -> None:
    output = WavOutput(str(tmp_path / "out.wav"))
    output.open(PcmFormat(Encoding.S24, 96_000, 6))
    output.write(memoryview(bytes(18)))
    output.close()
    content = (tmp_path / "out.wav").read_bytes()
    assert struct.unpack("<4sI4s4sI", content[:20]) == (b"RIFF", len(content) - 8, b"WAVE", b"fmt ", 40)
    assert struct.unpack("<HHIIHHHHIH", content[20:46]) == (0xFFFE, 6, 96_000, 1_728_000, 18, 24, 22, 24, 0x3F, 1)
    assert content[46:60].hex() == "000000001000800000aa00389b71"
    assert content[60:] == b"data" + (18).to_bytes(4, "little") + bytes(18)


def test_only_whole_frames_are_taken(tmp_path: Path) -> None:
    output = WavOutput(str(tmp_path / "out.wav"))
    output.open(STEREO)
    assert output.write(memoryview(PCM[:7])) == 4


def test_an_odd_number_of_bytes_is_padded_but_not_counted(tmp_path: Path) -> None:
    file = WavFile(str(tmp_path / "out.wav"), PcmFormat(Encoding.S24, 8000, 1))
    file.write(b"abc")
    file.close()
    content = (tmp_path / "out.wav").read_bytes()
    assert (data_size(tmp_path / "out.wav"), len(content)) == (3, 44 + 4)
    assert int.from_bytes(content[4:8], "little") == len(content) - 8


def test_a_file_that_was_never_closed_is_valid_up_to_the_last_burst(tmp_path: Path) -> None:
    file = WavFile(str(tmp_path / "out.wav"), STEREO)
    for _ in range(100):
        file.write(PCM)
    with wave.open(str(tmp_path / "out.wav")) as early:
        assert 0 < early.getnframes() * 4 < 100 * len(PCM)
    file.close()
    assert data_size(tmp_path / "out.wav") == 100 * len(PCM)


def test_streams_of_the_same_shape_share_a_file_and_others_get_their_own(tmp_path: Path) -> None:
    output = WavOutput(str(tmp_path / "out.wav"))
    for form in (STEREO, STEREO, PcmFormat(Encoding.S16, 22_050, 2)):
        output.open(form)
        output.write(memoryview(PCM))
        output.close()
    assert data_size(tmp_path / "out.wav") == 2 * len(PCM)
    assert data_size(tmp_path / "out-2.wav") == len(PCM)


def test_past_4_gib_the_sizes_say_up_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    file = WavFile(str(path), STEREO)
    file._written = (1 << 32) - 40  # 4 GiB are not written for a test
    file.write(bytes(8))
    file.sync()
    assert struct.unpack("<I", path.read_bytes()[4:8]) == (0xFFFFFFFF,)
    assert data_size(path) == 0xFFFFFFFF


def test_a_pipe_gets_a_header_that_needs_no_correction(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    file = WavFile(str(pipe), STEREO)
    file.write(PCM)
    file.close()
    reader.join(30)
    assert got[0][40:44] == b"\xff\xff\xff\xff"
    assert got[0][44:] == PCM


@pytest.mark.parametrize("where", ["missing/out.wav", "."])
def test_a_path_that_cannot_be_written_is_the_users_mistake(where: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        WavOutput(str(tmp_path / where))


def test_a_full_disk_is_a_device_error() -> None:
    output = WavOutput("/dev/full")
    with pytest.raises(DeviceError) as failure:
        output.open(STEREO)
    assert failure.value.errno == errno.ENOSPC


def test_it_takes_nothing_before_open_and_no_floats(tmp_path: Path) -> None:
    output = WavOutput(str(tmp_path / "out.wav"))
    with pytest.raises(DeviceError):
        output.write(memoryview(PCM))
    with pytest.raises(DeviceError):
        output.open(PcmFormat(Encoding.F32, 48_000, 2))
    output.close()


def test_a_file_keeps_no_time(tmp_path: Path) -> None:
    output = WavOutput(str(tmp_path / "out.wav"))
    output.open(STEREO)
    output.pause()
    output.resume()
    output.drop()
    assert (output.paced(), output.queued(), output.xruns()) == (False, 0, 0)
    assert output.capacity() > 0
