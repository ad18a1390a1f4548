"""Programs that run in the guest, with the service at hand."""
