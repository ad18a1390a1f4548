"""How decoded files come onto a bus. Loaded only where something is decoded: it brings FFmpeg."""

from __future__ import annotations

from pyaudiobus.client.bus import RATES
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.pcm_connection import Follows, PcmConnection
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.remote_clock import RemoteClock
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import Code, CreateStream, FormatLost, StreamCreated
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, PcmShape

AHEAD = 4
"""Seconds that are stored ahead."""


def connect(
    remote: Remote, clock: RemoteClock, node: FileNode, reason: str, *, target: str, follows: Follows | None
) -> PcmConnection:
    """Play a decoded file on the bus, at its own rate or one that a sink takes. Refused in the words for its own."""
    form = node.pcm_format
    refused: Refused | None = None
    for rate in (form.rate, *(rate for rate in RATES if rate != form.rate)):
        try:
            answer = remote.ask_with_descriptors("create-stream", _wish(node.name, form.replace(rate=rate), target))
        except Refused as error:
            if error.code is not Code.INVALID:
                raise
            refused = refused or error
        else:
            return PcmConnection(remote, clock, Playing(*answer), node, reason=reason, follows=follows)
    raise refused or AudiobusError(f"no sink takes {form}")


def accept(
    remote: Remote,
    clock: RemoteClock,
    created: StreamCreated,
    descriptors: tuple[int, ...],
    node: FileNode,
    *,
    follows: Follows | None,
) -> PcmConnection:
    """Play a file decoded because the bus has chosen that."""
    playing = Playing(created, descriptors)
    return PcmConnection(remote, clock, playing, node, reason=created.reason, follows=follows)


def go_on(
    remote: Remote,
    clock: RemoteClock,
    lost: FormatLost,
    descriptors: tuple[int, ...],
    node: FileNode,
    *,
    frame: int,
    paused: bool,
) -> PcmConnection:
    """Play the rest of a file, from a frame on, where its device could not; corked as the other stream was."""
    why = lost.reason
    created = StreamCreated(lost.serial, lost.shape, lost.attributes, 0, "the bus", 0, suspended=False, reason=why)
    playing = Playing(created, descriptors)
    playing.is_corked = paused
    return PcmConnection(remote, clock, playing, node, reason=lost.reason, first=frame)


def _wish(path: str, form: PcmFormat, target: str) -> CreateStream:
    name = path.encode("utf-8", "replace").decode("utf-8", "replace")
    ahead = AHEAD * form.rate * form.frame_size
    return CreateStream(
        "playback",
        name[:256],
        (PcmShape(form.encoding.value, form.rate, form.channels, form.channel_map),),
        attributes=Attributes(maxlength=ahead, tlength=ahead, prebuf=-1, minreq=ahead // 4),
        target=target,
        properties={"media.filename": name[:4096]},
    )
