"""Checks by other means than the player's what the DSP was given and what it rendered: FFmpeg, and FLAC's own MD5."""

from __future__ import annotations

import hashlib
import math
import sys
import wave
from array import array
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext

FLAC_HEADER_SIZE = 42
"""Bytes of "fLaC" and the STREAMINFO block, which a DSP gets in front of the frames."""
FLAC_MD5 = slice(26, 42)
"""Where STREAMINFO keeps the MD5 of the samples."""


class Difference(Exception):
    """The DSP got or played something else than the file holds."""


def frames_of(file: Path) -> list[bytes]:
    """Return the file's encoded frames as FFmpeg takes them out of it."""
    with av.open(str(file)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def decoded(codec: str, frames: list[bytes]) -> bytes:
    """Decode bare frames, nothing trimmed, to s16 in the stream's own shape."""
    decoder = AudioCodecContext.create(codec, "r")
    assert isinstance(decoder, AudioCodecContext)  # noqa: S101  # what create() makes of an audio codec
    resampler = av.AudioResampler(format="s16")
    samples = bytearray()
    for packet in [*map(av.Packet, frames), None]:
        for frame in decoder.decode(packet):
            for part in resampler.resample(frame):
                samples += bytes(part.planes[0])[: part.samples * part.layout.nb_channels * 2]
    return bytes(samples)


def compare_taken(file: Path, tap: Path) -> str:
    """Compare the bytes the DSP took with the file's frames."""
    frames = frames_of(file)
    taken = tap.read_bytes()
    if file.suffix == ".flac":
        taken = taken[FLAC_HEADER_SIZE:]
    if taken != b"".join(frames):
        raise Difference(f"the DSP took other bytes than the {len(frames)} frames of {file}: see {tap}")
    return f"{len(frames)} frames, {len(taken)} bytes: the same as in the file"


def compare_heard(file: Path, rendered: Path) -> str:
    """Compare the samples the DSP rendered with the file's."""
    samples = read_samples(rendered)
    if file.suffix == ".flac":
        stored = file.read_bytes()[FLAC_MD5].hex()
        if hashlib.md5(samples, usedforsecurity=False).hexdigest() != stored:
            raise Difference(f"the samples in {rendered} do not have the MD5 {stored} that {file} names")
        return f"its samples have the MD5 that the encoder wrote into the file ({stored})"
    if samples != decoded("mp3float", frames_of(file)):
        raise Difference(f"the samples in {rendered} are not those that FFmpeg decodes from {file}")
    return "its samples are those that FFmpeg decodes from the file's frames"


def read_samples(rendered: Path) -> bytes:
    """Return the WAV's samples."""
    with wave.open(str(rendered)) as sound:
        samples: bytes = sound.readframes(sound.getnframes())
    return samples


def describe(rendered: Path) -> str:
    """Say how long and how loud the WAV is."""
    with wave.open(str(rendered)) as sound:
        rate, channels, count = sound.getframerate(), sound.getnchannels(), sound.getnframes()
        samples = array("h", sound.readframes(count))
    loudest = max(map(abs, samples), default=0)
    peak = f"{20 * math.log10(loudest / 32768):.1f} dBFS" if loudest else "silence"
    return f"{count / rate:.2f} s, {rate} Hz, {channels} channels, peak {peak}"


def main(file: Path, rendered: Path, tap: Path) -> int:
    """Print the comparison; 1 when something differs."""
    try:
        print(f"  the DSP took    {compare_taken(file, tap)}")
        print(f"  the DSP played  {rendered}: {describe(rendered)}")
        print(f"                  {compare_heard(file, rendered)}")
    except Difference as difference:
        print(f"demo: {difference}", file=sys.stderr)
        return 1
    print(f"                  sha256 {hashlib.sha256(rendered.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
