"""`--pcm auto`: the default ALSA device where there is a sound card, else nothing, and a word about it."""

from __future__ import annotations

import os
import sys

from pyaudiobus.cli.load import ALSA_OUTPUT, NULL_OUTPUT, load
from pyaudiobus.devices.clock import Clock
from pyaudiobus.devices.pcm import PcmOutput
from pyaudiobus.errors import AudiobusError

PCM_NODES = "/dev/snd"


def choose_output(clock: Clock) -> PcmOutput:
    """Return ALSA's default output if the machine has a PCM playback device and the binding, else the null output."""
    output: PcmOutput
    if not has_pcm_playback(PCM_NODES):
        missing = "this machine has no sound card"
    else:
        try:
            output = load(ALSA_OUTPUT)("default")
        except AudiobusError as error:
            missing = error.what
        else:
            return output
    sys.stderr.write(f"audiobus: decoded audio goes nowhere: {missing}. Choose an output with --pcm.\n")
    output = load(NULL_OUTPUT)(clock)
    return output


def has_pcm_playback(folder: str) -> bool:
    """Tell whether ALSA has a PCM playback node (pcmC*D*p) in a folder."""
    try:
        names = os.listdir(folder)  # pathlib costs more to import than all of this command
    except OSError:
        return False
    return any(name.startswith("pcmC") and name.endswith("p") for name in names)
