"""What a virtual DSP leaves on disk: a WAV of what was heard and a tap of the bytes consumed."""

from __future__ import annotations

import os
from collections import deque
from typing import BinaryIO

from pyaudiobus.devices.wav_file import WavFile, check_writable
from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.format import PcmFormat


class Render:
    """The WAV of everything one DSP played, over all its opens.

    One WAV has one shape: when a stream of another rate, depth or number of channels begins, it
    goes to a new file beside the first one, OUT-2.wav, OUT-3.wav, ...
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._number = 1
        self._file: WavFile | None = None
        check_writable(path)

    def write(self, form: PcmFormat, pcm: bytes | memoryview) -> None:
        """Append whole frames."""
        self.expect(form)
        assert self._file is not None  # noqa: S101  # expect() made it
        self._file.write(pcm)

    def expect(self, form: PcmFormat) -> None:
        """Make ready for PCM of this shape, so that even a stream without a sound leaves a valid file."""
        if self._file is not None and self._file.form != form:
            self._file.close()
            self._number += 1 if self._file.frames else 0
            self._file = None
        if self._file is None:
            self._file = WavFile(self._numbered(), form)

    def sync(self) -> None:
        """Bring everything into the file."""
        if self._file is not None:
            self._file.sync()

    def _numbered(self) -> str:
        stem, suffix = os.path.splitext(self._path)
        return self._path if self._number == 1 else f"{stem}-{self._number}{suffix}"


class Tap:
    """A file of the exact bytes one DSP consumed, over all its opens."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._file: BinaryIO = open(path, "wb", buffering=0)  # noqa: SIM115  # lives as long as the DSP
        except OSError as error:
            raise UserError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None

    def write(self, data: bytes) -> None:
        """Append, past every buffer of ours."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise DeviceError.from_errno("write", self._path, error.errno or 0) from None


class Playout:
    """PCM that was decoded, of which the front was heard."""

    def __init__(self, render: Render | None) -> None:
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
