"""Rooms that are heavy to enter, by address: what a command does not need is never imported."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

VIRTUAL_DSP = "pyaudiobus.devices.virtual.dsp:VirtualDsp"
KERNEL_DEVICE = "pyaudiobus.devices.kernel:KernelCompressDevice"
TINYCOMPRESS_DEVICE = "pyaudiobus.devices.tinycompress:TinycompressDevice"
TINYCOMPRESS_LIBRARY = "pyaudiobus.devices.tinycompress_library:load_library"
FIND_COMPRESS_DEVICES = "pyaudiobus.devices.catalogue:find_compress_devices"
ALSA_OUTPUT = "pyaudiobus.devices.alsa_output:AlsaOutput"
WAV_OUTPUT = "pyaudiobus.devices.wav_output:WavOutput"
NULL_OUTPUT = "pyaudiobus.devices.null_output:NullOutput"
AUTO_OUTPUT = "pyaudiobus.cli.auto_output:choose_output"
JSON_REPORT = "pyaudiobus.cli.json_report:JsonReport"
FILE_LOUDNESS = "pyaudiobus.cli.track_loudness:file_loudness"
MIXER_VOLUME = "pyaudiobus.devices.mixer_volume:VolumeControl"
MIXER_ROUTES = "pyaudiobus.devices.mixer:MixerRoutes"
BOARD_FILE = "pyaudiobus.config.board_file:load_board"
COMPILED_BOARD = "pyaudiobus.config.compiled_board:read_compiled"
NEAREST = "pyaudiobus.config.mistakes:nearest"
BOARD_TARGETS = "pyaudiobus.cli.targets:BoardTargets"
JOIN_BUS = "pyaudiobus.cli.remote_wiring:join_bus"
CONCATENATE = "pyaudiobus.cli.concatenated:concatenate"
DECODED_FILE = "pyaudiobus.client.decoded_file:DecodedFile"
ANNOUNCING = "pyaudiobus.cli.announcing:AnnouncingReport"
INTERACTIVE = "pyaudiobus.cli.interactive:choose_interactive"
READ_LABELS = "pyaudiobus.media.labels:read_labels"
LIVE_DECODED = "pyaudiobus.client.stream.live_decoded:LiveDecoded"
OPEN_TRACK = "pyaudiobus.client.stream.open_track:open_track"
PLAYLIST_ENTRIES = "pyaudiobus.client.stream.open_track:playlist_entries"
PATIENT_BUS = "pyaudiobus.client.stream.patient_bus:PatientBus"
PLAY_CONVERTED = "pyaudiobus.client.converting:play_converted"
RECORD_CONVERTED = "pyaudiobus.client.converting:record_converted"


def load(address: str) -> Callable[..., Any]:
    """Import "package.module:name" and return that name."""
    module, name = address.split(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
