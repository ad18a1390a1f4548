"""Files of every codec the kernel can name, and what may be said of them that is not true. Knows no guest."""

from __future__ import annotations

from smoke.songs import FILES

EVERY = {
    f"the file {name}": FILES / name
    for name in (
        "aac.m4a", "aac.aac", "aac.mkv", "aac.avi", "alac.m4a", "alac.caf", "vorbis.ogg", "vorbis.webm", "wma.wma",
        "wmav1.wma", "amr.amr", "amr.3gp", "amr-wb.awb", "ac3.ac3", "eac3.eac3", "dts.dts", "real.rm", "g723.wav",
        "flac.mkv", "mp3.wav",
    )
}  # fmt: skip
"""Opus is missing: its number came with Linux 6.18."""

LIES: tuple[tuple[str, dict[str, object], str], ...] = (
    ("alac.m4a", {"codec_private": ""}, "alac_d.frame_length"),
    ("alac.m4a", {"channels": 2}, "ch_in"),
    ("flac.mkv", {"bit_depth": 24}, "flac_d.sample_size"),
    ("flac.mkv", {"rate": 48_000}, "sample_rate"),
    ("aac.m4a", {"rate": 32_000}, "sample_rate"),
    ("aac.m4a", {"stream_format": "loas"}, "format"),
    ("wma.wma", {"block_align": 0}, "align"),
    ("amr.amr", {"profile": 3}, "bit_rate"),
    ("ac3.ac3", {"variant": "dts"}, "level"),
    ("vorbis.ogg", {"channels": 2}, "ch_in"),
)
"""A file, what is changed of its format, and the field that the driver is to name."""
