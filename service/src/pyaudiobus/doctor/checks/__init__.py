"""One check a file, named after what it does. Evidence in, judgement out; order.py says which follows from which."""
