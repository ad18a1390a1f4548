"""Programs that run in the guest, with the service and its tests at hand."""
