"""Rings between two ends, in one process and in two: what is stored is what is taken, and no peer is believed.

Past 300 lines because the rules are many and short, and share two ends.
"""

import fcntl
import gc
import mmap
import os
import random
import select
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyaudiobus.engine.ring import PLAYING, RingConsumer, RingDescriptors, RingProducer, Timing
from pyaudiobus.errors import AudiobusError, PeerError

PAGE = mmap.PAGESIZE
WRITTEN, SILENT_UNTIL, END, AREA, TAKEN = 64, 72, 80, 96, 128  # where ring.h puts them


def copies(descriptors: RingDescriptors) -> RingDescriptors:
    """What a client gets by SCM_RIGHTS."""
    return RingDescriptors(*(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3) for descriptor in descriptors))


@pytest.fixture
def playback() -> Iterator[tuple[RingProducer, RingConsumer]]:
    with RingConsumer.create(3 * PAGE - 100, 4) as daemon, RingProducer.attach(copies(daemon.descriptors)) as client:
        yield client, daemon


@pytest.fixture
def record() -> Iterator[tuple[RingProducer, RingConsumer]]:
    with RingProducer.create(PAGE, 4) as daemon, RingConsumer.attach(copies(daemon.descriptors)) as client:
        yield daemon, client


def poke(ring: RingConsumer | RingProducer, at: int, value: int) -> None:
    """Write into the page as a hostile client does."""
    with mmap.mmap(ring.descriptors.page, 4096) as page:
        page[at : at + 8] = struct.pack("<Q", value)


def test_capacity_is_rounded_up_to_whole_pages(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    assert (client.capacity, daemon.capacity, client.frame_size) == (3 * PAGE, 3 * PAGE, 4)


def test_a_span_over_the_wrap_is_one_piece_of_memory(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(2 * PAGE)
    daemon.take(2 * PAGE)
    data = random.Random(1).randbytes(2 * PAGE)
    client.view(client.written, len(data))[:] = data
    client.publish(client.written + len(data))
    assert bytes(daemon.view(len(data))) == data


@pytest.fixture
def roomy() -> Iterator[tuple[RingProducer, RingConsumer]]:
    with (
        RingConsumer.create(256 * PAGE, 4, usual=2 * PAGE) as daemon,
        RingProducer.attach(copies(daemon.descriptors)) as client,
    ):
        yield client, daemon


def allocated(ring: RingConsumer) -> int:
    return 512 * os.fstat(ring.descriptors.data).st_blocks


def play(client: RingProducer, daemon: RingConsumer, size: int) -> None:
    """Store so many bytes, and take them from what was there before."""
    data = random.Random(client.written).randbytes(size)
    assert client.space() >= size
    client.view(client.written, size)[:] = data
    client.publish(client.written + size)
    waiting = daemon.look().stored
    assert bytes(daemon.view(waiting))[-size:] == data
    daemon.take(waiting)


def test_a_ring_that_goes_round_with_little_in_it_uses_little_memory(
    roomy: tuple[RingProducer, RingConsumer],
) -> None:
    client, daemon = roomy
    for _ in range(1000):
        play(client, daemon, PAGE + 400)
    assert allocated(daemon) == 2 * PAGE


def test_more_than_usual_is_held_for_as_long_as_it_waits(roomy: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = roomy
    play(client, daemon, PAGE)
    data = random.Random(2).randbytes(256 * PAGE)
    for at in range(0, len(data), PAGE):
        client.view(client.written, PAGE)[:] = data[at : at + PAGE]
        client.publish(client.written + PAGE)
    assert daemon.look().stored == len(data)
    assert bytes(daemon.view(len(data))) == data
    daemon.take(len(data))
    assert allocated(daemon) == 258 * PAGE
    play(client, daemon, PAGE)
    assert allocated(daemon) == 2 * PAGE


def test_who_has_looked_reads_what_it_saw_while_the_producer_stores_elsewhere(
    roomy: tuple[RingProducer, RingConsumer],
) -> None:
    client, daemon = roomy
    play(client, daemon, PAGE)
    first = random.Random(3).randbytes(2 * PAGE)
    assert client.space()
    client.view(client.written, len(first))[:] = first
    client.publish(client.written + len(first))
    assert daemon.look().stored == len(first)
    client.view(client.written, 100 * PAGE)[:] = bytes(100 * PAGE)
    client.publish(client.written + 100 * PAGE)
    assert bytes(daemon.view(len(first))) == first
    daemon.look()
    assert bytes(daemon.view(len(first))) == first


def test_an_area_that_cannot_hold_what_is_shown_is_refused(roomy: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = roomy
    client.publish(3 * PAGE)
    assert daemon.look().stored == 3 * PAGE
    poke(daemon, AREA, 1)
    with pytest.raises(PeerError):
        daemon.look()
    poke(daemon, AREA, 77)
    assert daemon.look().stored == 3 * PAGE


def test_space_is_what_has_not_been_stored_or_was_taken(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(client.capacity)
    assert client.space() == 0
    daemon.take(400)
    assert client.space() == 400
    assert daemon.look().stored == client.capacity - 400


def test_silence_after_the_stored_bytes_is_told_apart(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(40, silent_until=10_000)
    fill = daemon.look()
    assert (fill.stored, fill.silence, fill.end) == (40, 9_960, None)
    daemon.take(1_000)
    assert (daemon.look().stored, daemon.look().silence) == (0, 9_000)


def test_a_write_index_that_moved_back_is_an_empty_ring(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(400)
    daemon.take(400)
    client.publish(80)
    assert daemon.look().stored == 0


def test_the_end_is_marked_in_the_ring(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(12)
    client.mark_end(12)
    assert daemon.look().end == 12
    client.mark_end(None)
    assert daemon.look().end is None


def test_nobody_is_woken_who_has_not_asked(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(400)
    daemon.take(400)
    assert not select.select([client, daemon], [], [], 0)[0]


def test_the_consumer_is_woken_when_there_is_as_much_as_it_asked_for(
    playback: tuple[RingProducer, RingConsumer],
) -> None:
    client, daemon = playback
    assert not daemon.want_data(800)
    client.publish(796)
    assert not select.select([daemon], [], [], 0)[0]
    client.publish(800)
    assert select.select([daemon], [], [], 0)[0]


def test_the_end_wakes_a_consumer_that_asked_for_more(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    daemon.want_data(800)
    client.mark_end(0)
    assert select.select([daemon], [], [], 0)[0]


def test_the_producer_is_woken_when_there_is_room_and_sleeps_again_after_it(
    playback: tuple[RingProducer, RingConsumer],
) -> None:
    client, daemon = playback
    client.publish(client.capacity)
    assert not client.want_space(800)
    daemon.take(796)
    assert not select.select([client], [], [], 0)[0]
    daemon.take(4)
    assert select.select([client], [], [], 0)[0]
    client.acknowledge()
    assert not select.select([client], [], [], 0)[0]


def test_who_asks_for_what_is_there_already_is_told_not_to_sleep(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    client.publish(800)
    assert daemon.want_data(800)
    daemon.take(800)
    assert client.want_space(800)


def test_a_recording_client_cannot_write_what_it_hears(record: tuple[RingProducer, RingConsumer]) -> None:
    daemon, client = record
    daemon.view(0, 4)[:] = b"wave"
    daemon.publish(4)
    assert bytes(client.view(4)) == b"wave"
    with pytest.raises(PermissionError):
        mmap.mmap(daemon.descriptors.data, PAGE)
    with pytest.raises(TypeError):
        client.view(4)[0] = 0


def test_nobody_can_change_the_size_of_a_ring(playback: tuple[RingProducer, RingConsumer]) -> None:
    _, daemon = playback
    for descriptor in daemon.descriptors[:2]:
        with pytest.raises(PermissionError):
            os.ftruncate(descriptor, 0)
        with pytest.raises(PermissionError):
            os.ftruncate(descriptor, 1 << 20)


@pytest.mark.parametrize("written", [3 * PAGE + 4, 2**62, 2**63 - 4, 2, PAGE - 1])
def test_a_write_index_that_cannot_be_true_is_an_error(
    playback: tuple[RingProducer, RingConsumer], written: int
) -> None:
    _, daemon = playback
    poke(daemon, WRITTEN, written)
    with pytest.raises(PeerError, match="write index"):
        daemon.look()


@pytest.mark.parametrize("silent", [0, 5, 2**63, 2**64 - 1])
def test_any_silence_is_bounded_by_frames_and_never_negative(
    playback: tuple[RingProducer, RingConsumer], silent: int
) -> None:
    client, daemon = playback
    client.publish(8)
    poke(daemon, SILENT_UNTIL, silent)
    fill = daemon.look()
    assert fill.silence >= 0
    assert fill.silence % 4 == 0


def test_a_read_index_that_runs_ahead_or_back_is_an_error_or_room(record: tuple[RingProducer, RingConsumer]) -> None:
    daemon, _ = record
    daemon.publish(PAGE)
    poke(daemon, TAKEN, 400)
    assert daemon.space() == 400
    poke(daemon, TAKEN, 396)
    with pytest.raises(PeerError, match="read index"):
        daemon.space()


def test_what_is_no_ring_cannot_be_joined() -> None:
    with RingConsumer.create(PAGE, 4) as ring, open(os.devnull, "rb") as null:
        given = copies(ring.descriptors)
        bad = given._replace(data=os.dup(null.fileno()))
        with pytest.raises(PeerError, match="no ring"):
            RingProducer.attach(bad)
        os.close(given.data)


def test_an_unsealed_ring_cannot_be_joined() -> None:
    with RingConsumer.create(PAGE, 4) as ring:
        given = copies(ring.descriptors)
        open_ended = os.memfd_create("data", os.MFD_ALLOW_SEALING)
        os.ftruncate(open_ended, PAGE)
        with pytest.raises(PeerError, match="no ring"):
            RingProducer.attach(given._replace(data=open_ended))
        os.close(given.data)


def descriptors() -> list[str]:
    """What this process has open; what other tests have left behind is let go first."""
    gc.collect()
    return os.listdir("/proc/self/fd")


@pytest.mark.parametrize(("capacity", "frame_size"), [(2**62, 4), (100, 0)])
def test_a_ring_of_an_impossible_shape_is_refused(capacity: int, frame_size: int) -> None:
    before = descriptors()
    with pytest.raises(AudiobusError, match="cannot make a ring"):
        RingConsumer.create(capacity, frame_size)
    assert descriptors() == before


def test_timing_is_read_as_it_was_shown(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    assert client.timing() is None
    timing = Timing(4, 5, 6, 7, 8, 9, PLAYING)
    daemon.show_timing(4, 5, 6, 7, 8, 9, PLAYING)
    assert client.timing() == timing


def test_a_timing_sequence_that_never_rests_is_no_timing(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    daemon.show_timing(4, 5, 6, 7, 8, 9, 0)
    poke(daemon, 192, 1)
    assert client.timing() is None
    daemon.show_timing(4, 5, 6, 7, 8, 9, 0)
    assert client.timing() is not None


def test_closing_leaves_no_descriptor_and_is_legal_twice() -> None:
    before = descriptors()
    ring = RingConsumer.create(PAGE, 4)
    ring.give_away()
    ring.close()
    ring.close()
    assert descriptors() == before


def test_a_client_that_fills_its_eventfd_does_not_stop_the_daemon(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    os.set_blocking(client.descriptors.daemon_event, True)
    os.write(client.descriptors.daemon_event, struct.pack("<Q", 2**64 - 2))
    os.set_blocking(client.descriptors.client_pipe, True)
    for round_ in range(1, 70_000):  # more wakeups than a pipe holds, of a client that reads none
        client.publish(4 * round_)
        client.want_space(4 * round_)
        daemon.take(4)
    assert daemon.taken == 4 * 69_999


CLIENT = """
import os, random, select, sys
from pyaudiobus.engine.ring import RingDescriptors, RingProducer

ring = RingProducer.attach(RingDescriptors(*map(int, sys.argv[1:5])))
source, total = random.Random(7), int(sys.argv[5])
while ring.written < total:
    size = min(4 * source.randrange(1, 3000), total - ring.written)
    while ring.space() < size:
        if not ring.want_space(ring.written + size - ring.capacity):
            select.select([ring], [], [])
            ring.acknowledge()
    ring.view(ring.written, size)[:] = source.randbytes(size)
    ring.publish(ring.written + size)
ring.mark_end(total)
"""


def test_two_processes_pass_a_stream_without_losing_a_byte_or_a_wakeup() -> None:
    total = 12_000_000
    with RingConsumer.create(4 * PAGE, 4) as daemon:
        descriptors = daemon.descriptors
        words = [*map(str, descriptors), str(total)]
        process = subprocess.Popen([sys.executable, "-c", CLIENT, *words], pass_fds=descriptors)
        taken = receive_all(daemon)
        assert process.wait() == 0
    assert taken == zlib.crc32(what_was_sent(total))


def receive_all(daemon: RingConsumer) -> int:
    """Take everything as it comes, sleeping in between; return its checksum."""
    choose, checksum = random.Random(3), 0
    with select.epoll() as poll:
        poll.register(daemon, select.EPOLLIN | select.EPOLLET)
        while (fill := daemon.look()).end != daemon.taken:
            if fill.stored:
                size = min(fill.stored, 4 * choose.randrange(1, 4000))
                checksum = zlib.crc32(daemon.view(size), checksum)
                daemon.take(size)
            elif not daemon.want_data(daemon.taken + 4):
                poll.poll()
    return checksum


def what_was_sent(total: int) -> bytes:
    source, sent = random.Random(7), bytearray()
    while len(sent) < total:
        sent += source.randbytes(min(4 * source.randrange(1, 3000), total - len(sent)))
    return bytes(sent)


def test_what_is_stored_arrives_whatever_its_length(playback: tuple[RingProducer, RingConsumer]) -> None:
    client, daemon = playback
    for size in (4, 60, 64, 68, 132, 3 * PAGE - 8):
        data = os.urandom(size)
        assert client.store(client.written, memoryview(data))
        client.publish(client.written + size)
        assert daemon.look().stored == size
        assert bytes(daemon.view(size)) == data
        daemon.take(size)
        client.space()


def test_a_mapped_file_that_became_shorter_is_told_and_kills_nobody(
    playback: tuple[RingProducer, RingConsumer], tmp_path: Path
) -> None:
    client, _ = playback
    path = tmp_path / "song"
    path.write_bytes(bytes(3 * PAGE))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 3 * PAGE, access=mmap.ACCESS_READ) as mapped:
        assert client.store(0, memoryview(mapped)[: 2 * PAGE])
        file.truncate(PAGE)
        assert not client.store(0, memoryview(mapped)[: 2 * PAGE])
