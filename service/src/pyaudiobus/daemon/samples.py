"""The sample cache: short sounds that clients upload once, and anybody may have played by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.daemon.formats import check_gains, pcm_format, pcm_shape
from pyaudiobus.daemon.objects import BusObject, Facts, TooLarge
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.static_policy import Wish, choose
from pyaudiobus.daemon.streams import Placement, PlaybackStream
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.buffering import PlaybackBuffering
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import CreateStream, PlaySample, StreamCreated
from pyaudiobus.protocol.words import Attributes, PcmShape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

MAX_SAMPLE = 16 * 1024 * 1024
"""Bytes, as PulseAudio."""
MAX_PLAYING = 64
"""Samples that sound at once."""


class Sample(BusObject):
    """A sound that is kept. It outlives its client, and is the daemon's own."""

    kind = "sample"

    def __init__(self, serial: int, name: str, form: PcmFormat, data: bytes, properties: dict[str, str]) -> None:
        super().__init__(serial, name, 0, properties)
        self.format = form
        self.data = data

    def facts(self) -> Facts:
        """Return format and size."""
        usec = len(self.data) // self.format.frame_size * 1_000_000 // self.format.rate
        return {"format": str(self.format), "bytes": len(self.data), "usec": usec}

    def replace(self, form: PcmFormat, data: bytes) -> None:
        """Be another sound under the same name."""
        self.format, self.data = form, data


class Upload(BusObject):
    """A sample that a client is writing."""

    kind = "node"

    def __init__(
        self, serial: int, name: str, owner: int, form: PcmFormat, *, length: int, properties: dict[str, str]
    ) -> None:
        super().__init__(serial, name, owner, {**properties, "media.class": "Upload/Audio"})
        self.format = form
        self.length = length
        self.ring = RingConsumer.create(length, form.frame_size)

    def facts(self) -> Facts:
        """Return format and length."""
        return {"format": str(self.format), "length": self.length}

    def data(self) -> bytes:
        """Return what was written, at most the length. PeerError where the client's indexes cannot be true."""
        stored = min(self.ring.look().stored, self.length)
        return bytes(self.ring.view(stored))

    def gone(self) -> None:
        """Close the ring."""
        self.ring.close()


class _Conductor:
    """Hears a sample's stream, and ends it when it is over."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def stream_happened(self, stream: BusObject, event: str, index: int) -> None:  # noqa: ARG002
        """End the stream with its sound."""
        if event in ("ended", "underflow"):
            self._samples.played(stream)

    def stream_misbehaved(self, stream: BusObject, reason: str) -> None:  # noqa: ARG002
        """End it; only the daemon itself could have done that."""
        self._samples.played(stream)


class Samples:
    """The cache of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._conductor = _Conductor(self)
        self._sounding: dict[int, int] = {}
        """Bytes that each stream of a sample takes in memory, by its serial."""

    def create(self, client: Client, wish: CreateStream) -> Answer:
        """Begin an upload; the answer brings the ring to write the sound into."""
        name = wish.name or wish.properties.get("event.id", "") or wish.properties.get("media.name", "")
        if not name:
            raise UserError("a sample needs a name, or a property event.id or media.name")
        shape = next((shape for shape in wish.shapes if isinstance(shape, PcmShape)), None)
        if shape is None:
            raise UserError("a sample is PCM")
        form = pcm_format(shape)
        self._check_length(wish.length, form)
        registry = self._bus.registry
        upload = Upload(
            registry.new_serial(), name[:256], client.serial, form, length=wish.length, properties=dict(wish.properties)
        )
        registry.add(upload)
        created = StreamCreated(
            upload.serial, pcm_shape(form), Attributes(wish.length), 0, "", 0, suspended=False, reason="it is kept"
        )
        return Answer(created, upload.ring.descriptors, upload.ring.give_away)

    def _check_length(self, length: int, form: PcmFormat) -> None:
        if length > MAX_SAMPLE:
            raise TooLarge(f"a sample has at most {MAX_SAMPLE} bytes, not {length}")
        if not length or length % form.frame_size:
            raise UserError(f"{length} bytes are no number of whole frames of {form.frame_size} bytes, or none")

    def finish(self, client: Client, upload: BusObject) -> None:
        """Keep what was uploaded. TooLarge where it is nothing, or too much for the cache."""
        if not isinstance(upload, Upload):
            raise UserError(f"{upload.kind} {upload.serial} is no upload")
        data = upload.data()
        self._bus.registry.remove(upload.serial)
        if not data:
            raise TooLarge("nothing was uploaded")
        known = self._find(client, upload.name)
        kept = sum(len(sample.data) for sample in self._bus.registry.of_kind(Sample) if sample is not known)
        if kept + len(data) > self._bus.settings.limits.samples:
            raise TooLarge(f"the sample cache has no room for {len(data)} bytes more")
        if known is None:
            serial = self._bus.registry.new_serial()
            made = Sample(serial, upload.name, upload.format, data, self._own(upload))
            made.made_for = client.serial
            self._bus.registry.add(made)
        else:
            known.replace(upload.format, data)
            self._bus.registry.changed(known, known.facts())

    def _own(self, upload: Upload) -> dict[str, str]:
        return {key: value for key, value in upload.properties.items() if key != "media.class"}

    def play(self, client: Client, wish: PlaySample) -> int:
        """Play a sample; return the serial of its stream. NotFound where there is none, or the sink is suspended."""
        sample = self._seen(client, wish.name)
        self._check_room(len(sample.data))
        check_gains(wish.volume, sample.format.channels)
        sinks = self._bus.sinks_for(client)
        placed = choose(Wish(wish.target, (pcm_shape(sample.format),)), self._bus.default_sink(), sinks)
        sink = placed.sink
        if not isinstance(sink, PcmSink) or sink.is_wanted_asleep:
            raise NotFound(f"{sink.name} is suspended")
        stream = self._stream(client, sample, wish)
        self._bus.playing.start(stream, sink, placed.reason, room=len(sample.data))
        self._sounding[stream.serial] = len(sample.data)
        _store(stream.ring, sample.data)
        return stream.serial

    def _check_room(self, size: int) -> None:
        """AudiobusError where too many sound, TooLarge where what sounds, each from memory of its own, is too much."""
        self._sounding = {serial: known for serial, known in self._sounding.items() if serial in self._bus.registry}
        if len(self._sounding) >= MAX_PLAYING:
            raise AudiobusError(f"{MAX_PLAYING} samples sound at once; one more would be too many")
        if sum(self._sounding.values()) + size > self._bus.settings.limits.samples:
            raise TooLarge(f"so much sounds already that there is no room for a sample of {size} bytes more")

    def _stream(self, client: Client, sample: Sample, wish: PlaySample) -> PlaybackStream:
        placement = Placement(target=wish.target, may_move=True, dies_with_device=True, fails_on_suspend=True)
        properties = {**sample.properties, **wish.properties, "sample": sample.name, "client": str(client.serial)}
        serial = self._bus.registry.new_serial()
        stream = PlaybackStream(
            serial, sample.name, 0, sample.format, ear=self._conductor, placement=placement, properties=properties
        )
        stream.made_for = client.serial
        size = len(sample.data)
        stream.asked = PlaybackBuffering(maxlength=size, tlength=size, prebuf=0, minreq=sample.format.frame_size)
        stream.asked = stream.asked.replace(prebuf=size)
        stream.gains = wish.volume
        return stream

    def played(self, stream: BusObject) -> None:
        """Let a stream go whose sound is over."""
        self._sounding.pop(stream.serial, None)
        self._bus.forget(stream)

    def remove(self, client: Client, name: str) -> None:
        """Forget a sample; those that sound go on. NotFound."""
        self._bus.registry.remove(self._seen(client, name).serial)

    def _seen(self, client: Client, name: str) -> Sample:
        found = self._find(client, name)
        if found is None:
            raise NotFound(f"there is no sample {name!r}")
        return found

    def _find(self, client: Client, name: str) -> Sample | None:
        """Return the sample of that name which a client knows: others may have one that it does not."""
        named = (found for found in self._bus.registry.of_kind(Sample) if found.name == name)
        return next((found for found in named if client.sees(found)), None)


def _store(ring: RingConsumer, data: bytes) -> None:
    """Write a whole sound, and its end, as a client would."""
    with RingProducer.attach(RingDescriptors(*(os.dup(one) for one in ring.descriptors))) as end:
        end.view(0, len(data))[:] = data
        end.mark_end(len(data))
        end.publish(len(data))
    ring.give_away()
