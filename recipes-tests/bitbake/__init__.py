"""Builds meta-pyaudiobus with the real bitbake and looks into what comes out. README.md beside this tells how."""
