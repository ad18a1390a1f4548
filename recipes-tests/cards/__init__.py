"""The daemon with sound cards of a real kernel."""
