"""A stream that comes from an origin, as a track: read ahead by a thread, cut into frames, paused where it is late."""
