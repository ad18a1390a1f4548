"""May a linked stream be taken to its new target? A Choice holds move or stay."""
