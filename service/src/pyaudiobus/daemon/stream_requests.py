"""What clients can ask of streams and samples, one method for each row of the protocol's table. Rights were checked."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.daemon.admission import check_marks
from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.formats import LONGEST_RAMP
from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.protocol.messages import (
    AttributesSet,
    Cork,
    Created,
    CreateStream,
    FollowTrack,
    Move,
    PlaySample,
    RemoveSample,
    Right,
    SetAttributes,
    SetMute,
    SetVolume,
)
from pyaudiobus.protocol.wire import Message

MUTE_RAMP = 10
"""Milliseconds."""


class StreamRequests:
    """Streams of sound, and the sample cache."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def do_create_stream(self, client: Client, message: Message) -> None:
        """Make a stream; it is answered when it is decided where it plays, and the device is open."""
        wish: CreateStream = message.body
        check_marks(client, wish.properties)
        self._bus.create_stream(client, wish, later(client, message))

    def do_cork(self, client: Client, message: Message) -> Answer | None:
        """Hold a stream and its group, or let them go on."""
        wish: Cork = message.body
        encoded = self._bus.offload.find(client, wish.serial)
        if encoded is not None:
            self._bus.offload.cork(encoded, is_corked=wish.corked, later=later(client, message))
            return None
        stream = self._stream(client, wish.serial)
        if isinstance(stream, PlaybackStream):
            self._bus.playing.cork(stream, is_corked=wish.corked)
        else:
            self._bus.recording.cork(stream, is_corked=wish.corked)
        return Answer()

    def do_trigger(self, client: Client, message: Message) -> Answer | None:
        """Play what is there."""
        encoded = self._bus.offload.find(client, message.body.serial)
        if encoded is not None:
            self._bus.offload.trigger(encoded, later(client, message))
            return None
        self._bus.playing.trigger(self._playback(client, message.body.serial))
        return Answer()

    def do_prebuf(self, client: Client, message: Message) -> Answer | None:
        """Wait for prebuf again."""
        encoded = self._bus.offload.find(client, message.body.serial)
        if encoded is not None:
            self._bus.offload.wait_again(encoded, later(client, message))
            return None
        self._bus.playing.rearm(self._playback(client, message.body.serial))
        return Answer()

    def do_flush(self, client: Client, message: Message) -> Answer | None:
        """Wait for prebuf again; the client has dropped what was queued. A recording client drops by itself."""
        encoded = self._bus.offload.find(client, message.body.serial)
        if encoded is not None:
            self._bus.offload.flush(encoded, later(client, message))
            return None
        stream = self._stream(client, message.body.serial)
        if isinstance(stream, PlaybackStream):
            self._bus.playing.rearm(stream)
        return Answer()

    def do_drain(self, client: Client, message: Message) -> None:
        """Answer when all was heard."""

        def over(error: AudiobusError | None) -> None:
            if error is None:
                client.answer(message, Answer())
            else:
                client.refuse(message, error)

        encoded = self._bus.offload.find(client, message.body.serial)
        if encoded is not None:
            self._bus.offload.drain(encoded, over)
            return
        self._bus.playing.drain(self._playback(client, message.body.serial), over)

    def do_follow_track(self, client: Client, message: Message) -> None:
        """Let another track follow the present one of an encoded stream."""
        wish: FollowTrack = message.body
        check_marks(client, wish.properties)
        encoded = self._bus.offload.find(client, wish.serial)
        if encoded is None:
            raise NotSupported(f"node {wish.serial} is no encoded stream; tracks follow each other in those")
        self._bus.offload.follow(encoded, wish, later(client, message))

    def do_set_attributes(self, client: Client, message: Message) -> Answer | None:
        """Settle buffer attributes anew."""
        wish: SetAttributes = message.body
        encoded = self._bus.offload.find(client, wish.serial)
        if encoded is not None:
            self._bus.offload.set_attributes(encoded, wish.attributes, later(client, message))
            return None
        stream = self._stream(client, wish.serial)
        return Answer(AttributesSet(*self._bus.set_attributes(stream, wish)))

    def do_set_volume(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Change a node's volume."""
        wish: SetVolume = message.body
        self._bus.set_volume(self._node(wish.serial), wish.gains, min(wish.ramp, LONGEST_RAMP), muted=None)
        return Answer()

    def do_set_mute(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Mute a node or not."""
        wish: SetMute = message.body
        self._bus.set_volume(self._node(wish.serial), None, MUTE_RAMP, muted=wish.muted)
        return Answer()

    def do_move(self, client: Client, message: Message) -> Answer:
        """Let a stream play or record elsewhere."""
        wish: Move = message.body
        found = self._node(wish.serial)
        if isinstance(found, PlaybackStream):
            self._bus.playing.move(found, wish.target, client)
        elif isinstance(found, RecordStream):
            self._bus.recording.move(found, wish.target, client)
        else:
            raise NotSupported(f"{found.name} is no stream; only those can be moved")
        return Answer()

    # ---- samples ----

    def do_finish_upload(self, client: Client, message: Message) -> Answer:
        """Keep what was uploaded."""
        found = self._bus.registry.get(message.body.serial)
        if found.owner != client.serial:
            raise Denied(f"upload {found.serial} is not yours")
        self._bus.samples.finish(client, found)
        return Answer()

    def do_play_sample(self, client: Client, message: Message) -> Answer:
        """Play a sample."""
        wish: PlaySample = message.body
        return Answer(Created(self._bus.samples.play(client, wish)))

    def do_remove_sample(self, client: Client, message: Message) -> Answer:
        """Forget a sample."""
        wish: RemoveSample = message.body
        self._bus.samples.remove(client, wish.name)
        return Answer()

    # ---- finding what a request names ----

    def _node(self, serial: int) -> BusObject:
        found = self._bus.registry.get(serial)
        if found.kind != "node":
            raise UserError(f"{found.kind} {serial} is no node")
        return found

    def _stream(self, client: Client, serial: int) -> PlaybackStream | RecordStream:
        found = self._bus.registry.get(serial)
        if not isinstance(found, PlaybackStream | RecordStream):
            raise UserError(f"{found.kind} {serial} is no stream")
        if found.owner != client.serial and not client.rights(found) & Right.W:
            raise Denied(f"stream {serial} is not yours")
        return found

    def _playback(self, client: Client, serial: int) -> PlaybackStream:
        found = self._stream(client, serial)
        if not isinstance(found, PlaybackStream):
            raise UserError(f"stream {serial} records; that is for streams that play")
        return found


def later(client: Client, message: Message) -> Callable[[Answer | AudiobusError], None]:
    """Return what answers a request once its outcome is known."""

    def answer(outcome: Answer | AudiobusError) -> None:
        if isinstance(outcome, AudiobusError):
            client.refuse(message, outcome)
        else:
            client.answer(message, outcome)

    return answer
