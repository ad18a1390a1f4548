"""What can be seen of a machine, as values. Judges nothing."""
