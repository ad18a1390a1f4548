"""Prints what our daemon tells of its sinks, as JSON. The argument is its socket."""

from __future__ import annotations

import json
import sys

from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote

with Remote("counter", sys.argv[1]) as remote:
    print(json.dumps([dict(node.facts) for node in look(remote).nodes("Audio/Sink")]))
