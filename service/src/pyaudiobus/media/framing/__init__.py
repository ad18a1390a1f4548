"""What packets of each codec hold, and how a device wants them in a byte stream. Pure: no files and no FFmpeg."""
