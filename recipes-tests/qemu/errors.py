"""What can go wrong around a guest, sorted by exit status. What went wrong inside a command is its own status."""

from __future__ import annotations


class GuestError(Exception):
    """The guest could not be prepared, did not boot, or died. The text says what to do next."""

    exit_status = 125


class CommandTimeoutError(GuestError):
    """A command in the guest outlived its time; it was killed and its output so far is kept."""

    exit_status = 124

    def __init__(self, message: str, stdout: bytes, stderr: bytes) -> None:
        super().__init__(message)
        self.stdout = stdout
        self.stderr = stderr


class KernelComplaintError(GuestError):
    """The guest's kernel printed a warning or an oops; `log` holds its lines."""

    exit_status = 120

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


class CommandFailedError(Exception):
    """A command in the guest ended with another status than 0, and its caller wanted 0."""
