"""The PCM output on ALSA, through pyalsaaudio. Import it only where ALSA was asked for: the package is an extra."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

from pyaudiobus.devices.alsa_words import captured_stderr, explained
from pyaudiobus.devices.pause_tail import PauseTail
from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.choice import AnyChoice, Enumeration, IntChoice, Range, Value
from pyaudiobus.model.format import MAX_RATE, Encoding, PcmFormat

try:
    import alsaaudio
except ImportError:
    alsaaudio = None

_PERIODS = 16
_PERIODS_A_SECOND = 8
"""Sixteen periods of an eighth of a second: two seconds, where the card has room for them."""
_MOST_CHANNELS = 8
_USUAL_CHANNELS = 2
_DRAIN_LOOK = 0.25
"""Seconds between two looks at a device that drains."""

_FORMATS = {
    Encoding.S16: "PCM_FORMAT_S16_LE",
    Encoding.S24: "PCM_FORMAT_S24_3LE",
    Encoding.S32: "PCM_FORMAT_S32_LE",
    Encoding.F32: "PCM_FORMAT_FLOAT_LE",
    Encoding.U8: "PCM_FORMAT_U8",
    Encoding.S24_32: "PCM_FORMAT_S24_LE",
}

_EMPTY_STATES = (
    () if alsaaudio is None else (alsaaudio.PCM_STATE_OPEN, alsaaudio.PCM_STATE_SETUP, alsaaudio.PCM_STATE_XRUN)
)
Opener = Callable[..., Any]
"""Opens a PCM: alsaaudio.PCM, or something that behaves like it."""


class AlsaOutput:
    """A PcmOutput on the ALSA device `device` ("default", "hw:0,0", "plughw:1", ...).

    Writes never block. `routes` are on while it is open, and while it is asked what it takes: some cards refuse a
    stream that leads nowhere. Raises UserError when pyalsaaudio is not installed.
    """

    def __init__(
        self,
        device: str,
        open_pcm: Opener | None = None,
        routes: AbstractContextManager[object] | None = None,
    ) -> None:
        if alsaaudio is None:
            raise UserError(
                "cannot play on ALSA: the Python package pyalsaaudio is not installed",
                advice="Install it (apt install gcc libasound2-dev; pip install pyalsaaudio), or use --pcm null.",
            )
        self.name = f"alsa:{device}"
        self._device = device
        self._open_pcm: Opener = alsaaudio.PCM if open_pcm is None else open_pcm
        self._routes = routes or nullcontext()
        self._held = ExitStack()
        self._pcm: Any = None
        self._form: PcmFormat | None = None
        self._capacity = 0
        self._xruns = 0
        self._tail = PauseTail()
        self._can_pause = False
        self._dropped = threading.Event()
        self._offers: tuple[AnyChoice[Encoding], IntChoice, IntChoice] | None = None

    def encodings(self) -> AnyChoice[Encoding]:
        """What the card takes, the smallest first."""
        return self._probed()[0]

    def rates(self) -> IntChoice:
        """What the card takes."""
        return self._probed()[1]

    def channels(self) -> IntChoice:
        """What the card takes, stereo first."""
        return self._probed()[2]

    def open(self, form: PcmFormat) -> None:
        """Take the card and configure it."""
        self.close()
        with ExitStack() as undo:
            undo.enter_context(self._routes)
            self._configure(form)
            self._held = undo.pop_all()

    def _configure(self, form: PcmFormat) -> None:
        pcm = self._opened(form)
        shape = pcm.info()
        got = (shape["format"], shape["rate"], shape["channels"])
        if got != (_format(form.encoding), form.rate, form.channels):
            pcm.close()
            raise DeviceError(
                f"{self.name} does not play {form}: invalid argument (EINVAL)",
                errno=errno.EINVAL,
                facts=[f"it offered {shape['format_name'].lower()}/{shape['rate']}/{shape['channels']} instead"],
                advice=f"Let ALSA convert: --pcm alsa:plug{self._device}, or alsa:default.",
            )
        self._pcm, self._form = pcm, form
        self._capacity = shape["buffer_size"]
        self._can_pause = bool(shape["can_pause"])
        self._tail = PauseTail(0 if self._can_pause else self._capacity * form.frame_size)
        self._xruns = 0
        self._dropped.clear()

    def write(self, data: memoryview) -> int:
        """Queue whole frames that fit now."""
        pcm, form = self._configured("write to")
        if self._tail.is_held:
            return 0
        whole = len(data) - len(data) % form.frame_size
        self._dropped.clear()
        taken = self._write(pcm, data[:whole]) * form.frame_size
        self._tail.remember(data[:taken])
        return taken

    def queued(self) -> int:
        """Frames written and not yet heard."""
        if self._pcm is None:
            return 0
        if self._tail.is_held and self._form is not None:
            return len(self._tail.held) // self._form.frame_size
        return self._in_buffer(self._pcm)

    def capacity(self) -> int:
        """Frames that fit in the card's buffer."""
        return self._capacity

    def paced(self) -> bool:
        """Frames take their time."""
        return True

    def pause(self) -> None:
        """Hold. A device that cannot is stopped, and what it had not played is played again on resume."""
        pcm, form = self._configured("pause")
        if self._can_pause:
            if self._in_buffer(pcm):
                self._checked("pause", lambda: pcm.pause(1))
        elif not self._tail.is_held:
            self._tail.hold(self._in_buffer(pcm) * form.frame_size)
            self._checked("pause", pcm.drop)

    def resume(self) -> None:
        """Go on."""
        pcm, _form = self._configured("resume")
        if pcm.state() == alsaaudio.PCM_STATE_PAUSED:
            self._checked("resume", lambda: pcm.pause(0))
        elif self._tail.is_held:
            rest = self._tail.release()
            self.write(memoryview(rest))

    def drain(self) -> None:
        """Block until everything written was heard."""
        pcm, form = self._configured("drain")
        try:
            self._checked("drain", pcm.drain)
        except DeviceError as error:
            if error.errno != errno.EAGAIN:  # the answer of a card that plays on: look now and then
                raise
        while not self._dropped.is_set() and (left := self._in_buffer(pcm)) > 0:
            self._dropped.wait(min(left / form.rate, _DRAIN_LOOK))

    def drop(self) -> None:
        """Forget what is queued."""
        pcm, _form = self._configured("stop")
        self._dropped.set()
        self._tail.release()
        self._checked("stop", pcm.drop)

    def xruns(self) -> int:
        """How often the card ran dry since open."""
        return self._xruns

    def close(self) -> None:
        """Give the card back, and restore its routes."""
        self._dropped.set()
        pcm, self._pcm = self._pcm, None
        if pcm is not None:
            pcm.close()
        self._held.close()

    def _probed(self) -> tuple[AnyChoice[Encoding], IntChoice, IntChoice]:
        """Ask the card once what it takes, by opening it."""
        if self._offers is None:
            with self._routes:
                self._offers = self._probe()
        return self._offers

    def _probe(self) -> tuple[AnyChoice[Encoding], IntChoice, IntChoice]:
        pcm = self._opened(PcmFormat(Encoding.S16, 48_000, _USUAL_CHANNELS))
        known = set(pcm.getformats().values())
        rates = _rates(pcm.getrates())
        pcm.close()
        encodings = tuple(encoding for encoding in Encoding if _format(encoding) in known)
        if not encodings:
            raise DeviceError(f"{self.name} takes none of the encodings known here", errno=errno.EINVAL)
        return Enumeration(encodings), rates, self._probe_channels()

    def _probe_channels(self) -> IntChoice:
        """Try each number: pyalsaaudio's getchannels() walks through all numbers up to 2**32 on some devices."""
        found = []
        for channels in range(1, _MOST_CHANNELS + 1):
            pcm = self._opened(PcmFormat(Encoding.S16, 48_000, channels))
            if pcm.info()["channels"] == channels:
                found.append(channels)
            pcm.close()
        found.sort(key=lambda channels: channels != _USUAL_CHANNELS)
        return Enumeration(tuple(found or [_USUAL_CHANNELS]))

    def _opened(self, form: PcmFormat) -> Any:  # noqa: ANN401  # pyalsaaudio has no types
        with captured_stderr() as said:
            try:
                return self._open_pcm(
                    type=alsaaudio.PCM_PLAYBACK,
                    mode=alsaaudio.PCM_NONBLOCK,
                    device=self._device,
                    rate=form.rate,
                    channels=form.channels,
                    format=_format(form.encoding),
                    periodsize=max(1, form.rate // _PERIODS_A_SECOND),
                    periods=_PERIODS,
                )
            except alsaaudio.ALSAAudioError as error:
                failure = error
        raise explained("open", self.name, failure, said)

    def _write(self, pcm: Any, data: memoryview) -> int:  # noqa: ANN401  # pyalsaaudio has no types
        """Return frames taken; an xrun is counted and the write repeated, pyalsaaudio having prepared the card."""
        try:
            frames = int(self._checked("write to", lambda: pcm.write(data)))
        except DeviceError as error:
            if error.errno != errno.ESTRPIPE:  # the machine slept, and the card forgot everything
                raise
            pcm.drop()
            frames = -errno.EPIPE
        if frames >= 0:
            return frames
        self._xruns += 1
        return max(0, int(self._checked("write to", lambda: pcm.write(data))))

    def _in_buffer(self, pcm: Any) -> int:  # noqa: ANN401  # pyalsaaudio has no types
        try:
            free = -1 if pcm.state() in _EMPTY_STATES else pcm.avail()
        except alsaaudio.ALSAAudioError:  # another thread has closed it
            return 0
        return self._capacity - free if 0 <= free <= self._capacity else 0

    def _configured(self, operation: str) -> tuple[Any, PcmFormat]:
        if self._pcm is None or self._form is None:
            raise DeviceError.from_errno(operation, self.name, errno.EBADFD)
        return self._pcm, self._form

    def _checked(self, operation: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401  # pyalsaaudio has no types
        try:
            return call()
        except alsaaudio.ALSAAudioError as error:
            raise explained(operation, self.name, error, []) from None


def _format(encoding: Encoding) -> int:
    return int(getattr(alsaaudio, _FORMATS[encoding]))


def _rates(answer: int | tuple[int, int] | list[int]) -> IntChoice:
    """Read getrates(): one rate, a pair of bounds, or a list."""
    if isinstance(answer, int):
        return Value(answer)
    if isinstance(answer, tuple):
        return Range(max(1, answer[0]), min(MAX_RATE, answer[1]))
    return Enumeration(tuple(answer))
