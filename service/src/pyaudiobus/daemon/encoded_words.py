"""What is said of an encoded stream: its shape, how long its device's buffer sounds, and why it cannot be served."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.daemon.client import Answer
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.words import EncodedShape

NS = 1_000_000_000
Later = Callable[[Answer | AudiobusError], None]
"""Called with the answer to a request that has to wait for a device."""


def shape_of(stream: EncodedStream) -> EncodedShape:
    """Return the shape that its client is told."""
    form = stream.format
    return EncodedShape(
        form.codec.value,
        form.rate,
        form.channels,
        form.bit_rate,
        form.bit_depth,
        form.stream_format,
        form.block_align,
        form.codec_private,
        form.encoder_delay,
        form.encoder_padding,
        form.profile,
        form.variant,
    )


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
