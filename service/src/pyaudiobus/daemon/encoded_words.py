"""What is said of an encoded stream: how long its device's buffer sounds, and why it cannot be served."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.daemon.client import Answer
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.encoded_timing import NS

Later = Callable[[Answer | AudiobusError], None]
"""Called with the answer to a request that has to wait for a device."""


def not_yet(stream: EncodedStream) -> AudiobusError:
    """Return why nothing can be asked of it."""
    return AudiobusError(f"stream {stream.serial} waits for its sink", advice="Ask again when it plays.")


def latency_of(stream: EncodedStream) -> int:
    """Return how long what a device holds sounds, in ns; 0 where the stream does not tell its rate."""
    bit_rate = stream.format.bit_rate
    return stream.buffers.size * 8 * NS // bit_rate if bit_rate else 0


def one_line(reasons: list[str]) -> str:
    """Return reasons one behind the other, each once."""
    return "; ".join(dict.fromkeys(reasons))[:4000]
