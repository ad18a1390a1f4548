"""Drives a QEMU guest with a virtual DSP: kernels, boot, commands. The features played in it live one folder up."""
