"""Two ends of a conversation joined in memory: what each may say, when, and what becomes of what it may not.

Past 300 lines because the rules are many and short, and share one stage.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyaudiobus.errors import AudiobusError, NotSupported, PeerError, UserError
from pyaudiobus.protocol.coding import pack
from pyaudiobus.protocol.frames import HEADER, MAX_BODY, MAX_DESCRIPTORS, Frame, FrameKind
from pyaudiobus.protocol.messages import (
    TABLE,
    Code,
    CreateStream,
    Entry,
    Hello,
    Named,
    Nothing,
    Refusal,
    Sender,
    SetProperties,
    SetVolume,
    ShareBuffers,
    StreamAt,
    Subscribe,
    Welcome,
)
from pyaudiobus.protocol.wire import (
    FEATURES,
    MAX_OUTSTANDING,
    MAX_UNANSWERED,
    VERSION,
    Message,
    Phase,
    Refused,
    Unknown,
    Wire,
    agree,
)
from pyaudiobus.protocol.words import Body, BufferInfo, PcmShape

ASKED = [entry for entry in TABLE if entry.sender is Sender.CLIENT and entry.name != "hello"]
HELLO = Hello(VERSION, FEATURES, "tester", {"a": "b"})


def messages(wire: Wire, data: bytes, descriptors: tuple[int, ...] = ()) -> list[Message]:
    """Return what was said, all of it known."""
    found = []
    for message in wire.receive(data, descriptors):
        assert isinstance(message, Message)
        found.append(message)
    return found


class Pair:
    """A client and a daemon that have greeted each other."""

    def __init__(self, hello: Hello = HELLO) -> None:
        self.client, self.daemon = Wire(Sender.CLIENT), Wire(Sender.DAEMON)
        _, data = self.client.request("hello", hello)
        (message,) = messages(self.daemon, data)
        version, features = agree(message.body)
        self.welcome = Welcome(version, features, 7, "1", "host")
        (self.greeting,) = messages(self.client, self.daemon.reply(message, self.welcome))

    def asks(self, name: str, body: Body, descriptors: tuple[int, ...] = ()) -> Message:
        _, data = self.client.request(name, body, descriptors)
        (message,) = messages(self.daemon, data, descriptors)
        return message


def frame(opcode: int, kind: int, sequence: int, body: bytes, descriptors: int = 0) -> bytes:
    return HEADER.pack(len(body), opcode, descriptors, sequence, kind) + body


SYNC = frame(2, FrameKind.REQUEST, 9, b"\x90")


def test_a_greeting_opens_both_ends_with_what_both_know() -> None:
    pair = Pair(Hello(VERSION + 5, (*FEATURES, "telepathy"), "from the future", {}))

    assert pair.greeting.body == pair.welcome
    assert (pair.client.phase, pair.daemon.phase) == (Phase.OPEN, Phase.OPEN)
    assert pair.client.version == pair.daemon.version == VERSION
    assert pair.client.features == pair.daemon.features == frozenset(FEATURES)


def test_a_version_that_nobody_speaks_is_refused_and_may_be_asked_again() -> None:
    client, daemon = Wire(Sender.CLIENT), Wire(Sender.DAEMON)
    _, data = client.request("hello", Hello(0, (), "", {}))
    (message,) = messages(daemon, data)
    with pytest.raises(AudiobusError, match="version 0 is not spoken"):
        agree(message.body)
    (answer,) = messages(client, daemon.refuse(message, Refusal(Code.NOT_SUPPORTED, "no")))
    assert answer.kind is FrameKind.ERROR

    _, data = client.request("hello", HELLO)
    assert [one.name for one in messages(daemon, data)] == ["hello"]


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_every_row_has_a_number_a_name_and_a_sentence_of_its_own(entry: Entry) -> None:
    assert sum(other.opcode == entry.opcode or other.name == entry.name for other in TABLE) == 1
    assert entry.summary.endswith(".")
    assert (entry.reply is None) == (entry.sender is Sender.DAEMON)
    assert max(entry.descriptors, entry.reply_descriptors) <= MAX_DESCRIPTORS
    assert 1 <= entry.since <= VERSION
    assert entry.feature in ("", *FEATURES)


@pytest.mark.parametrize("size", [1, 2, 3, 15, 16, 17, 1000])
def test_pieces_of_any_size_say_the_same(size: int) -> None:
    pair = Pair()
    body = SetProperties(3, {"x": "y" * 50, "gone": None})
    data = b"".join(pair.client.request("set-properties", body)[1] for _ in range(5))

    heard = [message for at in range(0, len(data), size) for message in messages(pair.daemon, data[at : at + size])]

    assert [message.body for message in heard] == [body] * 5
    assert [message.sequence for message in heard] == [2, 3, 4, 5, 6]


def test_answers_may_come_in_another_order() -> None:
    pair = Pair()
    first, second = pair.asks("sync", Nothing()), pair.asks("get", Named(1))
    later = pair.daemon.refuse(second, Refusal(Code.NOT_FOUND, "there is no object 1", ("fact",), "advice"))

    told = messages(pair.client, later + pair.daemon.reply(first, Nothing()))

    assert [(one.name, one.kind) for one in told] == [("get", FrameKind.ERROR), ("sync", FrameKind.REPLY)]
    error = Refused(told[0].body)
    assert (error.what, error.facts, error.advice, error.code) == (
        "there is no object 1",
        ("fact",),
        "advice",
        Code.NOT_FOUND,
    )


def test_descriptors_go_with_the_message_that_says_so() -> None:
    pair = Pair()
    _, first = pair.client.request("sync", Nothing())
    _, second = pair.client.request("share-buffers", _shared(), (70, 71))

    heard = [*messages(pair.daemon, first + second[:4], (70, 71)), *messages(pair.daemon, second[4:])]

    assert [message.descriptors for message in heard] == [(), (70, 71)]
    assert pair.daemon.leftover_descriptors() == []


def test_what_came_before_a_broken_rule_is_heard_and_later_descriptors_are_left_over() -> None:
    pair = Pair()
    good = pair.client.request("share-buffers", _shared(), (5,))[1]
    garbage = b"\xff" * 40
    heard = []
    said = pair.daemon.receive(good + garbage, (5, 6, 7, 8))
    heard.append(next(said))
    with pytest.raises(PeerError, match="above the limit"):
        next(said)

    assert [message.descriptors for message in heard] == [(5,)]
    assert pair.daemon.leftover_descriptors() == [6, 7, 8]
    assert pair.daemon.phase is Phase.BROKEN


def test_the_descriptors_of_a_message_that_cannot_be_read_are_left_over() -> None:
    pair = Pair()
    bad = frame(52, FrameKind.REQUEST, 9, b"\xc1", 2)
    with pytest.raises(PeerError, match="share-buffers has a body that cannot be read"):
        (messages(pair.daemon, bad, (4, 5)))
    with pytest.raises(PeerError, match="has ended"):
        (messages(pair.daemon, SYNC, (6,)))
    assert sorted(pair.daemon.leftover_descriptors()) == [4, 5, 6]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (frame(2, 4, 9, b"\x90"), "kind 4"),
        (frame(2, 2**32 - 1, 9, b"\x90"), "kind 4294967295"),
        (HEADER.pack(MAX_BODY + 1, 2, 0, 9, 0), "above the limit"),
        (HEADER.pack(2**32 - 1, 2, 0, 9, 0), "above the limit"),
        (frame(2, 0, 9, b"\x90", MAX_DESCRIPTORS + 1), "file descriptors is above"),
        (frame(2, 0, 9, b"\x90", 1), "says 1 file descriptors"),
        (frame(2, 0, 0, b"\x90"), "sync has no sequence number"),
        (frame(9999, 0, 0, b"\x90"), "request 9999 has no sequence number"),
        (SYNC + SYNC, "sequence number 9 of a request that is not answered"),
        (frame(2, 3, 0, b"\x90"), "sync is not said by a client"),
        (frame(140, 3, 0, b"\x92\x01\x01"), "started is not said by a client"),
        (frame(140, 0, 9, b"\x92\x01\x01"), "started is not said by a client"),
        (frame(9999, 3, 0, b"\x90"), "event 9999 is not said by a client"),
        (frame(2, 1, 9, b"\x90"), "an answer to request 9"),
        (frame(1, 0, 9, pack(HELLO)), "hello came twice"),
        (frame(27, 0, 9, b"\x93\x01\x91\xca\x7f\x80\x00\x00\x00"), "set-volume has a body"),
        (frame(27, 0, 9, b"\x93\x01\x91\xca\x7f\xc0\x00\x00\x00"), "set-volume has a body"),
        (frame(4, 0, 9, b""), "get has a body"),
        (frame(4, 0, 9, b"\x90"), "get has a body"),
        (frame(4, 0, 9, b"\x91\xff"), "get has a body"),
        (frame(4, 0, 9, b"\x91\xa1x"), "get has a body"),
        (frame(4, 0, 9, b"\x91\x01\x01"), "get has a body"),
        (frame(4, 0, 9, b"\xdd\xff\xff\xff\xff"), "get has a body"),
        (frame(3, 0, 9, b"\x91" * 60_000), "subscribe has a body"),
        (frame(4, 0, 9, b"\x92\x01" + b"\x91" * 60_000), "get has a body"),
        (frame(5, 0, 9, b"\x92\x01\xdf\xff\xff\xff\xff"), "set-properties has a body"),
        (frame(5, 0, 9, b"\x92\x01\x81\xa2\xff\xfe\xc0"), "set-properties has a body"),
    ],
)
def test_a_client_that_breaks_a_rule_is_told_which(data: bytes, words: str) -> None:
    with pytest.raises(PeerError, match=words):
        (messages(Pair().daemon, data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (frame(2, 0, 9, b"\x90"), "sync is not said by a daemon"),
        (frame(9999, 0, 9, b"\x90"), "request 9999 is not said by a daemon"),
        (frame(9999, 3, 0, b"\x90"), "only those of the agreed version"),
        (frame(2, 1, 9, b"\x90"), "not asked or was answered before"),
        (frame(140, 3, 0, b"\x92\x01\x01", 1), "says 1 file descriptors"),
        (frame(0, 2, 0, b"\xc1"), "nothing that can be read"),
    ],
)
def test_a_daemon_that_breaks_a_rule_is_told_which(data: bytes, words: str) -> None:
    with pytest.raises(PeerError, match=words):
        (messages(Pair().client, data))


def test_an_answer_must_fit_its_question_and_comes_once() -> None:
    pair = Pair()
    message = pair.asks("sync", Nothing())
    answer = pair.daemon.reply(message, Nothing())
    assert len(messages(pair.client, answer)) == 1
    with pytest.raises(PeerError, match="answered before"):
        (messages(pair.client, answer))

    pair = Pair()
    pair.asks("sync", Nothing())
    with pytest.raises(PeerError, match="not asked"):
        (messages(pair.client, frame(4, FrameKind.REPLY, 2, b"\x90")))


def test_an_answer_with_too_many_descriptors_breaks_the_rules() -> None:
    pair = Pair()
    pair.asks("sync", Nothing())
    with pytest.raises(PeerError, match="comes with at most 0"):
        (messages(pair.client, frame(2, FrameKind.REPLY, 2, b"\x90", 1), (3,)))
    assert pair.client.leftover_descriptors() == [3]


@pytest.mark.parametrize("opcode", [2, 9999])
def test_nothing_is_said_before_hello_or_before_its_answer(opcode: int) -> None:
    with pytest.raises(PeerError, match="came before hello"):
        (messages(Wire(Sender.DAEMON), frame(opcode, 0, 9, b"\x90")))
    _, hello = Wire(Sender.CLIENT).request("hello", HELLO)
    with pytest.raises(PeerError, match="came before the answer to hello"):
        (messages(Wire(Sender.DAEMON), hello + frame(opcode, 0, 9, b"\x90")))
    with pytest.raises(PeerError, match="hello came twice"):
        (messages(Wire(Sender.DAEMON), hello + hello))
    with pytest.raises(UserError, match="before hello"):
        Wire(Sender.CLIENT).request("sync", Nothing())


@pytest.mark.parametrize(
    "welcome", [Welcome(VERSION + 1, (), 1, "", ""), Welcome(0, (), 1, "", ""), Welcome(1, ("telepathy",), 1, "", "")]
)
def test_a_daemon_that_agrees_to_what_was_not_offered_breaks_the_rules(welcome: Welcome) -> None:
    client, daemon = Wire(Sender.CLIENT), Wire(Sender.DAEMON)
    _, data = client.request("hello", HELLO)
    (message,) = messages(daemon, data)
    with pytest.raises(PeerError, match="offered"):
        (messages(client, daemon.reply(message, welcome)))


def test_a_request_of_a_later_version_is_unknown_and_can_be_refused() -> None:
    pair = Pair()
    (unknown,) = pair.daemon.receive(frame(9999, 0, 9, b"anything", 1), (3,))
    assert unknown == Unknown(9999, 9, (3,))
    assert pair.daemon.refuse(unknown, Refusal(Code.NOT_SUPPORTED, "what?"))[:8] != b""


def test_bodies_grow_at_their_ends() -> None:
    pair = Pair()
    (message,) = messages(pair.daemon, frame(4, 0, 9, b"\x93\x05\xa3new\xc0"))
    assert message.body == Named(5)
    (message,) = messages(pair.daemon, frame(27, 0, 10, b"\x92\x05\x91\xcb\x3f\xf0" + bytes(6)))
    assert message.body == SetVolume(5, (1.0,))


def test_a_body_that_would_end_the_conversation_is_not_sent() -> None:
    pair = Pair()
    for name, body in (
        ("create-stream", CreateStream("playback", "x" * 300, ())),
        ("create-stream", CreateStream("playback", "", (PcmShape("s16", 0, 2),))),
        ("set-volume", SetVolume(1, (-1.0,))),
        ("get", Named(-1)),
        ("set-properties", SetProperties(1, {"k" * 100 + str(number): "v" * 4000 for number in range(200)})),
        ("get", Named(2**80)),
        ("set-properties", SetProperties(1, {"\ud800": "a lone surrogate"})),
    ):
        with pytest.raises(UserError, match=name):
            pair.client.request(name, body)
    assert pair.asks("sync", Nothing()).sequence == 2


def test_what_the_bus_does_not_offer_is_not_asked_for() -> None:
    pair = Pair(Hello(VERSION, ("ring",), "plain", {}))
    with pytest.raises(NotSupported, match="does not offer samples"):
        pair.client.request("finish-upload", Named(1))


def test_a_client_may_wait_for_a_bounded_number_of_answers() -> None:
    pair = Pair()
    for _ in range(MAX_OUTSTANDING):
        pair.client.request("sync", Nothing())
    with pytest.raises(AudiobusError, match="waiting for an answer"):
        pair.client.request("sync", Nothing())


def test_a_daemon_keeps_a_bounded_number_of_requests_unanswered() -> None:
    daemon = Pair().daemon
    data = b"".join(frame(25, 0, number, b"\x91\x01") for number in range(2, MAX_UNANSWERED + 3))
    said = daemon.receive(data)
    for _ in range(MAX_UNANSWERED):
        next(said)
    with pytest.raises(PeerError, match="wait for an answer"):
        next(said)


def test_sequence_numbers_go_round_and_leave_out_zero() -> None:
    pair = Pair()
    pair.client._sequence = 2**32 - 2
    assert [pair.client.request("sync", Nothing())[0] for _ in range(3)] == [2**32 - 1, 1, 2]


def test_a_farewell_tells_why() -> None:
    pair = Pair()
    with pytest.raises(PeerError, match="the other end says: it left too much unread"):
        (messages(pair.client, pair.daemon.farewell("it left too much unread")))
    with pytest.raises(PeerError, match="has ended"):
        pair.daemon.request("sync", Nothing())


def test_events_come_between_answers() -> None:
    pair = Pair()
    message = pair.asks("subscribe", Subscribe(("node",)))
    data = pair.daemon.event("underflow", StreamAt(4, 100)) + pair.daemon.reply(message, Nothing())
    assert [(one.name, one.kind, one.body) for one in messages(pair.client, data)] == [
        ("underflow", FrameKind.EVENT, StreamAt(4, 100)),
        ("subscribe", FrameKind.REPLY, Nothing()),
    ]


# ---- hostile bytes ----


@st.composite
def hostile_frames(draw: st.DrawFn) -> bytes:
    """Frames that look right up to somewhere."""
    opcode = draw(st.sampled_from([entry.opcode for entry in TABLE]) | st.integers(0, 65_535))
    body = draw(st.binary(max_size=60))
    size = draw(st.just(len(body)) | st.integers(0, 2**32 - 1))
    header = HEADER.pack(
        size,
        opcode,
        draw(st.integers(0, 3)),
        draw(st.integers(0, 5)),
        draw(st.integers(0, 3) | st.integers(0, 2**32 - 1)),
    )
    return header + body


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(Sender), st.booleans(), st.lists(st.binary(max_size=80) | hostile_frames(), max_size=8), st.data()
)
def test_no_bytes_raise_anything_but_a_peer_error_or_lose_a_descriptor(
    side: Sender, greeted: bool, pieces: list[bytes], data: st.DataObject
) -> None:
    pair = Pair() if greeted else None
    wire = (pair.daemon if side is Sender.DAEMON else pair.client) if pair else Wire(side)
    given_away: list[int] = []
    heard: list[int] = []
    for piece in pieces:
        descriptors = tuple(range(len(given_away), len(given_away) + data.draw(st.integers(0, 2))))
        given_away += descriptors
        try:
            for message in wire.receive(piece, descriptors):
                heard += message.descriptors
        except PeerError:
            assert wire.phase is Phase.BROKEN
        assert len(wire._cutter.unread) <= HEADER.size + MAX_BODY + sum(map(len, pieces))
    assert sorted([*heard, *wire.leftover_descriptors()]) == given_away


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([entry for entry in TABLE if entry.sender is Sender.CLIENT and entry.opcode != 1]),
    st.binary(max_size=200),
)
def test_no_body_raises_anything_but_a_peer_error(entry: Entry, body: bytes) -> None:
    try:
        (message,) = messages(Pair().daemon, frame(entry.opcode, 0, 9, body))
    except PeerError:
        return
    assert isinstance(message.body, entry.body)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=60))
def test_any_cutting_of_a_conversation_is_heard_alike(cuts: list[int]) -> None:
    pair = Pair()
    bodies = [Named(number) for number in range(20)]
    data = b"".join(pair.client.request("get", body)[1] for body in bodies)
    heard = []
    for cut in [*cuts, len(data)]:
        heard += messages(pair.daemon, data[:cut])
        data = data[cut:]
    assert [message.body for message in heard] == bodies


def test_a_frame_does_not_take_more_than_the_limit() -> None:
    with pytest.raises(ValueError, match="above 65536"):
        Frame(2, FrameKind.REQUEST, 1, bytes(MAX_BODY + 1)).encode()


def _shared() -> ShareBuffers:
    return ShareBuffers(1, (BufferInfo(0, "memfd", 0, 4096),))


def test_a_request_or_reply_that_comes_alone_is_read_at_once() -> None:
    pair = Pair()
    sequence, data = pair.client.request("get", Named(4))
    message = pair.daemon.only_request(data)
    assert message is not None
    assert (message.name, message.sequence, message.body) == ("get", sequence, Named(4))
    answer = pair.daemon.reply(message, Nothing())
    assert pair.client.only_reply(sequence + 1, answer) is None
    sync, asked = pair.client.request("sync", Nothing())
    answer = pair.daemon.reply(next(iter(messages(pair.daemon, asked))), Nothing())
    assert pair.client.only_reply(sync, answer) == Nothing()
    with pytest.raises(PeerError, match="was not asked or was answered before"):
        list(pair.client.receive(answer))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SYNC[:-1],
        SYNC + SYNC,
        frame(2, FrameKind.REPLY, 9, b"\x90"),
        frame(2, FrameKind.REQUEST, 0, b"\x90"),
        frame(2, FrameKind.REQUEST, 9, b"\x91"),
        frame(2, FrameKind.REQUEST, 9, b"\x90", descriptors=1),
        frame(1, FrameKind.REQUEST, 9, b"\x90"),
        frame(60000, FrameKind.REQUEST, 9, b"\x90"),
    ],
)
def test_what_is_not_one_plain_request_is_left_to_be_read_the_long_way(data: bytes) -> None:
    pair = Pair()
    assert pair.daemon.only_request(data) is None
    assert pair.asks("sync", Nothing()).name == "sync"


def test_a_number_that_is_not_answered_yet_is_not_read_at_once_again() -> None:
    pair = Pair()
    assert pair.daemon.only_request(SYNC) is not None
    assert pair.daemon.only_request(SYNC) is None
    with pytest.raises(PeerError, match="of a request that is not answered yet"):
        list(pair.daemon.receive(SYNC))


def test_nothing_is_read_at_once_while_a_message_has_begun() -> None:
    pair = Pair()
    assert list(pair.daemon.receive(SYNC[:5])) == []
    assert pair.daemon.only_request(SYNC) is None
