"""Streams that start on the same frame: made held, let go together."""

from __future__ import annotations

from itertools import count
from types import TracebackType
from typing import Any, Self

from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import PcmFormat

_NUMBERS = count(1)


class SyncGroup:
    """A group of one client on one sink. `group.play(...)` for each, write to all, then `group.start()`."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._number = next(_NUMBERS)
        self.streams: list[PlaybackStream] = []

    def play(self, form: PcmFormat, name: str, **wish: Any) -> PlaybackStream:  # noqa: ANN401
        """Make a stream of the group, corked; `wish` as the fields of CreateStream."""
        stream = play(self._remote, form, name, corked=True, sync_group=self._number, **wish)
        self.streams.append(stream)
        return stream

    def start(self) -> None:
        """Let all go on, on the same frame."""
        self._cork(is_corked=False)

    def stop(self) -> None:
        """Hold all, on the same frame."""
        self._cork(is_corked=True)

    def drain(self) -> None:
        """Return when all of all has been heard. They are asked at once: none starts before the others may."""
        answers: list[object] = []
        for stream in self.streams:
            request = stream.state.naming("drain")
            self._remote.ask_later(request.name, request.body, answers.append)
        while len(answers) < len(self.streams):
            self._remote.wait()
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer

    def close(self) -> None:
        """End all; legal twice."""
        for stream in self.streams:
            stream.close()

    def _cork(self, *, is_corked: bool) -> None:
        if not self.streams:
            raise UserError("a group without streams cannot be started or stopped")
        self.streams[0].cork(is_corked=is_corked)
        for stream in self.streams:
            stream.state.is_corked = is_corked

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
