"""Tells a kernel's complaint (oops, warning, broken lock order) from its chatter. Reads no log itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMPLAINT = re.compile(
    r"\bBUG: |\bWARNING: (CPU|possible|suspicious|inconsistent|bad unlock)|\bOops\b|Kernel panic"
    r"|general protection fault|Unable to handle kernel|Internal error: |kernel NULL pointer"
    r"|refcount_t: |list_(add|del) corruption|KASAN: |UBSAN: "
    r"|INFO: task .* blocked for|INFO: (possible|inconsistent|trying to register)|sysfs: cannot create duplicate"
    r"|Object \S+ not empty|double free|stack-protector|scheduling while atomic|sleeping function called"
)


def first_complaint(lines: Iterable[str]) -> str | None:
    """Return the first line in which the kernel complains of itself, or None."""
    return next((line.strip() for line in lines if _COMPLAINT.search(line)), None)
