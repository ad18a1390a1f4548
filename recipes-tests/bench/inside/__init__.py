"""What runs inside the guest. Nothing here is imported on the host."""
