"""The native cycle on PCMs of a real kernel."""
