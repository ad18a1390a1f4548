"""Bytes that come in order from somewhere: a pipe, a growing file, a web server. What is in them is told elsewhere."""
