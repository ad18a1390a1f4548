"""What runs inside the guest: its first program and the agent. Nothing here is imported on the host."""
