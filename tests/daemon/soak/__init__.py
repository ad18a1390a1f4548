"""Clients that live wildly and are killed: as many as one likes with `make soak-bus`, a few in the tests."""
