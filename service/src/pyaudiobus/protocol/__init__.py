"""Words and bytes between a bus and its clients. No socket, no clock: bytes in, messages out."""
