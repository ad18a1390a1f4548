"""Units and identities, as types that cost nothing at run time."""

from __future__ import annotations

from typing import NewType

Seconds = NewType("Seconds", float)
"""A duration or an instant of a clock, in seconds."""

Frames = NewType("Frames", int)
"""PCM frames: one sample for each channel."""

NodeId = NewType("NodeId", int)
PortId = NewType("PortId", int)
LinkId = NewType("LinkId", int)
