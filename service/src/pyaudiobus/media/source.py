"""The bytes of one regular file. No formats: those are in the walkers.

Reading from a mapping turns a file that shrinks, or a stick that is pulled out, into SIGBUS, which no Python program
survives; so bytes are read with pread. Two users may have a mapping all the same, and save a copy: the kernel, which
answers EFAULT, and native code that guards itself (engine/mapped.h).
"""

from __future__ import annotations

import os
import stat
from errno import EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM
from mmap import ACCESS_READ, mmap

from pyaudiobus.errors import MediaError

_REASONS = {
    ENOENT: ("does not exist", "Check the name and the directory."),
    ENOTDIR: ("does not exist: part of its path is a file", "Check the name and the directory."),
    EISDIR: ("is a directory", "Name the files in it."),
    EACCES: ("may not be read", "Give yourself read permission (chmod u+r), or ask its owner."),
    EPERM: ("may not be read", "Give yourself read permission (chmod u+r), or ask its owner."),
    ELOOP: ("is a symbolic link that leads in a circle", "Name the file itself."),
    ENAMETOOLONG: ("has a name that is too long", "Check the name."),
}


class FileSource:
    """One open file. `size` is what it was when it was opened."""

    __slots__ = ("_fd", "_mapping", "path", "size")

    def __init__(self, path: str) -> None:
        """Open `path` for reading. MediaError if it is missing, not a regular file, empty or unreadable."""
        self.path = path
        self._fd = -1
        self._mapping: memoryview | None = None
        self._fd = _open(path)
        try:
            self.size = self._regular_size()
        except MediaError:
            self.close()
            raise

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly the bytes [offset, offset + length). MediaError if the file does not have them any more."""
        try:
            data = os.pread(self._fd, length, offset)
            while len(data) < length:
                more = os.pread(self._fd, length - len(data), offset + len(data))
                if not more:
                    raise self._shrunk(offset + len(data))
                data += more
        except OSError as error:
            raise _refused(self.path, error) from error
        return data

    def for_kernel(self, offset: int, length: int) -> memoryview:
        """Return a mapping of [offset, offset + length) that only the kernel may read. MediaError as in read."""
        now = os.fstat(self._fd).st_size
        if now < offset + length:
            raise self._shrunk(now)
        return self._mapped()[offset : offset + length]

    def for_scan(self, offset: int, length: int) -> memoryview:
        """Return a mapping of [offset, offset + length) for a native scan, which tells by OSError where it is gone."""
        return self._mapped()[offset : offset + length]

    def gone(self, error: OSError) -> MediaError:
        """Return what there is to say of that."""
        end = os.fstat(self._fd).st_size
        return self._shrunk(end) if end < self.size else _refused(self.path, error)

    def _mapped(self) -> memoryview:
        if self._mapping is None:
            self._mapping = memoryview(mmap(self._fd, self.size, access=ACCESS_READ))
        return self._mapping

    def close(self) -> None:
        """Give the file back; legal twice."""
        self._mapping = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _regular_size(self) -> int:
        status = os.fstat(self._fd)
        if stat.S_ISDIR(status.st_mode):
            raise _refused(self.path, OSError(EISDIR, os.strerror(EISDIR)))
        if not stat.S_ISREG(status.st_mode):
            raise MediaError(f"{self.path} is not a regular file", advice="Copy what it gives into a file first.")
        if status.st_size == 0:
            raise MediaError(f"{self.path} is empty", advice="Get the file again.")
        return status.st_size

    def _shrunk(self, end: int) -> MediaError:
        return MediaError(
            f"{self.path} became shorter while it was being read",
            facts=[f"{self.size} bytes when it was opened, {end} now"],
            advice="Play it again when nothing writes to it any more.",
        )


def _open(path: str) -> int:
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer.
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise _refused(path, error) from error
    except ValueError as error:
        raise MediaError(f"{path!r} cannot be a file name", advice="Check the name.") from error


def _refused(path: str, error: OSError) -> MediaError:
    known = _REASONS.get(error.errno or 0)
    if known is None:
        said = (error.strerror or str(error)).lower()
        return MediaError(f"{path} cannot be read: {said}", advice="Check the disk or the network it lies on.")
    return MediaError(f"{path} {known[0]}", advice=known[1])
