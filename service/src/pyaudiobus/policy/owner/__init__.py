"""Whose is a sink that plays one stream at a time? The subject is the sink; a Choice holds a stream's serial."""
