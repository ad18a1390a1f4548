"""Decoding with FFmpeg (PyAV). The only package of the room that loads it."""

from pyaudiobus.media.decode.container import Facts, facts_of
from pyaudiobus.media.decode.decoder import Decoder

__all__ = ["Decoder", "Facts", "facts_of"]
