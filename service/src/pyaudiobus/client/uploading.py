"""Putting a short sound into the bus's sample cache, from which anybody may have it played by name."""

from __future__ import annotations

from typing import Any

from pyaudiobus.client.remote import Remote
from pyaudiobus.client.stream_state import pcm_wish
from pyaudiobus.engine.ring import RingDescriptors, RingProducer
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import Named


def upload(
    remote: Remote,
    form: PcmFormat,
    name: str,
    data: bytes | memoryview,
    **wish: Any,  # noqa: ANN401
) -> None:
    """Keep whole frames under a name; then `remote.do(play_sample(name))`. Refused where the bus says no."""
    whole = pcm_wish("upload", form, name, length=len(data), **wish)
    created, descriptors = remote.ask_with_descriptors("create-stream", whole)
    with RingProducer.attach(RingDescriptors(*descriptors)) as ring:
        try:
            ring.view(0, len(data))[:] = data
            ring.publish(len(data))
            remote.ask("finish-upload", Named(created.serial))
        except AudiobusError:
            if remote.is_open:
                remote.ask_later("destroy", Named(created.serial), lambda _: None)
            raise
