"""What playing costs, counted in instructions in a guest whose clock counts nothing else."""
