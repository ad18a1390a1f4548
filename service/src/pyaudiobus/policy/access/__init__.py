"""What may a client do? The subject is a client; a Choice holds manager, default or restricted."""
