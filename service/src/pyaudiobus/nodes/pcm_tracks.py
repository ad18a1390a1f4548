"""The streams of a PCM output that follow each other without a stop: one is heard, and one may wait behind it."""

from __future__ import annotations

from pyaudiobus.graph.source import Source


class PcmTrack:
    """One stream: what it is read from, and where it begins in what was written to the output."""

    def __init__(self, source: Source, *, begin: int = 0, first: int = 0) -> None:
        self.source = source
        self.begin = begin
        """Bytes that had been written before it."""
        self.first = first
        """PCM frame of the stream that its first byte belongs to."""


class PcmTracks:
    """The stream that is heard, and what is to follow it."""

    def __init__(self) -> None:
        self.heard: PcmTrack | None = None
        self.behind: PcmTrack | None = None
        """Written already, in part or whole, while the other one is still heard."""
        self.is_asked_for = False
        """Whether somebody answers when it is asked what follows."""
        self.was_asked = self.is_told = False
        self._following: Source | None = None

    @property
    def written(self) -> PcmTrack | None:
        """The stream that is written."""
        return self.behind or self.heard

    @property
    def wants_next(self) -> bool:
        """Whether all of the stream was written, and nobody has told what follows."""
        return self.was_asked and not self.is_told

    def begin(self, track: PcmTrack | None) -> None:
        """Let a stream be the one that is heard; what was to follow is asked for anew."""
        self.heard, self.behind, self._following = track, None, None
        self.was_asked = self.is_told = False

    def tell(self, source: Source | None) -> None:
        """Say what follows; None: nothing."""
        self._following, self.is_told = source, True

    def ask(self) -> bool:
        """Ask what follows; False where nobody answers, or has answered, or where one waits already."""
        if not self.is_asked_for or self.was_asked or self.behind is not None:
            return False
        self.was_asked = True
        return True

    def follow_on(self, written: int) -> bool:
        """Go on to write what follows behind so many bytes; False where nothing does."""
        if self._following is None:
            return False
        self.behind, self._following = PcmTrack(self._following, begin=written), None
        return True

    def turn(self) -> None:
        """Let what waits be what is heard."""
        self.begin(self.behind)
