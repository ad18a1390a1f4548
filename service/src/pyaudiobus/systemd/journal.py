"""How a log reads: with the journal's priorities, and one line an incident however often it happens."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable

QUIET_SECONDS = 10
"""For as long an incident that was told is only counted."""
MAX_INCIDENTS = 256
"""That are remembered."""
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.DEBUG, 7))


class JournalFormatter(logging.Formatter):
    """Puts <N> before every line, as sd-daemon(3) has it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def begin(level: str) -> None:
    """Send the log to standard error; with priorities where the journal reads it."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JournalFormatter("%(message)s") if _is_journal() else logging.Formatter("%(name)s: %(message)s")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _is_journal() -> bool:
    """Whether standard error is the stream that the service manager says it is (systemd.exec(5), $JOURNAL_STREAM)."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))


class Incidents:
    """Tells of what may happen often: at once, then at most every QUIET_SECONDS with the number of times between."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._known: dict[str, tuple[float, int]] = {}
        """When it was told of, and how often it happened since."""

    def tell(self, kind: str, text: str, level: int = logging.WARNING) -> None:
        """Tell of an incident; those of one kind count together."""
        told_at, since = self._known.pop(kind, (float("-inf"), 0))
        now = self._clock()
        if now - told_at < QUIET_SECONDS:
            self._known[kind] = (told_at, since + 1)
            return
        self._log.log(level, "%s%s", text, f" (and {since} times before that)" if since else "")
        if len(self._known) >= MAX_INCIDENTS:
            self._known.pop(next(iter(self._known)))
        self._known[kind] = (now, 0)
