"""Asks our daemon for an answer, again and again, and prints what that cost, as JSON.

Arguments: the socket, how many requests, how many a second (0: as fast as they are answered), "socket" or "rings".
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import time

from pyaudiobus.client.remote import Remote


def main() -> None:
    """Ask."""
    path, count, rate, way = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    with Remote("asking", path) as remote:
        daemon = _daemon_clock(remote.fileno())
        if way == "rings":
            remote.use_rings()
        remote.ask("sync")
        began, costs = time.monotonic(), _costs(daemon)
        for number in range(count):
            if rate:
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
            remote.ask("sync")
        spent = [after - before for before, after in zip(costs, _costs(daemon), strict=True)]
        print(json.dumps({"asked": count, "daemon": spent[0], "client": spent[1], "seconds": time.monotonic() - began}))


def _daemon_clock(connection: int) -> int:
    """Return the kernel's clock of the process at the other end (clock_getcpuclockid(3))."""
    with socket.socket(fileno=os.dup(connection)) as channel:
        peer = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, _, _ = struct.unpack("iII", peer)
    return ~int(pid) << 3 | 2


def _costs(daemon: int) -> tuple[int, int]:
    return time.clock_gettime_ns(daemon), time.process_time_ns()


main()
