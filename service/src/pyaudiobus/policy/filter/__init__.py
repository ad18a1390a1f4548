"""Which filter stands between a stream and its target? A Choice holds a serial."""
