"""Play a second of a falling tone that a generator makes."""

from array import array
from math import sin

from pyaudiobus.client.playback import play
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat

with Remote("falling tone") as bus, play(bus, PcmFormat(Encoding.S16, 48_000, 1), "tone") as stream:
    for piece in (array("h", (int(9000 * sin((n * 480 + i) ** 0.8)) for i in range(480))) for n in range(100)):
        stream.write(piece)
    stream.drain()
