"""What keeps the harness from starting. What is wrong with the layer is a failed test, not one of these."""

from __future__ import annotations


class HarnessError(Exception):
    """The layers, the tools or the sources are not as they must be. The text says what to do next."""

    exit_status = 2
