"""The sink that feeds encoded audio to a DSP: geometry, feeding, watching and position; node.py joins them."""
