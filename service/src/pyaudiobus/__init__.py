"""An audio bus for embedded Linux; the rooms and their floors are in the design section of the README."""

__version__ = "0.1.0"
