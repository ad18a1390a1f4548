"""Which way out, or in, does a sink or source use? A Choice holds a route's name."""
