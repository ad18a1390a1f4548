"""The small values that messages are made of: shapes, buffer attributes, objects. Bounded, checked on arrival."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MAX_TEXT = 4096
"""Characters of one string."""

Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Word = Annotated[str, Meta(max_length=256)]
Serial = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Size = Annotated[int, Meta(ge=-1, lt=2**32)]
Properties = Annotated[dict[Word, Text], Meta(max_length=256)]
Changes = Annotated[dict[Word, Text | None], Meta(max_length=256)]
Gains = Annotated[tuple[Annotated[float, Meta(ge=0, le=64)], ...], Meta(max_length=64)]
Rate = Annotated[int, Meta(ge=1, le=768_000)]
Channels = Annotated[int, Meta(ge=1, le=64)]


class Body(Struct, array_like=True):
    """A message or a part of one. An array on the wire: newer versions add fields at its end."""


class PcmShape(Body, tag="pcm"):
    """PCM, as model.format.PcmFormat."""

    encoding: Word
    rate: Rate
    channels: Channels
    channel_map: tuple[Word, ...] = ()


class EncodedShape(Body, tag="encoded"):
    """Encoded audio, as model.format.EncodedFormat."""

    codec: Word
    rate: Rate
    channels: Channels
    bit_rate: Count = 0
    bit_depth: Count = 0
    stream_format: Word = ""
    block_align: Count = 0
    codec_private: Annotated[bytes, Meta(max_length=4096)] = b""
    encoder_delay: Count = 0
    encoder_padding: Count = 0
    profile: Count = 0
    variant: Word = ""


class VideoShape(Body, tag="video"):
    """Frames of pictures that pass from client to client; the bus never looks inside."""

    pixel_format: Word
    width: Annotated[int, Meta(ge=1, le=65_536)]
    height: Annotated[int, Meta(ge=1, le=65_536)]
    frame_rate: Annotated[float, Meta(ge=0, le=1000)] = 0.0


Shape = PcmShape | EncodedShape | VideoShape


class Attributes(Body):
    """PulseAudio's buffer attributes in bytes; -1 leaves one to the bus. See the manual's chapter on streams."""

    maxlength: Size = -1
    tlength: Size = -1
    prebuf: Size = -1
    minreq: Size = -1
    fragsize: Size = -1


class ObjectInfo(Body):
    """What can be known of one object of the bus."""

    serial: Serial
    """Never given to another object, while the daemon runs."""
    kind: Word
    """core, client, node, port, link, device, metadata, sample, player."""
    name: Text
    owner: Serial
    """The client whose object it is; 0: the daemon's own."""
    state: Word
    properties: Properties
    facts: Annotated[dict[Word, Text | int | float | bool | None], Meta(max_length=256)]
    """What the bus itself tells of it: volume, format, latency, linked ends, counters."""


class BufferInfo(Body):
    """One buffer of a pool that a client shares: a memfd or dma-buf, or a part of one."""

    descriptor: Annotated[int, Meta(ge=0, lt=16)]
    """Which of the message's descriptors."""
    kind: Word
    """memfd or dmabuf."""
    offset: Count
    size: Count
    stride: Count = 0


class Permission(Body):
    """What one client may do with one object (0: with all that have no entry of their own)."""

    object: Serial
    bits: Annotated[int, Meta(ge=0, le=31)]
    """r 1, w 2, x 4, m 8, l 16."""


class MetadataEntry(Body):
    """One entry of the metadata: about a subject (0: the bus), a key and a value."""

    subject: Serial
    key: Word
    type: Word
    value: Text


class CycleInfo(Body):
    """One cycle of a driver; times are CLOCK_MONOTONIC in ns."""

    due: Count
    awake: Count
    finished: Count
    frames: Count
    queued: Count
