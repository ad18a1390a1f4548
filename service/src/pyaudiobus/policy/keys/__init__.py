"""What do the volume keys change? A Choice holds a node's serial."""
