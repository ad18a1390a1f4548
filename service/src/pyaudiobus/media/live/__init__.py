"""Encoded frames out of bytes that come in pieces, with no end in sight; whole files are walked elsewhere."""
