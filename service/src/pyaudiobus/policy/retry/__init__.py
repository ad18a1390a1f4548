"""When is a device that is late or busy tried again? The subject is a sink or source; a Choice holds the attempt."""
