"""Frozen values everybody speaks: units, formats, choices, states, events. No I/O and no behaviour of devices."""
