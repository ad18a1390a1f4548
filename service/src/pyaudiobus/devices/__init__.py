"""Compress devices and PCM outputs behind one Protocol each. The only room besides engine/ that touches C."""
