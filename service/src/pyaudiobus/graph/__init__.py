"""Nodes, ports and links: who is joined to whom and in which format. Returns events, calls nobody back."""
