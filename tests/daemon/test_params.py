"""Params, as SPA names them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.messages import AttributesChanged, EnumParams, SetParam
from pyaudiobus.protocol.wire import Refused
from tests.daemon.bench import Daemon, Observer, Player, Recorder, attributes, value


def enum(remote: Remote, serial: int, param: str) -> list[dict[str, Any]]:
    return [value(text) for text in remote.ask("enum-params", EnumParams(serial, param)).values]


def put(remote: Remote, serial: int, param: str, found: object) -> None:
    remote.ask("set-param", SetParam(serial, param, json.dumps(found)))


@pytest.fixture
def first(shared: Daemon) -> int:
    with shared.remote() as remote:
        found = Observer(remote).named("first")
        assert found is not None
        return found.serial


def test_a_sink_lists_what_it_takes_and_its_ports_say_the_same(remote: Remote, first: int, shared: Daemon) -> None:
    with shared.remote() as watching:
        port = Observer(watching).named("first:input", "port")
    assert port is not None
    (listed,) = enum(remote, first, "EnumFormat")
    assert listed["rate"] == 48_000
    assert set(listed["encoding"]) == {"u8", "s16", "s24", "s24_32", "s32", "f32"}
    assert enum(remote, port.serial, "EnumFormat") == [listed]


def test_a_stream_tells_format_buffers_latency_and_ring(remote: Remote) -> None:
    player = Player(remote, attributes=attributes(100))
    assert enum(remote, player.serial, "Format") == [{"media": "pcm", "encoding": "s16", "rate": 48_000, "channels": 2}]
    assert enum(remote, player.serial, "Buffers")[0]["tlength"] == player.created.attributes.tlength
    assert enum(remote, player.serial, "IO") == [{"kind": "ring", "capacity": 4194304, "frame_size": 4}]
    assert enum(remote, player.serial, "Latency")[0]["usec"] * 1000 == player.created.latency
    recorder = Recorder(remote, "tone")
    assert set(enum(remote, recorder.serial, "Buffers")[0]) == {"maxlength", "fragsize"}


def test_props_set_volume_and_mute(remote: Remote, first: int) -> None:
    player = Player(remote)
    put(remote, player.serial, "Props", {"volume": [0.5, 0.25], "mute": True})
    assert enum(remote, player.serial, "Props") == [{"volume": [0.5, 0.25], "mute": True}]
    put(remote, first, "Props", {"volume": [0.5]})
    assert enum(remote, first, "Props")[0]["volume"] == [0.5]
    put(remote, first, "Props", {"volume": [1.0], "mute": False})


def test_buffers_are_settled_like_any(remote: Remote) -> None:
    player = Player(remote, attributes=attributes(100))
    put(remote, player.serial, "Buffers", {"tlength": 48_000})
    assert enum(remote, player.serial, "Buffers")[0]["tlength"] == 48_000


def test_streams_are_told_when_their_sink_needs_more(remote: Remote, first: int) -> None:
    player = Player(remote, target="first", attributes=attributes(20), adjust_latency=True)
    put(remote, first, "Latency", {"min_usec": 100_000})
    changed = [one.body for one in remote.happenings() if one.name == "attributes-changed"]
    put(remote, first, "Latency", {"min_usec": 500})
    assert isinstance(changed[0], AttributesChanged)
    assert changed[0].latency == 100_000_000
    assert changed[0].attributes.tlength > player.created.attributes.tlength


@pytest.mark.parametrize(
    ("param", "text", "expected"),
    [
        ("Nonsense", "{}", "invalid"),
        ("EnumFormat", "{}", "not supported"),
        ("Props", "nonsense", "invalid"),
        ("Props", "[]", "invalid"),
        ("Props", "[" * 4000, "invalid"),
        ("Props", '{"loudness": 1}', "invalid"),
        ("Props", '{"volume": ["x"]}', "invalid"),
        ("Props", '{"volume": [1, 1, 1]}', "invalid"),
        ("Props", '{"volume": [-1]}', "invalid"),
        ("Props", '{"volume": [NaN]}', "invalid"),
        ("Props", '{"volume": [1e300]}', "invalid"),
        ("Props", '{"suspended": true}', "not supported"),
        ("Buffers", '{"length": 5}', "invalid"),
        ("Buffers", '{"tlength": "x"}', "invalid"),
        ("Format", '{"media": "pcm"}', "not supported"),
        ("Latency", '{"min_usec": 5}', "not supported"),
    ],
)
def test_what_cannot_be_set_is_refused(remote: Remote, param: str, text: str, expected: str) -> None:
    player = Player(remote)
    with pytest.raises(Refused) as refused:
        remote.ask("set-param", SetParam(player.serial, param, text))
    assert refused.value.code.value == expected
