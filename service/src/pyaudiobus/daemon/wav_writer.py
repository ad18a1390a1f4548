"""Writes what a sink plays into a WAV file, in a thread of its own, fed by a ring like any record stream's."""

from __future__ import annotations

import logging
import os
import select
from threading import Event, Thread

from pyaudiobus.daemon.streams import Placement, RecordStream
from pyaudiobus.devices.wav_file import WavFile
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.format import PcmFormat

log = logging.getLogger("audiobusd")
RING_SECONDS = 8
"""What a disk may be late by before frames are lost, which are counted."""
WAKE_SECONDS = 1
"""How often the thread writes."""


class WavWriter:
    """One file and the thread that writes it."""

    def __init__(self, serial: int, path: str, form: PcmFormat) -> None:
        """Open the file. UserError where it cannot be written."""
        self._file = WavFile(path, form)
        placement = Placement(target="", may_move=False, dies_with_device=False, fails_on_suspend=False)
        self.listener = RecordStream(serial, path, 0, form, placement=placement, properties={})
        self.listener.is_passive = True  # the file does not keep its own sink awake
        self.listener.ring = RingProducer.create(RING_SECONDS * form.rate * form.frame_size, form.frame_size)
        descriptors = (os.dup(one) for one in self.listener.ring.descriptors)
        self._ring = RingConsumer.attach(RingDescriptors(*descriptors))
        self.listener.ring.give_away()
        self._burst = WAKE_SECONDS * form.rate * form.frame_size
        self._stop, self._poke = Event(), os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = Thread(target=self._run, name="wav writer", daemon=True)
        self._thread.start()

    def sync(self) -> None:
        """Have all that was played written; soon, in the thread."""
        os.eventfd_write(self._poke, 1)

    def close(self) -> None:
        """Write the rest and close the file; the cycle must have given the ring back."""
        self._stop.set()
        self.sync()
        self._thread.join()
        self._ring.close()
        self.listener.ring.close()
        os.close(self._poke)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._sleep()
                self._take()
            self._take()
        except AudiobusError as error:
            log.error("%s: nothing more is written: %s", self.listener.name, error.what)  # noqa: TRY400
        finally:
            self._file.close()

    def _sleep(self) -> None:
        if self._ring.want_data(self._ring.taken + self._burst):
            return
        poll = select.poll()  # select() knows no descriptor above 1023
        for descriptor in (self._ring.fileno(), self._poke):
            poll.register(descriptor, select.POLLIN)
        poll.poll()
        self._ring.acknowledge()
        try:
            os.eventfd_read(self._poke)
        except BlockingIOError:
            return

    def _take(self) -> None:
        stored = self._ring.look().stored
        if stored:
            self._file.write(self._ring.view(stored))
            self._ring.take(stored)
        self._file.sync()
