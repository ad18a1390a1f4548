"""Which profile has a card? The subject is a device; a Choice holds a profile's name."""
