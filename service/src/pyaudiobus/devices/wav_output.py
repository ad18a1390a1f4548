"""The PCM output into a WAV file: takes frames as they come, keeps no time. The file's form is in wav_file.py."""

from __future__ import annotations

import errno

from pyaudiobus.devices.wav_file import WavFile, WavSeries
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.choice import AnyChoice, Enumeration, IntChoice, Range
from pyaudiobus.model.format import MAX_CHANNELS, MAX_RATE, Encoding, PcmFormat

_BURST_FRAMES = 65536


class WavOutput:
    """A PcmOutput that records, over all its opens; streams of another shape go to OUT-2.wav and so on.

    Raises UserError when the path cannot be written.
    """

    def __init__(self, path: str) -> None:
        self.name = f"file:{path}"
        self._series = WavSeries(path)
        self._file: WavFile | None = None

    def encodings(self) -> AnyChoice[Encoding]:
        """Whole numbers only, the smallest first."""
        return Enumeration((Encoding.S16, Encoding.S24, Encoding.S32))

    def rates(self) -> IntChoice:
        """Any."""
        return Range(1, MAX_RATE)

    def channels(self) -> IntChoice:
        """Any number."""
        return Range(1, MAX_CHANNELS)

    def open(self, form: PcmFormat) -> None:
        """Begin or go on with a file of this shape."""
        if form.encoding not in self.encodings():
            raise DeviceError.from_errno(f"write {form} to", self.name, errno.EINVAL)
        self._file = self._series.expect(PcmFormat(form.encoding, form.rate, form.channels))

    def write(self, data: memoryview) -> int:
        """Append whole frames."""
        if self._file is None:
            raise DeviceError.from_errno("write to", self.name, errno.EBADFD)
        whole = len(data) - len(data) % self._file.form.frame_size
        self._file.write(data[:whole])
        return whole

    def queued(self) -> int:
        """None: what is written is done."""
        return 0

    def capacity(self) -> int:
        """How many frames are worth handing over at a time; there is no buffer that fills."""
        return _BURST_FRAMES

    def paced(self) -> bool:
        """A file takes frames as they come."""
        return False

    def pause(self) -> None:
        """Nothing moves by itself."""

    def resume(self) -> None:
        """Nothing moves by itself."""

    def drain(self) -> None:
        """Bring everything into the file."""
        self._series.sync()

    def drop(self) -> None:
        """Nothing is queued."""

    def xruns(self) -> int:
        """A file never runs dry."""
        return 0

    def close(self) -> None:
        """Finish the file."""
        self._file = None
        self._series.close()
