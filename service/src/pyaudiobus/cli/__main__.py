"""`python -m pyaudiobus.cli` is `audiobus`."""

import sys

from pyaudiobus.cli.audiobus import main

sys.exit(main())
