"""The names of our recipes and images: what is built to packages, and what no image may lack."""

from __future__ import annotations

PACKAGED = (
    "pyaudiobus",
    "pyaudiobus-board",
    "pyaudiobus-demo-media",
    "python3-av",
    "python3-gherkin-official",
    "python3-msgspec",
    "python3-mutagen",
    "python3-pyalsaaudio",
    "python3-pytest-bdd",
    "snd-virtual-dsp",
    "tinycompress",
)
"""What the mini world builds to packages; FFmpeg comes with tinycompress."""

IMAGES = ("pyaudiobus-image", "pyaudiobus-image-dev")

NO_IMAGE_WITHOUT = {
    "packagegroup-pyaudiobus",
    "pyaudiobus",
    "pyaudiobus-board",
    "python3-av",
    "python3-msgspec",
    "python3-mutagen",
    "python3-pyalsaaudio",
    "python3-pyudev",
    "tinycompress",
    "ffmpeg",
}
"""The recipes that each of our images needs to be built."""
