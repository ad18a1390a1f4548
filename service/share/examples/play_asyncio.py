"""Play two tones at once from two tasks, and tell what happens to the first."""

import asyncio
from array import array
from math import sin

from pyaudiobus.client.aio import AsyncPlayback, AsyncRemote, connect, play
from pyaudiobus.model.format import Encoding, PcmFormat

FORMAT = PcmFormat(Encoding.S16, 48_000, 1)


async def tone(bus: AsyncRemote, step: float) -> None:
    """Play half a second of one tone."""
    async with await play(bus, FORMAT, f"tone {step}") as stream:
        teller = asyncio.create_task(tell(stream))
        await stream.write(array("h", (int(6000 * sin(step * at)) for at in range(24_000))))
        await stream.drain()
    await teller


async def tell(stream: AsyncPlayback) -> None:
    """Print what happens to a stream, until it ends."""
    async for happening in stream.events():
        print(stream.serial, happening.name)


async def main() -> None:
    """Play both."""
    async with await connect("two tones") as bus:
        await asyncio.gather(tone(bus, 0.05), tone(bus, 0.06))


asyncio.run(main())
