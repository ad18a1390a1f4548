"""Files a board's owner writes: YAML into checked values, every mistake with its line."""
