"""The sample cache: uploaded, played, replaced, removed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.ring import RingDescriptors, RingProducer
from pyaudiobus.protocol.messages import CreateStream, Named, PlaySample, RemoveSample, SetParam
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, PcmShape
from tests.daemon.bench import S16, Daemon, Observer, Recorder, noise


def upload(remote: Remote, name: str, sound: bytes, length: int | None = None, **wish: Any) -> int:
    body = CreateStream("upload", name, (S16,), length=len(sound) if length is None else length, **wish)
    created, descriptors = remote.ask_with_descriptors("create-stream", body)
    with RingProducer.attach(RingDescriptors(*descriptors)) as ring:
        ring.view(0, len(sound))[:] = sound
        ring.publish(len(sound))
        remote.ask("finish-upload", Named(created.serial))
    return int(created.serial)


def code(remote: Remote, name: str, body: Any) -> str:
    with pytest.raises(Refused) as refused:
        remote.ask(name, body)
    return refused.value.code.value


def test_a_sample_is_heard_to_the_byte_and_its_stream_ends(remote: Remote, shared: Daemon) -> None:
    sound = noise(4800)
    upload(remote, "bell", sound)
    recorder = Recorder(remote, "second", attributes=Attributes(fragsize=960))
    with shared.remote() as watching:
        observer = Observer(watching)
        with shared.remote("passer-by") as other:
            serial = other.ask("play-sample", PlaySample("bell", "second")).serial
        assert recorder.read_sound(len(sound)) == sound
        observer.until(lambda: ("object-removed", Named(serial)) in observer.story)


def test_a_sample_may_be_longer_than_the_longest_queue(remote: Remote) -> None:
    sound = noise(4800)
    upload(remote, "anthem", sound + b"\x55" * (9 << 20))
    recorder = Recorder(remote, "first", attributes=Attributes(fragsize=960))
    serial = remote.ask("play-sample", PlaySample("anthem", "first")).serial
    assert recorder.read_sound(len(sound)) == sound
    remote.ask("remove-sample", RemoveSample("anthem"))
    with contextlib.suppress(Refused):
        remote.ask("destroy", Named(serial))


def test_the_same_name_is_another_sound_of_the_same_sample(remote: Remote, shared: Daemon) -> None:
    with shared.remote() as watching:
        observer = Observer(watching)
        upload(remote, "knock", noise(100))
        upload(remote, "knock", noise(200))
        observer.sync()
        samples = [one for one in observer.objects.values() if (one.kind, one.name) == ("sample", "knock")]
        assert [one.facts["bytes"] for one in samples] == [800]


def test_a_sample_without_name_has_that_of_its_event(remote: Remote) -> None:
    upload(remote, "", noise(100), properties={"event.id": "message-new", "media.name": "other"})
    upload(remote, "", noise(100), properties={"media.name": "other"})
    remote.ask("remove-sample", RemoveSample("message-new"))
    remote.ask("remove-sample", RemoveSample("other"))


def test_more_than_was_announced_is_left_out(remote: Remote, shared: Daemon) -> None:
    upload(remote, "long", noise(200), length=400)
    with shared.remote() as watching:
        found = Observer(watching).named("long", "sample")
        assert found is not None
        assert found.facts["bytes"] == 400


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"length": 16 * 1024 * 1024 + 4}, "too large"),
        ({"length": 5}, "invalid"),
        ({"length": 0}, "invalid"),
        ({"length": 400, "name": ""}, "invalid"),
        ({"length": 400, "shapes": ()}, "invalid"),
        ({"length": 400, "shapes": (PcmShape("s17", 48_000, 2),)}, "invalid"),
    ],
)
def test_what_can_be_no_sample_is_refused(remote: Remote, wish: dict[str, Any], expected: str) -> None:
    given = {"name": "x", "shapes": (S16,), **wish}
    body = CreateStream("upload", given["name"], given["shapes"], length=given["length"])
    assert code(remote, "create-stream", body) == expected


def test_an_upload_of_nothing_is_refused_and_gone(remote: Remote) -> None:
    created, _ = remote.ask_with_descriptors("create-stream", CreateStream("upload", "void", (S16,), length=400))
    assert code(remote, "finish-upload", Named(created.serial)) == "too large"
    assert code(remote, "get", Named(created.serial)) == "not found"


def test_a_sample_that_is_not_there_cannot_be_played_or_removed(remote: Remote) -> None:
    assert code(remote, "play-sample", PlaySample("nobody")) == "not found"
    assert code(remote, "remove-sample", RemoveSample("nobody")) == "not found"


def test_a_sample_is_not_played_on_a_sink_that_is_suspended_by_hand(remote: Remote, shared: Daemon) -> None:
    upload(remote, "tap", noise(100))
    with shared.remote() as watching:
        second = Observer(watching).named("second")
    assert second is not None
    remote.ask("set-param", SetParam(second.serial, "Props", '{"suspended": true}'))
    assert code(remote, "play-sample", PlaySample("tap", "second")) == "not found"
    remote.ask("set-param", SetParam(second.serial, "Props", '{"suspended": false}'))
    remote.ask("play-sample", PlaySample("tap", "second"))


def test_what_sounds_at_once_takes_no_more_memory_than_what_is_kept(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("sinks:\n  first: {kind: null}\nlimits: {samples: 1000000}\n")
    with daemon.remote() as remote:
        upload(remote, "gong", noise(100_000))
        serials = [remote.ask("play-sample", PlaySample("gong")).serial for _ in range(2)]
        assert code(remote, "play-sample", PlaySample("gong")) == "too large"
        remote.ask("destroy", Named(serials[0]))
        remote.ask("play-sample", PlaySample("gong"))
