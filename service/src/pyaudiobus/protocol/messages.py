"""Every message of the protocol: its body as a type, and the one table that names, numbers and explains them.

The table drives the wire, the daemon's dispatch and the manual page. Bodies grow at their ends only; a number is
never used for another message. Past 300 lines because a table is read as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntFlag

from msgspec import field

from pyaudiobus.model.record import Record
from pyaudiobus.protocol.player_messages import (
    AnnouncePlayer,
    AnswerPlayer,
    CommandPlayer,
    PlayerAsked,
    PlayerObeyed,
    PlayerState,
)
from pyaudiobus.protocol.session_messages import (
    AdmitClient,
    AnswerQuestion,
    AskSession,
    ClaimSession,
    DuckStream,
    HoldStream,
    PauseStream,
    PlaceStream,
    RefuseStream,
    SessionAsked,
    SessionClaimed,
    SessionQuestion,
    SessionSaid,
    StreamHeld,
    SuspendNode,
)
from pyaudiobus.protocol.words import (
    Attributes,
    Body,
    BufferInfo,
    Changes,
    Count,
    CycleInfo,
    Gains,
    MetadataEntry,
    ObjectInfo,
    Permission,
    Properties,
    Serial,
    Shape,
    Text,
    Word,
)


class Right(IntFlag):
    """PipeWire's permission bits: see, change, call, be a metadata subject, be linked to."""

    R = 1
    W = 2
    X = 4
    M = 8
    L = 16


class Sender(Enum):
    """Who says it."""

    CLIENT = "client"
    DAEMON = "daemon"


class Code(Enum):
    """Why a request was refused."""

    ACCESS = "access"
    """You may not."""
    NOT_FOUND = "not found"
    """There is no such object, or none that you may see."""
    INVALID = "invalid"
    """The request makes no sense."""
    STATE = "state"
    """Not now."""
    STALE = "stale"
    """The bus is not any more as it was when that was decided."""
    BUSY = "busy"
    """Somebody else has it."""
    TOO_LARGE = "too large"
    NOT_SUPPORTED = "not supported"
    DEVICE = "device"
    """A device or its driver failed."""
    LIMIT = "limit"
    """You have as many as one client may have."""
    PROTOCOL = "protocol"
    """The message itself is wrong; the connection ends."""
    INTERNAL = "internal"
    """A mistake of the daemon."""


# ---- the beginning, and what every connection has ----


class Hello(Body):
    """The first message of every client."""

    version: Count
    features: tuple[Word, ...]
    name: Word
    properties: Properties


class Welcome(Body):
    """The daemon's answer: what both speak from now on."""

    version: Count
    features: tuple[Word, ...]
    client: Serial
    daemon: Word
    """Its version."""
    host: Word


class Nothing(Body):
    """No content."""


class Refusal(Body):
    """The answer to a request that was not granted: a reply with the error flag."""

    code: Code
    what: Text
    facts: tuple[Text, ...] = ()
    advice: Text = ""


# ---- objects ----


class Subscribe(Body):
    """Which kinds of object to hear of; all that exist are added at once."""

    kinds: tuple[Word, ...]


class Named(Body):
    """One object."""

    serial: Serial


class Created(Body):
    """The object that was made."""

    serial: Serial


class ObjectChanged(Body):
    """What is different now."""

    serial: Serial
    state: Word
    properties: Changes
    facts: dict[Word, Text | int | float | bool | None]


class SetProperties(Body):
    """Change properties; None removes one."""

    serial: Serial
    changes: Changes


class EnumParams(Body):
    """Ask for a param of a port or node: EnumFormat, Format, Buffers, IO, Latency, Props."""

    serial: Serial
    param: Word


class Params(Body):
    """The values, as text people can read."""

    values: tuple[Text, ...]


class SetParam(Body):
    """Set a param."""

    serial: Serial
    param: Word
    value: Text


# ---- links ----


class CreateLink(Body):
    """Join two nodes or ports; `passive` does not keep a device awake, `linger` outlives its maker."""

    output: Serial
    input: Serial
    linger: bool = False
    passive: bool = False


# ---- streams ----


class CreateStream(Body):
    """A stream of sound between this client and the bus."""

    direction: Word
    """playback, record or upload."""
    name: Word
    shapes: tuple[Shape, ...]
    """What it can be, the preferred one first."""
    attributes: Attributes = field(default_factory=Attributes)
    target: Text = ""
    """A sink's or source's name or serial; empty: the default. A recording may name a sink or stream to listen to."""
    corked: bool = False
    adjust_latency: bool = False
    early_requests: bool = False
    dont_move: bool = False
    dont_reconnect: bool = False
    fail_on_suspend: bool = False
    exclusive: bool = False
    sync_group: Count = 0
    """Streams of one client with the same number start on the same frame; 0: alone."""
    volume: Gains = ()
    """Linear; one for all channels, or one each; empty: as remembered, or 1."""
    muted: bool = False
    length: Count = 0
    """Bytes of a sample that is uploaded."""
    properties: Properties = {}
    may_return: bool = False
    """Where it plays decoded, it can go on undecoded on a device that becomes free (format-gained)."""


class StreamCreated(Body):
    """What was agreed on. With a playback or record ring come its four descriptors (engine/ring.h)."""

    serial: Serial
    shape: Shape
    attributes: Attributes
    device: Serial
    device_name: Word
    latency: Count
    """ns, as configured."""
    suspended: bool
    reason: Text
    """Why there, in the policy's words."""


class Cork(Body):
    """Hold a stream, or let it go on; its whole sync group with it."""

    serial: Serial
    corked: bool


class SetAttributes(Body):
    """Ask for other buffer attributes."""

    serial: Serial
    attributes: Attributes
    adjust_latency: bool = False
    early_requests: bool = False


class AttributesSet(Body):
    """What they are now."""

    attributes: Attributes
    latency: Count


class SetVolume(Body):
    """Linear gains, one for all channels or one each, reached in the course of `ramp` milliseconds."""

    serial: Serial
    gains: Gains
    ramp: Count = 10


class SetMute(Body):
    """Silence a node, or let it be heard."""

    serial: Serial
    muted: bool


class Move(Body):
    """Play or record elsewhere."""

    serial: Serial
    target: Text


class FollowTrack(Body):
    """Another track of an encoded stream, behind the present one in the same ring and without a stop.

    Its decoder must be set up like the present one's: codec, framing, rate, channels, depth and the codec's own
    parameters are equal; delay, padding and bit rate may be others. One track may be told of at a time.
    """

    serial: Serial
    index: Count
    """The ring's index of its first byte: the present track ends before it."""
    shape: Shape
    size: Count = 0
    """Bytes of it, where they are known: whoever tells can wait with its end until it is clear what follows it."""
    properties: Properties = {}
    """What changes of the stream's properties when it is heard."""


class PlaySample(Body):
    """Play what was uploaded under a name."""

    name: Word
    target: Text = ""
    volume: Gains = ()
    properties: Properties = {}


class RemoveSample(Body):
    """Forget a sample."""

    name: Word


# ---- metadata and access ----


class ClearMetadata(Body):
    """Forget a key of a subject, or with an empty key all of them."""

    subject: Serial
    key: Word = ""


class SetPermissions(Body):
    """Say what a client may do; entries replace those of the same object."""

    client: Serial
    permissions: tuple[Permission, ...]


class Permissions(Body):
    """What a client may do."""

    permissions: tuple[Permission, ...]


# ---- nodes of clients, and buffers that pass from one to another ----


class CreateNode(Body):
    """A node whose work the client does itself."""

    name: Word
    properties: Properties = {}


class AddPort(Body):
    """A port of one's own node, with what it can send or take, the preferred one first."""

    node: Serial
    direction: Word
    """input or output."""
    name: Word
    shapes: tuple[Shape, ...]


class ShareBuffers(Body):
    """Buffers of an output port for whoever is linked to it; their descriptors come with the message."""

    port: Serial
    buffers: tuple[BufferInfo, ...]


class BuffersShared(Body):
    """The other end's buffers, and a ring each way on which their numbers travel."""

    link: Serial
    port: Serial
    shape: Shape
    buffers: tuple[BufferInfo, ...]


# ---- looking inside ----


class Profile(Body):
    """Ask for the last cycles of a driver."""

    serial: Serial
    most: Count


class Cycles(Body):
    """Oldest first."""

    cycles: tuple[CycleInfo, ...]


# ---- what the daemon tells of streams ----


class StreamAt(Body):
    """Something happened at an index."""

    serial: Serial
    index: Count


class Moved(Body):
    """The stream plays elsewhere; its buffers may have other attributes."""

    serial: Serial
    device: Serial
    device_name: Word
    attributes: Attributes
    latency: Count
    suspended: bool
    reason: Text


class Suspended(Body):
    """The device sleeps, or is awake again."""

    serial: Serial
    suspended: bool


class Killed(Body):
    """The stream is gone."""

    serial: Serial
    reason: Text


class AttributesChanged(Body):
    """The bus had to change them."""

    serial: Serial
    attributes: Attributes
    latency: Count


class FormatLost(Body):
    """The stream goes on in another format, from the encoded frame on that begins at an index of the old ring.

    `skip` PCM frames of it were heard. A new ring comes with it.
    """

    serial: Serial
    shape: Shape
    attributes: Attributes
    index: Count
    reason: Text
    skip: Count = 0


class FormatGained(Body):
    """The stream goes on undecoded; all before an index of the old ring is heard yet. A new ring comes with it."""

    serial: Serial
    shape: Shape
    attributes: Attributes
    device: Serial
    device_name: Word
    latency: Count
    """ns, as configured."""
    index: Count
    reason: Text


class Recovered(Body):
    """An encoded stream's device failed and was opened again; it plays on from the frame at this index."""

    serial: Serial
    index: Count
    reason: Text


class TrackJoined(Body):
    """The next track is heard now, from an index of the ring on."""

    serial: Serial
    index: Count
    gap: Count
    """ns of silence between them."""
    gapless: bool
    """Whether the device went on by itself; else it was drained and opened anew."""
    wakeups: Count
    """What the track that has ended has cost."""
    xruns: Count


class Entry(Record):
    """One row of the table."""

    opcode: int
    name: str
    sender: Sender
    body: type[Body]
    reply: type[Body] | None
    """None for what is not answered."""
    summary: str
    needs: Right = Right(0)
    """Rights on the object that the message names first."""
    descriptors: int = 0
    """How many may come with it."""
    reply_descriptors: int = 0
    since: int = 1
    """Version of the protocol that brought it."""
    feature: str = ""
    """The feature without which a daemon does not know it; empty: every daemon does."""


def _ask(opcode: int, name: str, body: type[Body], reply: type[Body], summary: str, **more: object) -> Entry:
    return Entry(opcode, name, Sender.CLIENT, body, reply, summary).replace(**more)


def _tell(opcode: int, name: str, body: type[Body], summary: str, **more: object) -> Entry:
    return Entry(opcode, name, Sender.DAEMON, body, None, summary).replace(**more)


_X = Right.R | Right.X
_WX = Right.R | Right.W | Right.X
_S = "session"

TABLE: tuple[Entry, ...] = (
    _ask(1, "hello", Hello, Welcome, "Introduce yourself; anything else before it ends the connection."),
    _ask(2, "sync", Nothing, Nothing, "Be answered after all that was asked before."),
    _ask(3, "subscribe", Subscribe, Nothing, "Hear of objects: of each that exists, then of changes."),
    _ask(4, "get", Named, ObjectInfo, "Look at one object.", needs=Right.R),
    _ask(5, "set-properties", SetProperties, Nothing, "Change an object's properties.", needs=_WX),
    _ask(6, "enum-params", EnumParams, Params, "List a param of a node, port or device.", needs=_X),
    _ask(7, "set-param", SetParam, Nothing, "Set a param of a node, port or device.", needs=_WX),
    _ask(8, "destroy", Named, Nothing, "Destroy an object: one's own, or with w and x another's.", needs=_X),
    _ask(10, "create-link", CreateLink, Created, "Link an output to an input; the answer names the link.", needs=_X),
    _ask(
        11,
        "use-rings",
        Nothing,
        Nothing,
        "Speak through two rings from now on; the answer is the last that comes through the socket.",
        reply_descriptors=8,
        feature="control-rings",
    ),
    _ask(20, "create-stream", CreateStream, StreamCreated, "Play, record or upload.", reply_descriptors=4),
    _ask(21, "cork", Cork, Nothing, "Hold a stream or let it go on.", needs=_X),
    _ask(22, "trigger", Named, Nothing, "Play what is there without waiting for prebuf.", needs=_X),
    _ask(23, "prebuf", Named, Nothing, "Wait for prebuf again.", needs=_X),
    _ask(24, "flush", Named, Nothing, "The client has dropped what it had written; wait for prebuf again.", needs=_X),
    _ask(25, "drain", Named, Nothing, "Be answered when all that was written has been heard.", needs=_X),
    _ask(26, "set-attributes", SetAttributes, AttributesSet, "Ask for other buffer attributes.", needs=_X),
    _ask(27, "set-volume", SetVolume, Nothing, "Change a node's volume.", needs=_WX),
    _ask(28, "set-mute", SetMute, Nothing, "Mute a node or not.", needs=_WX),
    _ask(29, "move", Move, Nothing, "Let a stream play or record elsewhere.", needs=_WX),
    _ask(30, "finish-upload", Named, Nothing, "Keep what was uploaded as a sample.", needs=_X, feature="samples"),
    _ask(31, "play-sample", PlaySample, Created, "Play a sample; the answer names the stream.", feature="samples"),
    _ask(32, "remove-sample", RemoveSample, Nothing, "Forget a sample.", feature="samples"),
    _ask(33, "follow-track", FollowTrack, Nothing, "Say what follows, and where.", needs=_X, feature="tracks"),
    _ask(40, "set-metadata", MetadataEntry, Nothing, "Set an entry.", needs=Right.R | Right.M),
    _ask(41, "clear-metadata", ClearMetadata, Nothing, "Remove entries.", needs=Right.R | Right.M),
    _ask(42, "get-permissions", Named, Permissions, "Tell what a client may do.", needs=Right.R),
    _ask(43, "set-permissions", SetPermissions, Nothing, "Say what a client may do.", needs=_WX),
    _ask(50, "create-node", CreateNode, Created, "Make a node of one's own.", feature="buffers"),
    _ask(51, "add-port", AddPort, Created, "Add a port to it.", needs=_X, feature="buffers"),
    _ask(
        52,
        "share-buffers",
        ShareBuffers,
        Nothing,
        "Share memory through an output port.",
        needs=_X,
        descriptors=16,
        feature="buffers",
    ),
    _ask(60, "profile", Profile, Cycles, "Tell when a driver's last cycles ran.", needs=Right.R),
    _ask(70, "announce-player", AnnouncePlayer, Created, "Be known as a player.", feature="players"),
    _ask(71, "player-state", PlayerState, Nothing, "Tell what one's player does.", needs=_X, feature="players"),
    _ask(72, "command-player", CommandPlayer, PlayerObeyed, "Pause, skip, seek: ask a player.", feature="players"),
    _ask(73, "answer-player", AnswerPlayer, Nothing, "Answer player-asked.", needs=_X, feature="players"),
    _ask(80, "claim-session", ClaimSession, SessionClaimed, "Govern the bus: be its session manager.", feature=_S),
    _ask(81, "release-session", Nothing, Nothing, "Govern no more.", feature=_S),
    _ask(82, "place-stream", PlaceStream, Created, "Link a stream; the answer names the link.", needs=_WX, feature=_S),
    _ask(83, "hold-stream", HoldStream, Nothing, "Let a stream wait.", needs=_WX, feature=_S),
    _ask(84, "refuse-stream", RefuseStream, Nothing, "Refuse a stream.", needs=_WX, feature=_S),
    _ask(85, "answer-session", SessionAsked, Nothing, "Everything before is decided.", feature=_S),
    _ask(86, "admit-client", AdmitClient, Nothing, "Say what a new client may do.", needs=_WX, feature=_S),
    _ask(87, "duck-stream", DuckStream, Nothing, "Play a stream softer for another.", needs=_WX, feature=_S),
    _ask(88, "pause-stream", PauseStream, Nothing, "Hold a stream for another.", needs=_WX, feature=_S),
    _ask(89, "suspend-node", SuspendNode, Nothing, "Close an idle device.", needs=_WX, feature=_S),
    _ask(90, "try-node", Named, Nothing, "Try to open a device that failed, or to find a card.", needs=_WX, feature=_S),
    _ask(91, "ask-session", AskSession, SessionSaid, "Ask the session manager.", feature=_S),
    _ask(92, "answer-question", AnswerQuestion, Nothing, "Answer who asked the session manager.", feature=_S),
    _tell(128, "object-added", ObjectInfo, "There is an object, or you may see it now."),
    _tell(129, "object-changed", ObjectChanged, "An object is different now."),
    _tell(130, "object-removed", Named, "An object is gone, or you may not see it any more."),
    _tell(134, "track-joined", TrackJoined, "The next track of the stream is heard.", feature="tracks"),
    _tell(140, "started", StreamAt, "The stream is heard again, or for the first time."),
    _tell(141, "underflow", StreamAt, "The stream had nothing to play."),
    _tell(142, "overflow", StreamAt, "The stream wrote more than maxlength, or a recording lost bytes."),
    _tell(143, "ended", StreamAt, "All before the end mark was heard."),
    _tell(144, "moved", Moved, "The stream plays or records elsewhere."),
    _tell(145, "suspended", Suspended, "The stream's device sleeps or woke up."),
    _tell(146, "killed", Killed, "The stream was ended by somebody else."),
    _tell(147, "attributes-changed", AttributesChanged, "The stream's buffer attributes are others now."),
    _tell(148, "format-lost", FormatLost, "The stream has to go on in another format.", descriptors=4),
    _tell(149, "recovered", Recovered, "The stream's device failed, was opened again, and plays on."),
    _tell(150, "metadata-changed", MetadataEntry, "An entry was set; an empty type: removed."),
    _tell(
        160,
        "buffers-shared",
        BuffersShared,
        "A linked port's memory, and the rings for it.",
        descriptors=24,
        feature="buffers",
    ),
    _tell(170, "player-asked", PlayerAsked, "Somebody asks one's player for something.", feature="players"),
    _tell(180, "session-asked", SessionAsked, "Decide about all before, then answer.", feature=_S),
    _tell(181, "session-question", SessionQuestion, "Somebody asks the session manager.", feature=_S),
    _tell(182, "stream-held", StreamHeld, "The policy holds the stream, or lets it go on.", feature=_S),
    _tell(183, "format-gained", FormatGained, "The stream goes on undecoded.", descriptors=4, feature="returns"),
)

BY_OPCODE = {entry.opcode: entry for entry in TABLE}


def by_name(name: str) -> Entry:
    """Return the row of a message."""
    return _BY_NAME[name]


def names(sender: Sender) -> Iterable[str]:
    """List what one side can say."""
    return (entry.name for entry in TABLE if entry.sender is sender)


_BY_NAME = {entry.name: entry for entry in TABLE}
