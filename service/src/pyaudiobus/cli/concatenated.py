"""Files of one form played as one stream, as `pyfcplay -p 0` does: no track is announced and nothing is trimmed."""

from __future__ import annotations

from collections.abc import Sequence

from pyaudiobus.client.file_node import DecodedFile, FileNode
from pyaudiobus.client.turn import Track
from pyaudiobus.engine.frame_runs import native_runs
from pyaudiobus.errors import AudiobusError, NotSupported
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.encoded_file import EncodedFile
from pyaudiobus.media.joined_file import join_files
from pyaudiobus.model.format import can_follow


class Concatenation:
    """Several files that are one track, by the name of the first."""

    joins = False

    def __init__(self, files: Sequence[str]) -> None:
        self.name = files[0]
        self._files = files

    def open(self) -> FileNode:
        """Open them all. MediaError."""
        opened: list[EncodedFile] = []
        try:
            for file in self._files:
                opened.append(_opened(file))  # noqa: PERF401  # those that are open are closed if one fails
        except AudiobusError:
            for one in opened:
                one.close()
            raise
        return FileNode(self.name, join_files(opened), self._refuse)

    def _refuse(self, path: str) -> DecodedFile:
        raise NotSupported(
            f"{path} and what follows it are one stream that only a DSP decodes", advice="Play with -p 1."
        )


def concatenate(files: Sequence[str]) -> list[str | Track]:
    """Return what to play: files that stand side by side and have one form are one track."""
    groups: list[list[str]] = []
    last: EncodedFile | None = None
    for file in files:
        present = _looked_at(file)
        if last is not None and present is not None and can_follow(last.form, present.form):
            groups[-1].append(file)
        else:
            groups.append([file])
        last = present
    return [group[0] if len(group) == 1 else Concatenation(group) for group in groups]


def _looked_at(file: str) -> EncodedFile | None:
    """Return what is in a file, which is closed again; None where nothing can be sent as it is."""
    try:
        found = open_encoded(file, native_runs())
    except AudiobusError:
        return None  # it is told when it is its turn
    if found is not None:
        found.close()
    return found


def _opened(file: str) -> EncodedFile:
    found = open_encoded(file, native_runs())
    assert found is not None  # noqa: S101  # it was looked at
    return found
