"""What programs that run all the time have in common: how their log reads, and what they tell the service manager."""
