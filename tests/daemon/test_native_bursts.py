"""Bursts that are given natively: the same bytes as by Python, and Python again where it is needed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.daemon.feed import Feed, News
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.devices.polled_clock import PolledClock, PolledFlag
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.graph.node import ParamId
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState
from tests.daemon.dsp_bus import FLAC, MP3
from tests.devices.contract.standins import Standin, build

FRAGMENT, FRAGMENTS = 8192, 4
RING = FRAGMENT * FRAGMENTS
BURST = RING - FRAGMENT
WIDE = 0x000401


class Scene:
    """A song in a ring, a device whose time a test turns, and what plays the one on the other."""

    def __init__(self, standin: Standin, song: Path, *, stored: int | None = None, fragments: int = FRAGMENTS) -> None:
        self.standin = standin
        found = open_encoded(str(song))
        assert found is not None
        self.form: EncodedFormat = found.form
        self.data = bytes(found.reader().peek(found.index.total_bytes))
        device = KernelCompressDevice(0, 0, standin.shared_object, node=standin.node)
        self.sink = CompressedSink(
            device,
            PolledClock(),
            quirks_for("a generic one"),
            RingRequest(fragments * FRAGMENT, fragments),
        )
        self.sink.set_param(ParamId.FORMAT, self.form)
        self.ring = RingConsumer.create(1 << 20, 1)
        self.client = RingProducer.attach(RingDescriptors(*map(os.dup, self.ring.descriptors)))
        self.news: list[News] = []
        self.feed = Feed(self.sink, self.ring, self.form, self.news.append, prebuf=fragments * FRAGMENT)
        self.store(self.data[:stored])
        self.feed.start()
        self.feed.step()
        self.feed.step()

    def store(self, data: bytes) -> None:
        self.client.view(self.client.written, len(data))[:] = data
        self.client.publish(self.client.written + len(data))

    @property
    def given(self) -> int:
        return self.feed._given()

    def seconds(self, size: int) -> float:
        """How long so many bytes sound, and a little longer."""
        return (size + 100) * 8 / self.form.bit_rate

    def turn(self, size: int = BURST) -> bool:
        """Let the device take so many bytes, and let it be time for a burst; tell whether native code was asked."""
        if size:
            self.standin.advance(self.seconds(size))
        stream = self.sink.playback.stream
        assert stream is not None
        stream.watch.low_at = self.sink.now()
        self.sink.signal.clear()
        self.sink.signal.set()  # so that it does not sleep for what comes next
        return self.feed.rest()

    def close(self) -> None:
        self.feed.release()
        self.client.close()
        self.ring.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("kernel"), "libkernel_standin.so", "kernel_standin.c")


@pytest.fixture
def scene(library: Path, tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    made: list[Scene] = []

    def make(song: Path = MP3, *, stored: int | None = None, fragments: int = FRAGMENTS, **knobs: int) -> Scene:
        standin = Standin(library, tmp_path, **{"speed": 0, **knobs})
        made.append(Scene(standin, song, stored=stored, fragments=fragments))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("knobs", [{}, {"timestamps": 1}, {"protocol": WIDE, "timestamps": 1}], ids=str)
@pytest.mark.parametrize("song", [MP3, FLAC], ids=["mp3", "flac"])
def test_a_song_comes_whole_whoever_gives_its_bursts(
    scene: Callable[..., Scene], song: Path, knobs: dict[str, int]
) -> None:
    playing = scene(song, **knobs)
    playing.client.mark_end(len(playing.data))
    bursts = 0
    while playing.sink.state is SinkState.RUNNING:
        before = playing.given
        is_given = playing.turn(BURST) and playing.given > before
        timing = playing.client.timing()
        assert timing is not None
        assert timing.read_index <= playing.given
        bursts += is_given
        if not is_given:
            playing.feed.step()
    assert bursts >= 2
    assert playing.given == len(playing.data)
    assert len(playing.standin.tap) >= len(playing.data) - RING  # the rest is in the device, which drains
    assert playing.data.startswith(playing.standin.tap)
    assert not playing.standin.was_overwritten
    assert playing.sink.counters().bytes_sent == len(playing.data)


def test_a_burst_is_booked_as_one_by_python_is(scene: Callable[..., Scene]) -> None:
    playing = scene(timestamps=1)
    wakeups, given = playing.sink.counters().wakeups, playing.given
    assert playing.turn()
    assert playing.given == given + BURST
    assert playing.sink.counters().wakeups == wakeups + 1
    index = playing.sink.consumed()[0]
    assert index is not None
    assert index.index.frames_at(playing.given) > 0
    assert playing.sink.position().seconds == pytest.approx(playing.seconds(BURST), abs=0.2)
    assert playing.sink.queued() == (RING, RING)
    assert not playing.feed.step() <= 0  # there is nothing left to do


def test_a_client_that_waits_for_nothing_is_told_of_no_single_burst(scene: Callable[..., Scene]) -> None:
    playing = scene(fragments=10, timestamps=1)
    given, told = playing.given, playing.client.timing()
    assert playing.turn(2 * FRAGMENT)
    assert playing.given == given + 2 * FRAGMENT
    assert playing.client.timing() == told
    playing.feed.step()
    assert playing.client.timing() != told


def test_a_client_that_waits_for_memory_is_given_it_behind_the_next_burst(scene: Callable[..., Scene]) -> None:
    playing = scene(fragments=10, timestamps=1)
    told = playing.client.timing()
    assert not playing.client.want_space(FRAGMENT)
    assert playing.turn(2 * FRAGMENT)
    assert playing.client.timing() != told
    assert playing.ring.taken > 0


@pytest.mark.parametrize(
    ("call", "number"),
    [("avail", errno.EPIPE), ("write", errno.EIO), ("avail", errno.ENODEV)],
)
def test_what_fails_is_left_to_python(scene: Callable[..., Scene], call: str, number: int) -> None:
    playing = scene()
    before = playing.given
    playing.standin.fail(call, number)
    assert playing.turn()
    assert playing.given == before
    assert playing.sink.state is SinkState.RUNNING


def test_a_device_that_stands_still_is_left_to_python(
    scene: Callable[..., Scene],
) -> None:
    playing = scene()
    before = playing.given
    assert playing.turn(0)
    assert playing.given == before


def test_what_is_all_there_is_left_to_python(scene: Callable[..., Scene]) -> None:
    playing = scene(stored=RING + BURST)
    before = playing.given
    assert playing.turn()
    assert playing.given == before  # more may come, or the end: which it is, is not known here
    playing.feed.step()
    assert playing.given == RING + BURST


def test_an_end_is_left_to_python(scene: Callable[..., Scene]) -> None:
    playing = scene()
    playing.client.mark_end(RING + BURST)
    before = playing.given
    assert playing.turn()
    assert playing.given == before


def test_frames_of_another_kind_are_left_to_python(scene: Callable[..., Scene]) -> None:
    playing = scene(stored=RING + 2 * FRAGMENT)
    playing.store(b"\0" * 5 * FRAGMENT)
    before = playing.given
    assert playing.turn()
    assert playing.given == before


def test_a_client_whose_ring_lies_is_left_to_python(
    scene: Callable[..., Scene],
) -> None:
    playing = scene()
    playing.client.publish(1 << 40)
    before = playing.given
    assert playing.turn()
    assert playing.given == before


@pytest.mark.parametrize("event", ["cork", "wait_again"])
def test_who_is_stopped_is_given_nothing(scene: Callable[..., Scene], event: str) -> None:
    playing = scene(stored=RING + FRAGMENT)
    playing.feed.set_prebuf(10 * RING)
    getattr(playing.feed, event)()
    assert not playing.turn(0)


def test_a_client_wakes_the_thread_that_plays_with_no_loop_between(
    scene: Callable[..., Scene],
) -> None:
    playing = scene()
    flag = playing.sink.signal
    assert isinstance(flag, PolledFlag)
    flag.clear()
    flag.sleep(0.0)
    flag.watch(playing.ring.fileno())
    playing.ring.want_data(playing.client.written + 1)
    assert not flag.is_set()
    playing.store(b"\0")
    assert PolledClock().wait(flag, PolledClock().now() + 10)
    flag.unwatch(playing.ring.fileno())
