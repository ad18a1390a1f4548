"""A session manager that lives in a thread of this process, beside the test."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import PeerError
from pyaudiobus.session.configuration import Places, read
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile


class Governing:
    """A session manager in a thread of its own."""

    def __init__(self, remote: Remote, policy: Path) -> None:
        self._remote = remote
        self._is_over = False
        self.session = Session(remote, read(Places(policy=str(policy))), StateFile(None))
        self._here, self._there = os.pipe()
        self._thread = threading.Thread(target=self._live)
        self.session.start()
        self._thread.start()

    def _live(self) -> None:
        try:
            while not self._is_over:
                self.session.wait((self._here,))
        except PeerError:
            return

    def end(self) -> None:
        if self._thread.is_alive():
            self._is_over = True
            os.write(self._there, b"x")
            self._thread.join()
            self._remote.close()
            os.close(self._here)
            os.close(self._there)
