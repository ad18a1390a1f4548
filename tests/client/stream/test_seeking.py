"""Seeking in what a server sends: what is asked for, and that what is heard is the song from that very frame on."""

from __future__ import annotations

import io
import random
import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import pytest

from pyaudiobus.media.decode import Decoder
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.flac_header import LAST_BLOCK
from pyaudiobus.media.live.flac_walker import SEEKTABLE
from pyaudiobus.media.sniff import FLAC_MAGIC
from pyaudiobus.model.events import Playing, Sought
from pyaudiobus.model.position import Position
from tests.client.stream.scripted import ScriptedOrigin, player, track
from tests.client.studio import MEDIA, Studio
from tests.media.build_mp3 import frame, with_info, with_vbri
from tests.nodes.bench import FRAME, HUM

RATE = 44_100
SPEED = 150_000
"""Bytes that come in a second: about twice as fast as they sound."""
Points = list[tuple[int, int]]


def noise(seconds: float) -> bytes:
    """Mono sound of which no second is like another."""
    samples = bytearray(2 * int(seconds * RATE))
    samples[::2] = random.Random(5).randbytes(len(samples) // 2)
    return bytes(samples)


@pytest.fixture(scope="module")
def flac() -> bytes:
    """Half a minute of FLAC without a seek table."""
    out = io.BytesIO()
    try:
        writer = av.open(out, "w", format="flac")
    except ValueError:
        pytest.skip("this FFmpeg only reads, as the layer's does")
    with writer as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono", options={"compression_level": "0"})
        frame = av.AudioFrame(format="s16", layout="mono", samples=30 * RATE)
        frame.sample_rate = RATE
        frame.planes[0].update(noise(30))
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


def frames_of(song: bytes, folder: Path) -> Points:
    """PCM frame and byte behind the first frame of each encoded frame."""
    path = folder / "song"
    path.write_bytes(song)
    found = open_encoded(str(path))
    assert found is not None
    index, header = found.index, len(found.header)
    starts = sorted({index.byte_at(frame) for frame in range(0, index.total_frames, 500)})
    found.close()
    return [(index.frames_at(at), at - header) for at in starts]


def with_table(song: bytes, points: Points) -> bytes:
    """The same FLAC with a SEEKTABLE behind STREAMINFO."""
    body = b"".join(frame.to_bytes(8, "big") + byte.to_bytes(8, "big") + bytes(2) for frame, byte in points)
    block = bytes((SEEKTABLE,)) + len(body).to_bytes(3, "big") + body
    head = len(FLAC_MAGIC) + 4 + 34
    is_last = bool(song[len(FLAC_MAGIC)] & LAST_BLOCK)
    info = bytes((song[len(FLAC_MAGIC)] & ~LAST_BLOCK,)) + song[len(FLAC_MAGIC) + 1 : head]
    if is_last:
        block = bytes((block[0] | LAST_BLOCK,)) + block[1:]
    return FLAC_MAGIC + info + block + song[head:]


class Heard(NamedTuple):
    """What came of a seek."""

    seconds: float
    """Where it is told to have led."""
    doubt: float
    """Seconds by which what was told later may be wrong."""
    pcm: bytes


def heard_after_seek(
    song: bytes, seconds: float, folder: Path, profile: str = "generic"
) -> tuple[ScriptedOrigin, Heard]:
    studio = Studio(profile=profile, render=folder / "render.wav")
    origin = ScriptedOrigin(
        studio.clock, [(at / SPEED, song[at : at + 20_000]) for at in range(0, len(song), 20_000)], whole=song
    )
    made, sought = player(studio, 0.1), list[Sought]()
    last = Position(0.0, 0.0)
    for event in made.play_all([track(origin, studio)]):
        if isinstance(event, Playing) and event.position.seconds > 0.2 and not sought:
            made.controls.seek(seconds)
        if isinstance(event, Sought):
            sought.append(event)
        if isinstance(event, Playing) and event.fill:
            last = event.position
    with wave.open(str(folder / "render.wav")) as file:
        return origin, Heard(sought[0].position.seconds, last.uncertainty, bytes(file.readframes(file.getnframes())))


def decoded(song: bytes, folder: Path) -> bytes:
    path = folder / "whole"
    path.write_bytes(song)
    decoder = Decoder(str(path))
    pcm = decoder.read(1 << 30)
    decoder.close()
    return pcm


TABLES: dict[str, Callable[[Points], Points]] = {
    "without a table": lambda _: [],
    "by a right table": lambda places: places[::10],
    "by a table that names other frames": lambda places: [(frame + 4096, byte) for frame, byte in places[::10]],
    "by a table that points between frames": lambda places: [(frame, byte + 77) for frame, byte in places[::10]],
    "by a table that points behind the end": lambda places: [(frame, byte + 10**9) for frame, byte in places[::10]],
    "by a table that goes back": lambda places: places[::-10],
    "by placeholders": lambda _: [((1 << 64) - 1, 0)] * 20,
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_flac_goes_on_with_the_very_sample_whatever_its_table_says(
    tmp_path: Path, flac: bytes, table: Callable[[Points], Points]
) -> None:
    places = frames_of(flac, tmp_path)
    song = with_table(flac, table(places))
    origin, heard = heard_after_seek(song, 27.0, tmp_path)
    assert heard.seconds == 27.0
    assert heard.pcm.endswith(decoded(flac, tmp_path)[27 * RATE * 2 :])
    assert len(heard.pcm) < 15 * RATE * 2
    assert origin.given < len(song) / 2


def test_a_right_table_takes_one_request(tmp_path: Path, flac: bytes) -> None:
    song = with_table(flac, frames_of(flac, tmp_path)[::10])
    origin, _ = heard_after_seek(song, 27.0, tmp_path)
    assert len(origin.asked) == 1


def vbr(times: int, *, table: bool = False) -> bytes:
    """LAME's frames of many bit rates, over and over behind one frame with its facts."""
    file = open_encoded(str(MEDIA / "lame-vbr.mp3"))
    assert file is not None
    body = bytes(file.reader().peek(file.index.total_bytes)) * times
    count = file.index.total_frames // 1152 * times
    file.close()
    return with_info(body, kind=b"Xing", frames=count, audio_bytes=len(body), method=4) if table else body


@pytest.mark.parametrize("profile", ["generic", "q6asm"])
def test_an_mp3_of_variable_bit_rate_goes_on_with_the_very_sample(tmp_path: Path, profile: str) -> None:
    song = vbr(40)
    whole = decoded(song, tmp_path)
    seconds = len(whole) / 4 / RATE * 0.9
    _, heard = heard_after_seek(song, seconds, tmp_path, profile)
    wanted = whole[round(seconds * RATE) * 4 :]
    assert heard.pcm.endswith(wanted if profile == "generic" else wanted[4 * 4 * 1152 :])


def test_an_mp3_of_constant_bit_rate_takes_one_request(tmp_path: Path) -> None:
    song = HUM.read_bytes()[: 100 * FRAME] * 25
    whole = decoded(song, tmp_path)
    origin, heard = heard_after_seek(song, 54.0, tmp_path)
    assert heard.pcm.endswith(whole[54 * 48_000 * 4 :])
    assert heard.doubt == 0
    assert len(origin.asked) == 1
    assert origin.given < len(song) * 0.7


def test_what_only_looks_like_a_constant_bit_rate_is_counted(tmp_path: Path) -> None:
    file = open_encoded(str(MEDIA / "lame-cbr-64.mp3"))
    assert file is not None
    song = bytes(file.reader().peek(file.index.total_bytes)) * 60
    file.close()
    whole = decoded(song, tmp_path)
    origin, heard = heard_after_seek(song, 54.0, tmp_path)
    assert heard.pcm.endswith(whole[54 * RATE * 4 :])
    assert len(origin.asked) == 2


def test_where_counting_would_take_too_long_the_table_leads_and_its_doubt_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyaudiobus.client.stream.seeking.MOST_COUNTED", 1024)
    song = vbr(40)
    whole = decoded(song, tmp_path)
    frames = len(whole) // 4 // 1152
    places = sorted(byte * 256 // len(song) for _, byte in frames_of(song, tmp_path))
    marks = bytes(places[len(places) * number // 100] for number in range(100))
    first = with_info(frame(128), kind=b"Xing", frames=frames, audio_bytes=len(song), delay=0, padding=0)
    at = first.index(b"Xing") + 16
    told = first[:at] + marks + first[at + 100 :] + song
    origin, heard = heard_after_seek(told, frames * 1152 / RATE * 0.9, tmp_path)
    assert len(origin.asked) == 1
    assert 0 < heard.doubt < 1
    rest = next(size for size in range(len(whole) // 8, 0, -1152 * 4) if heard.pcm.endswith(whole[-size:]))
    assert rest / 4 / RATE == pytest.approx(frames * 1152 / RATE * 0.1, abs=heard.doubt + 0.1)


STEP = 20
"""Encoded frames of an entry in VBRI's table."""
LIES: dict[str, Callable[[list[int]], list[int]]] = {
    "that is right": lambda sizes: sizes,
    "that counts its own frame": lambda sizes: [sizes[0] + len(frame(320)), *sizes[1:]],
    "that points between frames": lambda sizes: [size + 7 for size in sizes],
    "that leaves every second entry out": lambda sizes: sizes[::2],
    "that lies from its middle on": lambda sizes: sizes[:40] + [size + 3 for size in sizes[40:]],
    "that points behind the end": lambda sizes: [*sizes[:20], 65_000, *sizes[20:]],
    "that has empty entries": lambda sizes: [0 for _ in sizes],
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_mp3_with_a_table_of_vbri_goes_on_with_the_very_sample(
    tmp_path: Path, lie: Callable[[list[int]], list[int]]
) -> None:
    song = vbr(40)
    whole = decoded(song, tmp_path)
    starts = [byte for _, byte in every_frame(song, tmp_path)][::STEP]
    sizes = lie([after - before for before, after in pairwise(starts)])
    count = len(whole) // 4 // 1152
    facts = with_vbri(frame(320), frames=count, audio_bytes=len(song), sizes=sizes, step=STEP)
    seconds = count * 1152 / RATE * 0.9
    origin, heard = heard_after_seek(facts + song, seconds, tmp_path)
    assert heard.pcm.endswith(whole[round(seconds * RATE) * 4 :])
    assert heard.doubt == 0
    if lie in (LIES["that is right"], LIES["that counts its own frame"]):
        assert len(origin.asked) == 1


def every_frame(song: bytes, folder: Path) -> Points:
    """As frames_of, with no frame left out."""
    path = folder / "song"
    path.write_bytes(song)
    found = open_encoded(str(path))
    assert found is not None
    index = found.index
    places = [(frame, index.byte_at(frame)) for frame in range(0, index.total_frames, 1152)]
    found.close()
    return places
