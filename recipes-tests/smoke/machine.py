"""Which guest the features run in, as the environment says. Boots nothing."""

from __future__ import annotations

import os

ARCH = os.environ.get("GUEST_ARCH") or "x86_64"
"""x86_64 or aarch64."""
KERNEL = os.environ.get("GUEST_KERNEL") or None
"""One of Debian's series, 6.1 or 6.12; None for the architecture's usual one."""
