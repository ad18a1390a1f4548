"""What a virtual DSP leaves on disk: a WAV of what was heard and a tap of the bytes consumed."""

from __future__ import annotations

from collections import deque
from io import FileIO

from pyaudiobus.devices.wav_file import WavSeries, unwritable
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import PcmFormat


class Tap:
    """A file of the exact bytes one DSP consumed, over all its opens; a path that cannot be written is a UserError."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: FileIO | None = None
        try:
            self._open("wb")
        except OSError as error:
            raise unwritable(path, error) from None

    def write(self, data: bytes) -> None:
        """Append, past every buffer of ours."""
        rest = memoryview(data)
        try:
            file = self._open("ab") if self._file is None else self._file
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise DeviceError.from_errno("write", self._path, error.errno or 0) from None

    def close(self) -> None:
        """Finish the file; the next write opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, mode: str) -> FileIO:
        self._file = FileIO(self._path, mode)
        return self._file


class Playout:
    """PCM that was decoded, of which the front was heard."""

    def __init__(self, render: WavSeries | None) -> None:
        self._render = render
        self._waiting: deque[tuple[PcmFormat, bytes]] = deque()
        self._done = 0
        self.decoded = 0
        """Frames that came out of the decoder."""
        self.heard = 0
        """Frames of those that left the DSP."""

    @property
    def is_all_heard(self) -> bool:
        """Tell whether nothing decoded is left to hear."""
        return self.heard >= self.decoded

    def add(self, form: PcmFormat, pcm: bytes) -> None:
        """Queue what the decoder gave."""
        self.decoded += len(pcm) // form.frame_size
        self._waiting.append((form, pcm))

    def hear(self, total: int) -> None:
        """Let everything up to frame `total` leave the DSP; never goes back and never past what is decoded."""
        self.heard = max(self.heard, min(total, self.decoded))
        while self._waiting:
            form, pcm = self._waiting[0]
            frames = len(pcm) // form.frame_size
            if self._done + frames > self.heard:
                return
            self._waiting.popleft()
            self._keep(form, pcm)
            self._done += frames

    def cut(self) -> None:
        """Forget what was not heard."""
        if self._waiting and self.heard > self._done:
            form, pcm = self._waiting[0]
            self._keep(form, pcm[: (self.heard - self._done) * form.frame_size])
        self._waiting.clear()
        self.decoded = self._done = self.heard

    def _keep(self, form: PcmFormat, pcm: bytes) -> None:
        if self._render is not None:
            self._render.write(form, pcm)
