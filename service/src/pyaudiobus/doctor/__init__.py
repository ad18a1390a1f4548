"""Finds out why a board makes no sound: evidence is gathered, each check judges it, the first broken link is named."""
