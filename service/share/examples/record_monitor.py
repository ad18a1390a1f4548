"""Record what a sink plays, or a source gives, for a second: `record_monitor.py FILE [NAME]`."""

import sys
import wave

from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat

FORMAT = PcmFormat(Encoding.S16, 48_000, 2)

with (
    Remote("recorder") as bus,
    record(bus, FORMAT, "recording", *sys.argv[2:3]) as stream,
    wave.open(sys.argv[1], "wb") as file,
):
    file.setparams((stream.format.channels, 2, stream.format.rate, 0, "NONE", ""))
    file.writeframes(stream.read(stream.format.rate * stream.format.frame_size))
