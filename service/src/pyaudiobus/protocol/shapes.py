"""Formats of the model in the protocol's words."""

from __future__ import annotations

from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.protocol.words import EncodedShape


def encoded_shape(form: EncodedFormat) -> EncodedShape:
    """Put a format into the protocol's words."""
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
