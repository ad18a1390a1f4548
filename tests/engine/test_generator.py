"""A native function that makes sound in a ring, with the daemon's end in the same process."""

import os
import threading
from collections.abc import Iterator

import pytest

from pyaudiobus.engine._engine import ffi
from pyaudiobus.engine.generator import NativeSource, Reason, generate, saw
from pyaudiobus.engine.ring import RingConsumer, RingProducer
from pyaudiobus.errors import PeerError
from tests.engine.test_ring import TAKEN, copies, poke

FRAME = 4
Pair = tuple[RingProducer, RingConsumer]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with RingConsumer.create(4096, FRAME) as daemon, RingProducer.attach(copies(daemon.descriptors)) as client:
        yield client, daemon


@pytest.fixture
def called() -> Iterator[int]:
    """A descriptor that can be read: it calls the generator back as soon as that would sleep."""
    read, write = os.pipe()
    os.write(write, b"x")
    yield read
    os.close(read)
    os.close(write)


def expected_saw(frames: int, first: int = 0) -> bytes:
    values = ((601 * number) & 0xFFFF for number in range(first, first + frames))
    return b"".join(value.to_bytes(2, "little") * 2 for value in values)


def test_the_ring_is_filled_up_to_the_target(pair: Pair, called: int) -> None:
    client, daemon = pair
    assert generate(client, saw(), 200 * FRAME, 50 * FRAME, called) is Reason.CALLED
    assert bytes(daemon.view(daemon.look().stored)) == expected_saw(200)


def test_less_than_minreq_is_not_asked_for(pair: Pair, called: int) -> None:
    client, daemon = pair
    source = saw()
    generate(client, source, 200 * FRAME, 50 * FRAME, called)
    daemon.take(49 * FRAME)
    generate(client, source, 200 * FRAME, 50 * FRAME, called)
    assert daemon.look().stored == 151 * FRAME
    daemon.take(FRAME)
    generate(client, source, 200 * FRAME, 50 * FRAME, called)
    assert bytes(daemon.view(daemon.look().stored)) == expected_saw(200, 50)


def test_a_function_that_gives_less_has_ended(pair: Pair) -> None:
    client, daemon = pair

    def fill(own: object, to: object, frames: int) -> int:
        del own, frames
        ffi.buffer(to, 3 * FRAME)[:] = b"abcdefghijkl"  # type: ignore[arg-type]
        return 3

    function = ffi.callback("size_t(void *, void *, size_t)", fill)
    source = NativeSource(int(ffi.cast("uintptr_t", function)), keep=function)
    assert generate(client, source, 200 * FRAME, 50 * FRAME) is Reason.ENDED
    assert bytes(daemon.view(daemon.look().stored)) == b"abcdefghijkl"


def test_it_sleeps_until_the_daemon_takes_and_goes_on_in_order(pair: Pair) -> None:
    client, daemon = pair
    read, write = os.pipe()
    made = threading.Thread(target=generate, args=(client, saw(), 128 * FRAME, 32 * FRAME, read))
    made.start()
    heard = bytearray()
    while len(heard) < 5000 * FRAME:
        size = daemon.look().stored
        heard += daemon.view(size)
        daemon.take(size)
    os.write(write, b"x")
    made.join()
    os.close(read)
    os.close(write)
    assert bytes(heard) == expected_saw(len(heard) // FRAME)


def test_a_read_index_that_cannot_be_true_ends_it(pair: Pair, called: int) -> None:
    client, daemon = pair
    generate(client, saw(), 200 * FRAME, 50 * FRAME, called)
    daemon.take(100 * FRAME)
    generate(client, saw(), 200 * FRAME, 50 * FRAME, called)
    poke(daemon, TAKEN, 0)
    with pytest.raises(PeerError, match="cannot be true"):
        generate(client, saw(), 200 * FRAME, 50 * FRAME, called)
