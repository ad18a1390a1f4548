"""Where things lie in this repository. Nothing about what is in them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "meta-pyaudiobus"
KAS = LAYER / "kas"
SERVICE = ROOT / "service"
SHARE = SERVICE / "share"
TABLES = Path(__file__).resolve().parent
