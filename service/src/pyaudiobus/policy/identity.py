"""By which names streams and sinks are known again, after they or the bus were gone."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.policy.streams import is_stream

STREAM_KEYS = ("media.role", "application.id", "application.name", "media.name", "node.name")
"""The first that a stream has names it: all streams of a role are as loud. WirePlumber's order follows the role."""
MOST_LENGTH = 256
"""Characters of a key."""


def stream_key(stream: Item) -> str:
    """Return the name under which a stream is remembered: "stream:media.role:music"."""
    for key in STREAM_KEYS:
        value = stream.properties.get(key)
        if value:
            return f"{_side(stream)}:{key}:{value}"[:MOST_LENGTH]
    return f"{_side(stream)}:node.name:{stream.name}"[:MOST_LENGTH]


def node_key(node: Item) -> str:
    """Return the name under which a sink, source or stream is remembered."""
    return stream_key(node) if is_stream(node) else f"{_side(node)}:{node.name}"[:MOST_LENGTH]


def _side(node: Item) -> str:
    return {
        "Stream/Output/Audio": "stream",
        "Stream/Input/Audio": "recording",
        "Audio/Source": "source",
    }.get(node.media_class, "sink")
