"""What people type and see: argument parsing, wiring, printing, exit codes."""
