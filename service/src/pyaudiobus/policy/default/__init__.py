"""What is the default sink or source? A Choice holds a serial."""
