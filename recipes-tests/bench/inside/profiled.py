"""Runs a Python program in the guest under a profiler that counts instructions, and prints where they went, as JSON.

The first argument is the program; the rest are its own. A call costs about a thousand instructions extra here, so
shares are right and sums are too high.
"""

from __future__ import annotations

import cProfile
import json
import runpy
import sys
import time


def main() -> None:
    """Run the program, then print [place, calls, own instructions], the most expensive first."""
    sys.argv = sys.argv[1:]
    # The thread's own clock stands while it sleeps, and counts instructions where time is virtual.
    profile = cProfile.Profile(time.thread_time_ns, 1.0)
    try:
        profile.runcall(runpy.run_path, sys.argv[0], run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    rows = [(_place(entry.code), entry.callcount, round(entry.inlinetime)) for entry in profile.getstats()]
    json.dump(sorted(rows, key=lambda row: -row[2]), sys.stderr)


def _place(code: object) -> str:
    if isinstance(code, str):
        return code
    name, line = getattr(code, "co_filename", "?"), getattr(code, "co_firstlineno", 0)
    return f"{name.rpartition('/pyaudiobus/')[2]}:{line} {getattr(code, 'co_qualname', '?')}"


if __name__ == "__main__":
    main()
