"""The board that the smoke features play on, its songs, and the words the features are written in."""
