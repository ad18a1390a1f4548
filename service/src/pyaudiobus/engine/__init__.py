"""The native data plane: C, entered through cffi with the GIL released. Python configures it and reads its results."""
