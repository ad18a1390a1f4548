"""A guest booted by systemd, with the service installed as in an image; testimage's cases run in it too."""
