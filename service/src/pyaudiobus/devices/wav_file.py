"""A RIFF/WAVE file under construction that is valid at every instant. Reads none."""

from __future__ import annotations

import os
import struct

from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.format import Encoding, PcmFormat

_BURST = 65536
"""Bytes gathered before they reach the file, so that the sizes in its header are seldom rewritten."""

_ENDLESS = 0xFFFFFFFF
_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""KSDATAFORMAT_SUBTYPE_* after its first two bytes, which hold the plain format tag (ksmedia.h)."""
_STEREO = 2

_SPEAKERS = {1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}
"""dwChannelMask by number of channels, the usual one of each (FLAC and WAVE agree on it)."""


class WavFile:
    """PCM as RIFF/WAVE: plain PCM up to two channels, WAVE_FORMAT_EXTENSIBLE above.

    The header is brought up to date with every burst that reaches the file, so what a crash leaves
    is a valid file. RIFF counts bytes in 32 bits: past 4 GiB, and in a pipe, the sizes read
    0xFFFFFFFF, which FFmpeg, SoX and libsndfile take as "up to the end of the file".
    Raises UserError when the path cannot be written, DeviceError when the disk is full.
    """

    def __init__(self, path: str, form: PcmFormat) -> None:
        self.form = form
        self._path = path
        self._buffer = bytearray()
        self._written = 0
        try:
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115  # lives until close()
        except OSError as error:
            raise unwritable(path, error) from None
        self._seekable = self._file.seekable()
        self._checked_write(_header(form, 0 if self._seekable else _ENDLESS))

    @property
    def frames(self) -> int:
        """PCM frames handed over so far."""
        return (self._written + len(self._buffer)) // self.form.frame_size

    def write(self, pcm: bytes | memoryview) -> None:
        """Append whole frames; a closed file is opened again."""
        self._buffer += pcm
        if len(self._buffer) >= _BURST:
            self.sync()

    def sync(self) -> None:
        """Bring everything written so far, and the sizes that tell of it, into the file."""
        if self._file.closed:
            self._reopen()
        burst, self._buffer = self._buffer, bytearray()
        self._checked_write(burst)
        self._written += len(burst)
        if not self._seekable:
            return
        header = _header(self.form, self._written)
        os.pwrite(self._file.fileno(), header, 0)
        if self._written % 2:  # a chunk is padded to an even size; the next burst goes over it
            os.pwrite(self._file.fileno(), b"\0", len(header) + self._written)

    def close(self) -> None:
        """Finish the file; legal twice."""
        if self._file.closed and not self._buffer:
            return
        try:
            self.sync()
        finally:
            self._file.close()

    def _reopen(self) -> None:
        try:
            self._file = open(self._path, "r+b", buffering=0)  # noqa: SIM115  # lives until close()
            self._file.seek(len(_header(self.form, 0)) + self._written)
        except OSError as error:
            raise DeviceError.from_errno("write", self._path, error.errno or 0) from None

    def _checked_write(self, data: bytes | bytearray) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise DeviceError.from_errno("write", self._path, error.errno or 0) from None


class WavSeries:
    """Several streams recorded one after the other.

    One WAV has one shape: what comes in another rate, depth or number of channels goes to a new
    file beside the first one: OUT.wav, OUT-2.wav, OUT-3.wav, ...
    Raises UserError at once when the path cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._number = 1
        self._file: WavFile | None = None
        try:
            with open(path, "ab"):
                pass
        except OSError as error:
            raise unwritable(path, error) from None

    def write(self, form: PcmFormat, pcm: bytes | memoryview) -> None:
        """Append whole frames."""
        self.expect(form).write(pcm)

    def expect(self, form: PcmFormat) -> WavFile:
        """Make ready for PCM of this shape; even a stream without a sound leaves a valid file."""
        if self._file is not None and self._file.form != form:
            self._number += 1 if self._file.frames else 0
            self._file.close()
            self._file = None
        if self._file is None:
            self._file = WavFile(self._numbered(), form)
        return self._file

    def sync(self) -> None:
        """Bring everything into the file."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        """Finish the file; the next stream opens it again."""
        if self._file is not None:
            self._file.close()

    def _numbered(self) -> str:
        stem, suffix = os.path.splitext(self._path)
        return self._path if self._number == 1 else f"{stem}-{self._number}{suffix}"


def unwritable(path: str, error: OSError) -> UserError:
    """Build the error of a path that cannot be written."""
    return UserError(
        f"cannot write {path}: {(error.strerror or str(error)).lower()}",
        advice="Choose a path in a folder that is there and that you may write to.",
    )


def _header(form: PcmFormat, data_size: int) -> bytes:
    """Everything before the samples: RIFF, "fmt " and the head of "data"."""
    fmt = _fmt(form)
    around = len(b"WAVE") + 8 + len(fmt) + 8
    riff_size = min(_ENDLESS, around + data_size + data_size % 2)
    chunks = b"WAVE" + struct.pack("<4sI", b"fmt ", len(fmt)) + fmt
    data_head = struct.pack("<4sI", b"data", _ENDLESS if riff_size == _ENDLESS else data_size)
    return struct.pack("<4sI", b"RIFF", riff_size) + chunks + data_head


def _fmt(form: PcmFormat) -> bytes:
    """WAVEFORMATEX without its size field, or WAVEFORMATEXTENSIBLE (mmreg.h)."""
    tag = _FLOAT if form.encoding is Encoding.F32 else _PCM
    bits = form.encoding.width * 8
    extensible = form.channels > _STEREO
    shape = struct.pack(
        "<HHIIHH",
        _EXTENSIBLE if extensible else tag,
        form.channels,
        form.rate,
        form.rate * form.frame_size,
        form.frame_size,
        bits,
    )
    if not extensible:
        return shape
    speakers = _SPEAKERS.get(form.channels, 0)
    return shape + struct.pack("<HHIH", 22, bits, speakers, tag) + _GUID_TAIL
