"""Streams that play decoded because their DSP was taken or failed: the bus takes them back to it, and tells them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.client.happenings import close_all
from pyaudiobus.client.remote import Remote
from pyaudiobus.daemon import encoded_returns
from pyaudiobus.daemon.streams import PlaybackStream
from pyaudiobus.daemon.undecoded import MOST_LOSSES
from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.errors import DeviceError
from pyaudiobus.protocol.messages import Cork, FollowTrack, FormatGained, FormatLost, Move, Named
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import EncodedShape, PcmShape
from tests.daemon.dsp_bus import MP3, PATIENCE, PCM, DspBus, Encoded, song_at


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DspBus]:
    monkeypatch.setattr(encoded_returns, "RETURN_AFTER", 0.0)
    with DspBus(tmp_path, clock=ManualClock) as made:
        yield made


@pytest.fixture
def remote(bus: DspBus) -> Iterator[Remote]:
    with bus.remote("player") as made:
        yield made


def song(remote: Remote, **wish: Any) -> Encoded:
    return Encoded(remote, song_at(MP3)[0], PCM, may_return=True, **wish)


def wait_for(stream: Encoded, kind: type) -> Any:
    """Wait until a stream is told that its format is another."""
    while True:
        for event in stream.remote.happenings():
            close_all(event.descriptors)
            if isinstance(event.body, kind):
                return event.body
        assert stream.remote.wait(timeout=PATIENCE)


def fail(bus: DspBus) -> None:
    """Let the DSP fail under what it plays."""

    def failed() -> None:
        assert bus.node.stream is not None
        bus.bus.offload.stream_failed(bus.node, bus.node.stream, DeviceError("it failed"))

    bus.call(failed)


def test_a_stream_under_which_a_device_fails_again_and_again_stays_decoded(bus: DspBus, remote: Remote) -> None:
    stream = song(remote)
    for number in range(1, MOST_LOSSES):
        fail(bus)
        assert "it failed" in wait_for(stream, FormatLost).reason
        assert wait_for(stream, FormatGained).device_name == "dsp"
        assert remote.ask("get", Named(stream.serial)).facts["format"].startswith("mp3"), number
    fail(bus)
    wait_for(stream, FormatLost)
    for _ in range(3):
        bus.settle()
    facts = remote.ask("get", Named(stream.serial)).facts
    assert (facts["may_return"], facts["losses"]) == (False, MOST_LOSSES)
    assert bus.call(lambda: bus.node.stream) is None


def test_devices_that_failed_under_the_last_track_are_forgiven_in_the_next(
    bus: DspBus, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = song(remote)
    fail(bus)
    wait_for(stream, FormatLost)
    wait_for(stream, FormatGained)
    shape, data = song_at(MP3)
    remote.ask("follow-track", FollowTrack(stream.serial, 0, shape, len(data), {"media.filename": "two.mp3"}))
    monkeypatch.setattr(encoded_returns, "RETURN_AFTER", 60.0)  # for as long as is looked at what it is now
    fail(bus)
    wait_for(stream, FormatLost)
    info = remote.ask("get", Named(stream.serial))
    assert (info.facts["losses"], info.properties["media.filename"]) == (1, "two.mp3")


def test_who_cannot_go_back_is_not_taken_back(bus: DspBus, remote: Remote) -> None:
    Encoded(remote, song_at(MP3)[0], PCM)
    fail(bus)
    bus.settle()
    assert bus.call(lambda: bus.node.stream) is None


def test_a_stream_that_is_corked_goes_back_when_it_is_heard(bus: DspBus, remote: Remote) -> None:
    with bus.remote("first") as first:
        owner = song(first)
        stream = song(remote, corked=True)
        assert isinstance(stream.created.shape, PcmShape)
        first.ask("destroy", Named(owner.serial))
        bus.settle()
        assert bus.call(lambda: bus.node.stream) is None
        remote.ask("cork", Cork(stream.serial, corked=False))
        gained = wait_for(stream, FormatGained)
        assert (gained.serial, gained.index, type(gained.shape)) == (stream.serial, 0, EncodedShape)


def test_a_stream_that_somebody_moved_by_hand_stays_there(bus: DspBus, remote: Remote) -> None:
    with bus.remote("first") as first:
        owner = song(first)
        stream = song(remote)
        remote.ask("move", Move(stream.serial, "null"))
        first.ask("destroy", Named(owner.serial))
        bus.settle()
        assert bus.call(lambda: bus.node.stream) is None
        assert remote.ask("get", Named(stream.serial)).facts["format"].startswith("s16")


def test_a_stream_that_goes_while_its_device_is_opened_leaves_that_free(bus: DspBus, remote: Remote) -> None:
    with bus.remote("first") as first:
        owner = song(first)
        stream = song(remote)

        def change() -> None:
            """Let the one go, and the other before the device is open for it."""
            bus.bus.forget(bus.bus.registry.get(owner.serial))
            bus.bus.orders.place_waiting()
            assert bus.node.stream is not None
            bus.bus.forget(bus.bus.registry.get(stream.serial))

        bus.call(change)
        bus.settle()
        assert bus.call(lambda: (bus.node.stream, bus.node.state)) == (None, "suspended")


def test_a_device_that_cannot_be_opened_leaves_a_stream_where_it_is(bus: DspBus, remote: Remote) -> None:
    with bus.remote("first") as first:
        owner = song(first)
        stream = song(remote)
        bus.dsp.faults.unplug()
        first.ask("destroy", Named(owner.serial))
        for _ in range(2 * MOST_LOSSES):
            bus.settle()
        facts = remote.ask("get", Named(stream.serial)).facts
        assert (facts["format"], facts["losses"]) == (f"s16/{PCM.rate}/2", MOST_LOSSES)
        assert bus.call(lambda: bus.node.stream) is None


def test_a_stream_that_is_taken_to_two_devices_at_once_is_refused_the_second(bus: DspBus, remote: Remote) -> None:
    with bus.remote("first") as first, bus.remote("session") as session:
        owner = song(first)
        stream = song(remote)

        def twice() -> str:
            bus.bus.forget(bus.bus.registry.get(owner.serial))
            found = bus.bus.registry.get(stream.serial)
            answers: list[object] = []
            assert isinstance(found, PlaybackStream)
            bus.bus.offload.returns.gain(found, bus.node, ("why", ""), answers.append)
            try:
                bus.bus.offload.returns.gain(found, bus.node, ("why", ""), answers.append)
            except Exception as error:
                return str(error)
            return ""

        assert "one encoded stream at a time" in bus.call(twice)
        wait_for(stream, FormatGained)
        with pytest.raises(Refused):
            session.ask("get", Named(owner.serial))
