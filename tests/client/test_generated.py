"""Sound that is made when a running daemon wants it, by a Python function and by a native one."""

import pytest

from pyaudiobus.client.generated import play_function, play_native
from pyaudiobus.client.playback import play
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.stream_state import StreamKilled
from pyaudiobus.engine._engine import ffi
from pyaudiobus.engine.generator import NativeSource, saw
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import Named
from pyaudiobus.protocol.words import Attributes
from tests.client.live_bus import LiveBus

FORM = PcmFormat(Encoding.S16, 48_000, 2)
SHORT = Attributes(tlength=4096, minreq=1024)


def test_a_python_function_is_called_until_it_gives_less(remote: Remote) -> None:
    sizes: list[int] = []

    def fill(room: memoryview) -> int:
        sizes.append(len(room))
        made = len(room) if sum(sizes) < 100_000 else 400
        room[:made] = bytes(made)
        return made

    with play(remote, FORM, "generated", early_requests=True, attributes=SHORT) as stream:
        play_function(stream, fill)
        stream.drain()
        assert stream.queue.taken == sum(sizes[:-1]) + 400
        assert min(sizes) >= stream.attributes.minreq


def test_a_native_function_plays_until_the_stream_is_killed(bus: LiveBus) -> None:
    with Remote("native", bus.path) as remote, Remote("killer", bus.path) as other:
        stream = play(remote, FORM, "native", early_requests=True, attributes=SHORT)
        other.ask("destroy", Named(stream.serial))
        with pytest.raises(StreamKilled):
            play_native(remote, stream, saw())
        stream.close()


def test_a_native_function_that_ends_leaves_the_queue_where_it_ended(remote: Remote) -> None:
    rest = [5000]

    def fill(own: object, to: object, frames: int) -> int:
        del own, to
        rest[0] -= min(frames, rest[0])
        return frames if rest[0] else 7

    function = ffi.callback("size_t(void *, void *, size_t)", fill)
    source = NativeSource(int(ffi.cast("uintptr_t", function)), keep=function)
    with play(remote, FORM, "native", early_requests=True, attributes=SHORT) as stream:
        play_native(remote, stream, source)
        assert stream.queue.index >= 5000 * FORM.frame_size - stream.attributes.tlength
        stream.drain()
        assert stream.queue.taken == stream.queue.index
