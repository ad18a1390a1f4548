"""The player's end: a file becomes a stream, a stream is linked through a Bus, a Player sees it to its end."""
