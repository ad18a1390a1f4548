"""A DSP and a sound card that note what they had time to play, and nothing else."""

from __future__ import annotations

import random
import wave
from pathlib import Path
from typing import Any

from pyaudiobus.devices.clock import Clock
from pyaudiobus.devices.null_output import NullOutput
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.model.format import PcmFormat


class Piece:
    """What one output played from its opening to its closing, or to a stop."""

    def __init__(self, output: str, frames: int, pcm: bytes = b"") -> None:
        self.output = output
        self.frames = frames
        self.pcm = pcm
        """Filled in at the end for a DSP: its render is a file."""


class Heard:
    """What both outputs played, in the order of time."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.frames = 0
        """PCM frames of all pieces."""

    def add(self, piece: Piece) -> None:
        """Note another."""
        self.pieces.append(piece)
        self.frames += piece.frames

    def fill_in(self, render: Path, frame_size: int) -> None:
        """Take from a DSP's render what it played."""
        with wave.open(str(render)) as file:
            for piece in self.pieces:
                if piece.output == "dsp":
                    piece.pcm = bytes(file.readframes(piece.frames))
            assert not file.readframes(1), "the render holds more than its DSP counted"
        assert all(len(piece.pcm) == piece.frames * frame_size for piece in self.pieces)


class ListenedDsp(VirtualDsp):
    """A DSP that counts over all its opens, and takes a piece of a write only while it is picky."""

    heard: Heard
    chance: random.Random
    is_picky = False

    def __init__(self, *setup: Any, **more: Any) -> None:
        super().__init__(*setup, **more)
        self.boundaries: list[int] = []

    def write(self, data: memoryview) -> int:
        """Take some of it."""
        if self.is_picky and len(data) > 1:
            data = data[: self.chance.randrange(1, len(data))]
        return super().write(data)

    def stop(self) -> None:
        """Count before the counters begin anew."""
        played = self.playing()
        super().stop()
        self._count(played - self.playing())

    def close(self) -> None:
        """Count."""
        if self._stream is not None:
            played = self.playing()
            super().close()
            self._count(played)
            self._stream = None
        super().close()

    def _catch_up(self) -> None:
        """Note after how many frames of all its opens it went from one track to the next."""
        stream = self._stream
        before = stream.firmware.tracks_passed if stream else 0
        super()._catch_up()
        passed = stream.firmware.tracks_passed - before if stream else 0
        newest = (what.split()[-1] for _, what in reversed(self.journal.events) if what.startswith("track boundary"))
        self.boundaries += reversed([self.heard.frames + int(next(newest)) for _ in range(passed)])

    def playing(self) -> int:
        """PCM frames since it was opened or stopped."""
        return 0 if self._stream is None else self.stream.firmware.rendered

    def _count(self, frames: int) -> None:
        if frames:
            self.heard.add(Piece("dsp", frames))


class ListenedOutput(NullOutput):
    """A sound card that keeps what it had time to play."""

    def __init__(self, clock: Clock, heard: Heard) -> None:
        super().__init__(clock)
        self._heard = heard
        self._kept = bytearray()
        self._frame_size = 1

    def open(self, form: PcmFormat) -> None:
        """Begin anew."""
        super().open(form)
        self._kept, self._frame_size = bytearray(), form.frame_size

    def write(self, data: memoryview) -> int:
        """Keep what it takes."""
        taken = super().write(data)
        self._kept += data[:taken]
        return taken

    def playing(self) -> int:
        """PCM frames since it was opened."""
        return len(self._kept) // self._frame_size - self.queued()

    def drop(self) -> None:
        """Forget what was not heard."""
        played = self.playing()
        super().drop()
        del self._kept[played * self._frame_size :]

    def close(self) -> None:
        """Note what was heard."""
        played = self.playing()
        super().close()
        if played:
            self._heard.add(Piece("pcm", played, bytes(self._kept[: played * self._frame_size])))
        self._kept.clear()
