"""A player and one who asks and breaks things at random instants; what is heard is compared with what should be."""
