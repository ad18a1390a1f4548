"""The client for asyncio beside a real daemon: the blocking one's words, awaited."""

import asyncio
from pathlib import Path

import pytest

from pyaudiobus.client.aio import AsyncPlayback, AsyncRecord, connect, follow, play, record
from pyaudiobus.client.commands import destroy, set_properties
from pyaudiobus.client.playback import Seek, StreamKilled
from pyaudiobus.errors import PeerError, UserError
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import Code
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes
from tests.client.live_bus import LiveBus
from tests.client.test_live_streams import noise

FORM = PcmFormat(Encoding.S16, 48_000, 2)
SMALL = Attributes(tlength=19_200)


async def heard(ear: AsyncRecord, sound: bytes) -> bytes:
    got = b""
    while (start := got.find(sound[:64])) < 0 or len(got) - start < len(sound):
        got += await ear.read()
    return got[start : start + len(sound)]


def test_two_tasks_play_and_a_third_hears_one_of_them(bus: LiveBus) -> None:
    sound = noise(6000)

    async def main() -> bytes:
        async with (
            await connect("tester", bus.path) as remote,
            await play(remote, FORM, "one", attributes=SMALL) as one,
            await play(remote, FORM, "two", attributes=SMALL) as two,
            await record(remote, FORM, "ear", str(one.serial)) as ear,
        ):
            hearing = asyncio.create_task(heard(ear, sound))
            await asyncio.gather(one.write(sound), two.write(bytes(24_000)))
            await asyncio.gather(one.drain(), two.drain())
            assert one.time() == two.time() == 125_000
            assert one.latency() == 0
            return await hearing

    assert asyncio.run(main()) == sound


def test_control_is_awaited_and_changes_what_is_known(bus: LiveBus) -> None:
    async def main() -> None:
        async with (
            await connect("tester", bus.path) as remote,
            await play(remote, FORM, "one", attributes=SMALL, corked=True) as one,
        ):
            mirror = await follow(remote)
            await one.set_volume(0.25)
            await one.set_mute()
            await remote.do(set_properties(one.serial, {"media.title": "x"}))
            await one.set_attributes(Attributes(tlength=9600, minreq=960))
            node = mirror.snapshot().find(one.serial)
            assert node is not None
            assert (node.facts["volume"], node.facts["muted"]) == ("0.25", True)
            assert one.queue.minreq == 960
            assert one.write_at(noise(10), 0, Seek.ABSOLUTE)
            await one.flush()
            assert await one.wait_writable() == one.attributes.tlength
            await one.move("other")
            await one.uncork()
            with pytest.raises(Refused) as caught:
                await play(remote, FORM, "nowhere", target="nowhere")
            assert caught.value.code is Code.NOT_FOUND

    asyncio.run(main())


def test_events_are_told_until_the_stream_is_over(bus: LiveBus) -> None:
    async def main() -> list[str]:
        async with await connect("tester", bus.path) as remote, await connect("other", bus.path) as other:
            one = await play(remote, FORM, "one", attributes=SMALL)
            told = asyncio.create_task(names(one))
            await one.write(noise(4800))
            await one.drain()
            await other.do(destroy(one.serial))
            found = await told
            with pytest.raises(StreamKilled):
                await one.write(noise(48_000))
            await one.close()
            return found

    async def names(stream: AsyncPlayback) -> list[str]:
        return [happening.name async for happening in stream.events()]

    found = asyncio.run(main())
    assert found[0] == "started"
    assert found[-1] == "killed"


def test_a_microphone_is_read_piece_by_piece(bus: LiveBus) -> None:
    async def main() -> int:
        form = PcmFormat(Encoding.S16, 48_000, 1)
        async with (
            await connect("tester", bus.path) as remote,
            await record(remote, form, "ear", "mic", attributes=Attributes(fragsize=960)) as ear,
        ):
            assert len(await ear.read(4800)) == 4800
            await ear.wait_readable()
            assert 0 < len(ear.peek()) <= 960
            ear.drop()
            assert ear.latency() >= 0
            await ear.cork()
            await ear.flush()
            await ear.uncork()
            count = 0
            async for piece in ear:
                count += len(piece)
                if count > 4800:
                    return count
        return 0

    assert asyncio.run(main()) > 4800


def test_a_cancelled_write_has_written_some_and_a_cancelled_creation_leaves_nothing(bus: LiveBus) -> None:
    async def main() -> None:
        async with await connect("tester", bus.path) as remote:
            mirror = await follow(remote)
            creating = asyncio.create_task(play(remote, FORM, "never"))
            await asyncio.sleep(0)
            creating.cancel()
            with pytest.raises(asyncio.CancelledError):
                await creating
            async with await play(remote, FORM, "held", corked=True, attributes=SMALL) as one:
                writing = asyncio.create_task(one.write(noise(48_000)))
                await asyncio.sleep(0)
                await remote.do(set_properties(one.serial, {"media.title": "x"}))
                writing.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await writing
                assert one.queue.index == one.attributes.tlength
            assert mirror.snapshot().find("never") is None

    asyncio.run(main())


def test_a_bus_that_dies_ends_all_that_waits(tmp_path: Path) -> None:
    async def main(live: LiveBus) -> None:
        remote = await connect("tester", live.path)
        stream = await play(remote, FORM, "held", corked=True, attributes=SMALL)
        ear = await record(remote, FORM, "ear", "other", corked=True)
        waiting = [
            asyncio.create_task(one)
            for one in (stream.write(noise(48_000)), stream.drain(), ear.read(4800), remote.do(destroy(1 << 40)))
        ]
        events = asyncio.create_task(anext(remote.events(), "over"))
        await asyncio.sleep(0)
        live.process.kill()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(error, PeerError | Refused) for error in found)
        assert await events == "over"
        with pytest.raises(PeerError, match="gone"):
            await stream.cork()
        await stream.close()
        await ear.close()
        remote.close()
        with pytest.raises((PeerError, UserError)):
            await remote.do(destroy(1))

    with LiveBus(tmp_path) as live:
        asyncio.run(main(live))


def test_a_place_without_a_bus_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot connect"):
        asyncio.run(connect("tester", str(tmp_path / "nothing")))
