"""`python -m pyaudiobus.cli` is `audiobus`."""

import sys

from pyaudiobus.cli.start import audiobus

sys.exit(audiobus())
