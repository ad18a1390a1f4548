"""A DSP in this process: the kernel's states and errnos, a driver's limits and quirks, real decoding."""
