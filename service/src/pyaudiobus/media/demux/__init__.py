"""Encoded packets out of MP4, Matroska, Ogg, ASF, CAF, AVI, WAV and bare streams, by FFmpeg (PyAV). Decodes nothing."""

from pyaudiobus.media.demux.opening import open_demuxed

__all__ = ["open_demuxed"]
