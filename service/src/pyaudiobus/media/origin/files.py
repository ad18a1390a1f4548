"""Standard input, pipes, and files that somebody still writes, as origins."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import stat
import time
from collections.abc import Callable
from signal import SIGURG

from pyaudiobus.errors import MediaError, NotSupported
from pyaudiobus.media.origin.origin import Title

STDIN = "-"
LOOK_EVERY = 0.25
"""Seconds between two looks at a file that is waited for to grow: only while everything in it was read."""
STILL_SECONDS = 10.0
"""A file that has not grown for so long is complete, where the kernel does not tell whether somebody writes it."""


class _Descriptor:
    """What pipes and files share: a descriptor to read from and one that interrupts."""

    kind = ""
    size: int | None = None
    can_seek = False
    is_live = False

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self._fd = descriptor
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._is_interrupted = False

    def titles(self) -> tuple[Title, ...]:
        """None ever come."""
        return ()

    def news(self) -> tuple[str, ...]:
        """Nothing happens but bytes."""
        return ()

    def interrupt(self) -> None:
        """End a read() that waits, and all later ones."""
        self._is_interrupted = True
        if self._wake >= 0:
            os.eventfd_write(self._wake, 1)

    def close(self) -> None:
        """Let go; standard input stays open."""
        fd, wake, self._fd, self._wake = self._fd, self._wake, -1, -1
        if wake >= 0:
            os.close(wake)
        if fd > 0:
            os.close(fd)

    def _failed(self, error: OSError) -> MediaError:
        said = (error.strerror or str(error)).lower()
        return MediaError(f"{self.name} cannot be read any more: {said}", advice="Check where it comes from.")


class PipeOrigin(_Descriptor):
    """A pipe, a FIFO or a socket: bytes come when somebody writes, and end when the last writer leaves."""

    def __init__(self, path: str) -> None:
        """Open a FIFO, or "-", which is standard input. MediaError where that is a terminal, or may not be read."""
        super().__init__("standard input" if path == STDIN else path, 0 if path == STDIN else _open(path))
        if path == STDIN and os.isatty(0):
            self.close()
            raise MediaError(
                "standard input is a terminal, not audio", advice="Pipe a file into it: audiobus play - < FILE"
            )

    def read(self, most: int) -> bytes:
        """Wait for bytes. A FIFO that nobody has opened for writing yet is waited for too."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while not self._is_interrupted:
            ready = dict(poll.poll())
            if self._fd not in ready:
                continue
            try:
                return os.read(self._fd, most)
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._failed(error) from error
        return b""

    def seek(self, offset: int) -> None:
        """Refuse."""
        del offset
        raise NotSupported(f"{self.name} comes in order: there is no going back or ahead in a pipe")


class GrowingFile(_Descriptor):
    """A file that somebody still writes: its end is the end only when nobody has it open for writing any more."""

    can_seek = True

    def __init__(self, path: str, *, look: Callable[[], float] = time.monotonic) -> None:
        """Open a file. MediaError where it is none, or may not be read. `look` tells the time in seconds."""
        super().__init__(path, _open(path))
        self._offset = 0
        self._now = look
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            self.close()
            raise MediaError(f"{path} is no file that could grow", advice="Leave out --follow.")

    def read(self, most: int) -> bytes:
        """Return what is there; at the end, wait for more as long as it is still written."""
        since = self._now()
        while not self._is_interrupted:
            was_written = self._is_written(self._now() - since)
            try:
                data = os.pread(self._fd, most, self._offset)
            except OSError as error:
                raise self._failed(error) from error
            self._offset += len(data)
            if data or not was_written:
                return data
            self._rest()
        return b""

    def seek(self, offset: int) -> None:
        """Go on at a byte."""
        self._offset = offset

    def _rest(self) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.poll(LOOK_EVERY * 1000)

    def _is_written(self, still: float) -> bool:
        """Tell whether more may come. Where nobody can tell, a file that stands still for a while is complete."""
        known = self._asks_kernel()
        return still < STILL_SECONDS if known is None else known

    def _asks_kernel(self) -> bool | None:
        """Ask whether anybody has the file open for writing: then no read lease is granted (fcntl(2), "Leases").

        It is given back at once; should a writer come in between, the signal is one that nobody hears. None: this
        file system knows no leases, or the file is another's.
        """
        try:
            fcntl.fcntl(self._fd, fcntl.F_SETSIG, SIGURG)
            fcntl.fcntl(self._fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        except OSError:
            return None
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False


def is_stream(path: str) -> bool:
    """Tell what cannot be read at any place: "-" that is no file, FIFOs, sockets."""
    try:
        mode = (os.fstat(0) if path == STDIN else os.stat(path)).st_mode
    except OSError:
        return path == STDIN
    return not stat.S_ISREG(mode) if path == STDIN else stat.S_ISFIFO(mode)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise MediaError(f"{path} cannot be opened: {said}", advice="Check its name and your rights.") from error
