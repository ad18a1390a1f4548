"""Encoded files: probing, frame walking, the byte-to-time index, decoding. No devices and no clocks."""
