"""The bus of a daemon as a player sees it: files go to a DSP undecoded through a ring, or decoded to a sink that mixes.

What decodes is in remote_pcm.py, which is loaded only where it is needed. Past 300 lines because a player loads
all of it at every start, and each module that is loaded costs something.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from importlib import import_module
from math import inf
from typing import TYPE_CHECKING

from pyaudiobus.client.bus import RATES, Connection, Terms
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.happenings import Happening, close_all
from pyaudiobus.client.offload_position import RingTrack
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.remote_clock import RemoteClock
from pyaudiobus.client.stream_volume import set_volume_of, volume_of
from pyaudiobus.engine.ring import CORKED, PLAYING, RingDescriptors, RingProducer
from pyaudiobus.errors import AudiobusError, DeviceError, MediaError, NotSupported
from pyaudiobus.graph.node import BuffersParam, ParamId
from pyaudiobus.graph.source import LateSource, ReplayableSource
from pyaudiobus.model.changes import Change, Joined, Relocated
from pyaudiobus.model.encoded_timing import NS, EncodedTiming
from pyaudiobus.model.format import EncodedFormat, can_follow
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.protocol.messages import (
    Code,
    Cork,
    CreateStream,
    FollowTrack,
    FormatLost,
    Killed,
    Named,
    StreamCreated,
    TrackJoined,
)
from pyaudiobus.protocol.shapes import encoded_shape
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, EncodedShape, PcmShape, Shape

if TYPE_CHECKING:
    from pyaudiobus.client.pcm_connection import Gained, PcmConnection

REMOTE_PCM = "pyaudiobus.client.remote_pcm"
RING_SECONDS = 96
"""How long what the ring holds sounds, what the device has of it included: the player wakes about once a minute.

A longer one costs more, not less: memory that is touched for the first time must be found and cleared.
"""
MOST_RING = 8 * 1024 * 1024
"""Bytes."""
ASSUMED_BIT_RATE = 320_000
"""Of files that do not tell theirs."""
LATE_RING = 256 * 1024
"""Bytes of the ring of a source that comes no faster than it sounds."""
BURST = 256 * 1024
"""Bytes that are stored first: they sound while the next are read."""
FRESH = 1_000_000
"""Nanoseconds for which a look at the device will do."""
WAKE_AT = 0.58
"""Share of the ring that is to be free before the player wakes to fill it."""

RETURNS = "returns"
"""The feature of a daemon that takes what plays decoded back to a DSP."""
TRACKS = "tracks"
"""The feature of a daemon that lets one track of a stream follow another."""

_STORED = BuffersParam(1, 0, for_kernel=True)
"""How a ring likes its bytes: a mapped file need not be read, because whoever stores it minds what is gone."""


class RemoteBus:
    """Somewhere to play: the daemon's sinks."""

    def __init__(self, remote: Remote, *, decode: bool = False, target: str = "") -> None:
        """Use a connection; with `decode` nothing is sent undecoded. `target` names a sink."""
        self._remote = remote
        self._decode = decode
        self._target = target
        self._clock = RemoteClock(remote)

    @property
    def clock(self) -> RemoteClock:
        """What the player sleeps on."""
        return self._clock

    @property
    def remote(self) -> Remote:
        """The connection."""
        return self._remote

    def connect(self, node: FileNode, *, joins: bool = False) -> Connection:
        """Let the bus choose a sink for a file. AudiobusError tells why none takes it."""
        reason = self._why_decoded(node)
        if reason:
            return self._pcm(node, reason, self._why_decoded if joins else None)
        form = node.encoded_format
        assert form is not None  # noqa: S101  # else there was a reason
        gapless, joins = joins, joins and TRACKS in self._remote.features
        wish = self._wish(node, joins=joins)
        try:
            created, descriptors = self._remote.ask_with_descriptors("create-stream", wish)
        except Refused as error:
            if error.code is not Code.INVALID:  # what no sink takes may be converted; what is refused is refused
                raise
            refused = {form.shape for form in node.encoded_formats}

            def is_alike(other: FileNode) -> bool:
                return bool(self._why_decoded(other)) or {form.shape for form in other.encoded_formats} <= refused

            return self._pcm(node, "; ".join(error.facts) or error.what, is_alike if gapless else None)
        connection = OffloadConnection(self._remote, self._clock, node, joins=joins)
        if isinstance(created.shape, EncodedShape):
            node.set_param(ParamId.FORMAT, _chosen(node, created.shape))
            node.set_param(ParamId.BUFFERS, _STORED)
            connection.begin(created, descriptors)
        else:
            connection.begin_decoded(created, descriptors)
        return connection

    def _why_decoded(self, node: FileNode) -> str:
        """Return why a file is not to be sent as it is; empty where it may."""
        if self._decode:
            return "decoding was asked for (--decode)"
        form = node.encoded_format
        if form is None:
            return _why_unnamed(node.codec_name)
        try:
            node.set_param(ParamId.FORMAT, form)
        except NotSupported as refusal:
            return refusal.what
        return ""

    def _wish(self, node: FileNode, *, joins: bool) -> CreateStream:
        source = node.source()
        ahead = RING_SECONDS * (node.encoded_formats[0].bit_rate or ASSUMED_BIT_RATE) // 8
        size = LATE_RING if isinstance(source, LateSource) else min(ahead, MOST_RING)
        if not joins:
            size = min(source.index.total_bytes, size)
        pcm = node.pcm_format
        encoded = tuple(encoded_shape(form) for form in node.encoded_formats)
        decoded = (PcmShape(pcm.encoding.value, rate, pcm.channels) for rate in dict.fromkeys((pcm.rate, *RATES)))
        shapes: tuple[Shape, ...] = (*encoded, *decoded)
        return CreateStream(
            "playback",
            _told(node.name)[:256],
            shapes,
            attributes=Attributes(maxlength=size, prebuf=source.prefill if isinstance(source, LateSource) else -1),
            target=self._target,
            properties=names_of(node),
            may_return=isinstance(source, ReplayableSource) and RETURNS in self._remote.features,
        )

    def _pcm(self, node: FileNode, reason: str, follows: Callable[[FileNode], object] | None) -> Connection:
        """Decode a file; `follows` tells which others are to be decoded too, and may follow without a gap."""
        node.set_param(ParamId.FORMAT, node.pcm_format)
        decoded = import_module(REMOTE_PCM)
        made: PcmConnection = decoded.connect(
            self._remote, self._clock, node, reason, target=self._target, follows=follows
        )
        return made


class OffloadConnection:
    """A file on a DSP of the bus, and those that follow it in the same ring; decoded while no DSP takes it."""

    _created: StreamCreated
    _ring: RingProducer
    """Of the stream on a DSP; there is none while `_next` plays."""
    _heard: RingTrack
    _stored: RingTrack
    """The track of which bytes are being stored: the one that is heard, or the next."""
    terms: Terms

    def __init__(self, remote: Remote, clock: RemoteClock, node: FileNode, *, joins: bool) -> None:
        """Take what is played; with `joins` somebody answers wants_next. begin() or begin_decoded() comes next."""
        self._remote = remote
        self._clock = clock
        self._node = node
        self.signal = clock.signal()
        self._news: tuple[str | Change, ...] = ()
        self._joins = joins
        self._is_answered = False
        """What follows the track that is heard is known."""
        self._joined: TrackJoined | None = None
        """The daemon has turned to the next track, and news() has not told it."""
        self._earlier = (0, 0)
        """Wakeups and underruns of the tracks before this one."""
        self._is_over = False
        self._is_marked = False
        self._is_open = True
        self._is_paused = False
        self._failure: AudiobusError | None = None
        self._look: tuple[EncodedTiming | None, int] = (None, 0)
        self._looked_at = 0
        self._next: PcmConnection | None = None
        """What goes on where the DSP could not."""

    def begin(self, created: StreamCreated, descriptors: tuple[int, ...]) -> None:
        """Play on a DSP, by what create-stream was answered with. PeerError."""
        self._created = created
        form = _chosen(self._node, created.shape)
        self._ring = RingProducer.attach(RingDescriptors(*descriptors))
        self._heard = self._stored = self._track(self._node, form, 0)
        waited = created.reason.partition("; ")[2]
        reason = f"{created.device_name} takes {form} undecoded" + (f"; {waited}" if waited else "")
        self.terms = Terms("offload", created.device_name, form, reason)
        self._clock.ring = self._ring
        hear_from_now_on(self._remote, created.serial, self._hear)

    def begin_decoded(self, created: StreamCreated, descriptors: tuple[int, ...]) -> None:
        """Play decoded, because the bus has chosen that. PeerError."""
        self._created = created
        self._heard = self._stored = self._track(self._node, self._node.encoded_formats[0], 0)
        self._node.set_param(ParamId.FORMAT, self._node.pcm_format)
        decoded = import_module(REMOTE_PCM)
        follows = self._follows_decoded if self._joins else None
        self._play_decoded(decoded.accept(self._remote, self._clock, created, descriptors, self._node, follows=follows))

    def _play_decoded(self, made: PcmConnection) -> None:
        made.signal = self.signal
        self._next, self.terms = made, made.terms

    def _come_back(self, decoded: PcmConnection, gained: Gained) -> None:
        """Go on undecoded behind what was played decoded: the bus has a device for it."""
        self._hear_turn(decoded)
        told, node, heard = gained.told, self._heard.node, self._heard
        seconds = max(decoded.heard_at(told.index), heard.position.told)
        self._next, self._node = None, node
        self._joined, self._is_answered, self._is_marked = None, False, False
        node.set_param(ParamId.FORMAT, _chosen(node, told.shape))
        node.set_param(ParamId.BUFFERS, _STORED)
        agreed = (told.serial, told.shape, told.attributes, told.device, told.device_name, told.latency)
        self.begin(StreamCreated(*agreed, suspended=False, reason=told.reason), gained.descriptors)
        self._heard.begin = heard.begin
        if told.shape != encoded_shape(self._heard.form):  # the bus was told of a file before this one
            self._follow(self._heard)
        self._enter(seconds)
        self._fill()
        self._news = (*self._news, Relocated(told.reason, seconds))

    def _track(self, node: FileNode, form: EncodedFormat, at: int) -> RingTrack:
        granted = self._created.attributes
        return RingTrack(node, form, at, fragment=granted.minreq, buffer=granted.prebuf)

    def start(self) -> None:
        """Let it play: the first call has nothing to do, what is stored plays."""
        self._is_paused = False
        if self._next is not None:
            self._next.start()
        elif self._is_corked():
            self._cork(is_corked=False)

    def pause(self) -> None:
        """Hold. Refused while the device drains."""
        if self._next is not None:
            self._next.pause()
        else:
            self._cork(is_corked=True)
        self._is_paused = True

    def seek(self, seconds: float) -> None:
        """Let the encoded frame with this media time be heard next. NotSupported where the source comes once only."""
        track = self._heard
        if self._next is not None:
            self._next.seek(seconds)
            track.position.enter(track.position.first, 0.0)
            return
        if not track.is_replayable:
            raise NotSupported(f"{track.node.name} comes once only: it cannot go to {seconds:g} s")
        if not self._drop():  # its DSP was lost meanwhile
            self.seek(seconds)
            return
        self._enter(seconds)

    def _enter(self, seconds: float) -> None:
        """Store from the encoded frame with this media time on."""
        track = self._heard
        source, form = track.node.source(), track.form
        assert isinstance(source, ReplayableSource)  # noqa: S101  # who calls has looked
        frame = min(form.lead + round(max(0.0, seconds) * form.rate), source.index.total_frames)
        passage = source.passage(frame, settled=False)
        track.enter(passage.source, self._ring.written, passage.frame, seconds)
        self._looked_at = 0
        self._is_over = self._is_marked = False
        self.signal.set()

    def _drop(self) -> bool:
        """Have all that was stored and not heard dropped, what was to follow too. False: there is no ring any more."""
        self._ring.mark_end(None)
        self._remote.ask("flush", Named(self._created.serial))
        if self._next is not None:
            return False
        self._ring.space()
        self._ring.publish(self._ring.taken)
        self._stored, self._is_answered = self._heard, False
        if self._joined is not None:  # the daemon had turned to the next track: what comes now is the last one again
            self._joined = None
            self._follow(self._heard)
        return True

    # ---- what follows ----

    @property
    def wants_next(self) -> bool:
        """Whether all of the file is stored, and queue() has not told what follows."""
        if self._next is not None:
            return self._next.wants_next
        if not self._joins or self._is_answered or self._is_over:
            return False
        return self._stored is self._heard and self._heard.source.ended

    def queue(self, node: FileNode | None) -> bool:
        """Let a file follow in the same ring, where its decoder is set up like the present one's."""
        if self._next is not None:
            return self._next.queue(node)
        self._is_answered = True
        present = self._heard.form
        form = None if node is None else node.form_like(present)
        if node is None or form is None:
            return False
        node.set_param(ParamId.FORMAT, form)
        node.set_param(ParamId.BUFFERS, _STORED)
        track = self._track(node, form, self._ring.written)
        try:
            self._follow(track)
        except Refused:
            return False
        if self._is_over or self._next is not None or self._failure is not None:
            return False
        self._heard.end, self._stored = track.begin, track
        self._looked_at = 0
        return True

    def _follow(self, track: RingTrack) -> None:
        """Tell the daemon which track what is stored from now on belongs to. Refused."""
        size, shape = track.source.index.total_bytes, encoded_shape(track.form)
        wish = FollowTrack(self._created.serial, self._ring.written, shape, size, names_of(track.node))
        self._remote.ask("follow-track", wish)

    def _turn(self, joined: TrackJoined | None) -> None:
        """Turn to the track that is heard now, as the daemon has."""
        last, self._heard, self._is_answered = self._heard, self._stored, False
        sent = self._heard.begin - last.begin
        told = joined or TrackJoined(self._created.serial, self._heard.begin, 0, gapless=True, wakeups=0, xruns=0)
        self._earlier = (self._earlier[0] + told.wakeups, self._earlier[1] + told.xruns)
        self._looked_at = 0
        self._node = self._heard.node
        self.terms = self.terms.replace(format=self._heard.form)
        counters = Counters(sent, sent, told.wakeups, told.xruns)
        self._news = (*self._news, Joined(counters, told.gap / NS, told.gapless))
        self.signal.set()  # the next one may be over, or broken, already

    def _follows_decoded(self, node: FileNode) -> bool:
        """Tell whether a file may follow decoded: one that is no other to a DSP than that which it was refused for."""
        form = node.form_like(self._heard.form)
        return form is not None and can_follow(self._heard.form, form)

    def _hear_turn(self, decoded: PcmConnection) -> None:
        """Turn to the file that is heard now, decoded, as its connection has."""
        told, node = decoded.news(), decoded.node
        if not told:
            return
        form = node.form_like(self._heard.form) or node.encoded_formats[0]
        node.set_param(ParamId.FORMAT, form)
        self._heard = self._stored = self._track(node, form, 0)
        node.set_param(ParamId.FORMAT, node.pcm_format)
        self._node, self._news = node, (*self._news, *told)

    def latency(self) -> float:
        """Seconds of sound that are stored and not heard."""
        if self._next is not None:
            return self._next.latency()
        (look, given), track = self._looked(), self._heard
        if self._is_over or look is None:
            return 0.0
        return max(0, track.position.frames_left(look, given, time.monotonic_ns())) / track.form.rate

    def volume(self) -> float:
        """The stream's linear gain. NotSupported."""
        return volume_of(self._remote, self._created.serial)

    def set_volume(self, gain: float) -> None:
        """Have another. NotSupported."""
        set_volume_of(self._remote, self._created.serial, gain)

    def step(self) -> float | None:
        """Store what there is room for; return the instant of the next call, None when all was heard."""
        if self._next is not None:
            return self._step_decoded(self._next)
        self.signal.clear()
        failure = self._failure or self._heard.failure
        if failure is not None and self._joined is None:  # what has ended before is told first
            raise failure
        if self._is_over:
            return None
        if not self._is_marked:
            self._fill()
        return inf

    def _step_decoded(self, decoded: PcmConnection) -> float | None:
        """Play on decoded, until the bus has a DSP for the rest."""
        gained = decoded.take_gained()
        if gained is None:
            return decoded.step()
        self._come_back(decoded, gained)
        return self.step()

    def _fill(self) -> None:
        track = self._stored
        try:
            if not self._store(track):
                return
        except MediaError as error:
            track.failure = error
            if track is self._heard:
                raise
        is_last = not self._joins or (track is self._heard and self._is_answered)
        if is_last or track.failure is not None:
            self._ring.mark_end(self._ring.written)
            self._is_marked = True

    def _store(self, track: RingTrack) -> bool:
        """Store what there is room for; True: that was all of the track. MediaError."""
        ring, source = self._ring, track.source
        while not source.ended:
            room = ring.space()
            if room:
                chunk = source.peek(room if ring.written > track.base else min(room, BURST))
                if not len(chunk):
                    return source.ended  # if not, no more came yet; whoever brings it wakes us
                self._put(track, chunk)
                if len(chunk) < room:
                    continue
            if not ring.want_space(ring.written - int(ring.capacity * (1 - WAKE_AT))):
                return source.ended
        return True

    def _put(self, track: RingTrack, chunk: memoryview) -> None:
        """Store bytes of a track. MediaError."""
        at = self._ring.written
        if not self._ring.store(at, chunk):
            raise MediaError(f"{track.node.name} cannot be read any more", advice="Play it again when it is whole.")
        track.source.advance(len(chunk))
        self._ring.publish(at + len(chunk))
        self._looked_at = 0

    def position(self) -> Position:
        """Media time being heard."""
        place = self._heard.position
        if self._next is not None:
            decoded = self._next.position()  # it begins with a whole frame, of which a part may have been told
            return decoded if decoded.seconds > place.told else Position(place.told, 0.0)
        if self._is_over and self._joined is None:
            return Position(place.duration, 0.0)
        return place.read(*self._looked(), time.monotonic_ns())

    def queued(self) -> tuple[int, int]:
        """Bytes in the device's buffer now, by its clock since the daemon last looked, and bytes it can hold."""
        if self._next is not None:
            return self._next.queued()
        look, given = self._looked()
        size = self._created.attributes.prebuf
        if self._is_over or look is None:
            return 0, size
        return max(0, given - self._heard.position.taken(look, time.monotonic_ns())), size

    def fragment_size(self) -> int:
        """Bytes the device takes at a time."""
        return self._created.attributes.minreq

    def news(self) -> tuple[str | Change, ...]:
        """What has become of the stream since the last call, and what a person should know of it."""
        if self._stored is not self._heard and self._joined is None and self._next is None:
            self._remote.wait(timeout=0)
        if self._joined is not None:
            joined, self._joined = self._joined, None
            self._turn(joined)
        if self._next is not None:
            self._hear_turn(self._next)
        news, self._news = self._news, ()
        return news

    def counters(self) -> Counters:
        """What the track that is heard has cost the daemon, and carried."""
        if self._next is not None:
            return self._next.counters()
        facts = self._remote.ask("get", Named(self._created.serial)).facts
        track, (wakeups, underruns) = self._heard, self._earlier
        given = track.base - track.begin + self._looked()[1]
        taken = given if self._is_over else max(0, int(facts.get("taken", 0)) - track.begin)
        return Counters(
            given, taken, int(facts.get("wakeups", 0)) - wakeups, int(facts.get("underruns", 0)) - underruns
        )

    def close(self) -> None:
        """Stop and part; legal at any moment and twice."""
        if not self._is_open:
            return
        self._is_open = False
        if self._next is not None:
            self._next.close()
            return
        end_stream(self._remote, self._created.serial, is_there=self._failure is None)
        self._let_go()

    def _let_go(self) -> None:
        self._clock.ring = None
        self._ring.close()

    # ---- what the daemon tells ----

    def _looked(self) -> tuple[EncodedTiming | None, int]:
        """Return what the daemon told last, and up to which byte of the track that is heard the device was given any.

        What is asked at one instant is one look.
        """
        now = time.monotonic_ns()
        if now - self._looked_at > FRESH:
            look = self._look_now()
            self._look, self._looked_at = (look, self._given(look)), now
        return self._look

    def _look_now(self) -> EncodedTiming | None:
        words = self._ring.timing_words()
        if words is None:
            return None
        taken, taken_at, _, played, rendered, underruns, flags = words
        track = self._heard
        if track.end is not None and taken > track.end:  # the next one's times are not this one's
            taken, rendered = track.end, 0
        is_playing, is_corked = bool(flags & PLAYING), bool(flags & CORKED)
        return EncodedTiming(max(0, taken - track.base), taken_at, played, rendered, underruns, is_playing, is_corked)

    def _given(self, look: EncodedTiming | None) -> int:
        """Return up to where the device was given bytes: they are still in the ring, so that is as much as it holds."""
        self._ring.space()
        track = self._heard
        held = 0 if look is None else look.taken + self._created.attributes.prebuf
        end = self._ring.written if track.end is None else track.end
        return max(0, min(end - track.base, max(self._ring.taken - track.base, held)))

    def _is_corked(self) -> bool:
        look = self._look_now()
        return look is not None and look.is_corked

    def _cork(self, *, is_corked: bool) -> None:
        self._remote.ask("cork", Cork(self._created.serial, is_corked))
        self._looked_at = 0

    def _hear(self, happening: Happening) -> None:
        body = happening.body
        if isinstance(body, TrackJoined):
            if self._stored is not self._heard:
                self._joined = body
        elif happening.name == "ended":
            self._is_over = True
        elif isinstance(body, Killed):
            self._failure = DeviceError(f"{self._created.device_name} plays no more: {body.reason}")
        elif isinstance(body, FormatLost):
            self._go_on_decoded(body, happening.descriptors)
        else:
            close_all(happening.descriptors)
        self.signal.set()

    def _go_on_decoded(self, lost: FormatLost, descriptors: tuple[int, ...]) -> None:
        """Go on with the frame that the DSP had not taken."""
        end = self._heard.end
        if self._joined is not None or (end is not None and lost.index > end):
            joined, self._joined = self._joined, None
            self._turn(joined)
        track = self._heard
        place = track.position
        frame = place.first + track.source.index.frames_at(max(0, lost.index - track.base)) + lost.skip
        self._let_go()
        form = track.node.encoded_format
        frame = max(0, frame - (0 if form is None else form.lead))
        track.node.set_param(ParamId.FORMAT, track.node.pcm_format)
        decoded = import_module(REMOTE_PCM)
        seconds = place.told
        self._play_decoded(
            decoded.go_on(self._remote, self._clock, lost, descriptors, track.node, frame=frame, paused=self._is_paused)
        )
        self._news = (*self._news, Relocated(lost.reason, seconds))


def _chosen(node: FileNode, shape: object) -> EncodedFormat:
    """Return the form of sending a file that the bus has chosen: the one with that codec and that framing."""
    assert isinstance(shape, EncodedShape)  # noqa: S101  # else nothing is offloaded
    alike = (form for form in node.encoded_formats if form.stream_format == shape.stream_format)
    return next(alike, node.encoded_formats[0])


def hear_from_now_on(remote: Remote, serial: int, listener: object) -> None:
    """Hand a stream's events to a listener, with those that came together with the answer that named it."""
    remote.listen(serial, listener)  # type: ignore[arg-type]
    for happening in remote.happenings():
        if getattr(happening.body, "serial", -1) == serial:
            listener(happening)  # type: ignore[operator]
        else:
            close_all(happening.descriptors)


def end_stream(remote: Remote, serial: int, *, is_there: bool) -> None:
    """Have a stream destroyed at once; the answer is waited for, so that whoever comes next finds its sink free."""
    if not remote.is_open:
        return
    remote.unlisten(serial)
    if is_there:
        with contextlib.suppress(AudiobusError):
            remote.ask("destroy", Named(serial))


def names_of(node: FileNode) -> dict[str, str]:
    """Return the properties that tell which file it is."""
    return {"media.filename": _told(node.name)[:4096]}


def _told(path: str) -> str:
    """Return a file's name as text that can be sent."""
    return path.encode("utf-8", "replace").decode("utf-8", "replace")


def _why_unnamed(codec: str) -> str:
    if codec.startswith("pcm"):
        return "the file is PCM already"
    return f"no DSP can be told of {codec}: the kernel's compress interface has no name for it"
