"""Kinds of node: what a sink does with the bytes it is given. No sockets, no files, no decisions."""
