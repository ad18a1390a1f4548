"""What FFmpeg calls a codec, and what the kernel's compress interface calls it."""

from __future__ import annotations

from pyaudiobus.model.format import Codec

_OTHER_NAMES = {
    "amr_nb": "amr",
    "amrnb": "amr",
    "amr_wb": "amr-wb",
    "wmalossless": "wma",
    "wmapro": "wma",
    "wmav1": "wma",
    "wmav2": "wma",
}


def common_name(ffmpeg: str) -> str:
    """Return the kernel's name of a codec where it has one, else FFmpeg's; "pcm" for every kind of PCM."""
    return "pcm" if ffmpeg.startswith("pcm_") else _OTHER_NAMES.get(ffmpeg, ffmpeg)


def kernel_codec(name: str) -> Codec | None:
    """Return the codec of that common name, if the kernel has a name for it."""
    return next((codec for codec in Codec if codec.value == name), None)
