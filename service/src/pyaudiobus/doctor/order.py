"""The checks in the order in which a board comes up, and which failure explains which. A table."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.doctor.checks.check_access import check_access
from pyaudiobus.doctor.checks.compare_codecs import compare_codecs
from pyaudiobus.doctor.checks.compare_mixer import compare_mixer
from pyaudiobus.doctor.checks.find_cards import find_cards
from pyaudiobus.doctor.checks.find_compress_nodes import find_compress_nodes
from pyaudiobus.doctor.checks.find_compress_offload import find_compress_offload
from pyaudiobus.doctor.checks.find_domain_mapper import find_domain_mapper
from pyaudiobus.doctor.checks.find_dsp_services import find_dsp_services
from pyaudiobus.doctor.checks.find_firmware import find_firmware
from pyaudiobus.doctor.checks.find_holders import find_holders
from pyaudiobus.doctor.checks.find_modules import find_modules
from pyaudiobus.doctor.checks.find_pcm_devices import find_pcm_devices
from pyaudiobus.doctor.checks.find_pcm_output import find_pcm_output
from pyaudiobus.doctor.checks.find_routes import find_routes
from pyaudiobus.doctor.checks.find_running_dsp import find_running_dsp
from pyaudiobus.doctor.checks.find_service_user import find_service_user
from pyaudiobus.doctor.checks.fit_ring import fit_ring
from pyaudiobus.doctor.checks.list_deferred_probes import list_deferred_probes
from pyaudiobus.doctor.checks.list_failed_units import list_failed_units
from pyaudiobus.doctor.checks.load_decoder import load_decoder
from pyaudiobus.doctor.checks.load_tag_reader import load_tag_reader
from pyaudiobus.doctor.checks.load_tinycompress import load_tinycompress
from pyaudiobus.doctor.checks.match_device_tree import match_device_tree
from pyaudiobus.doctor.checks.read_board_file import read_board_file
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement
from pyaudiobus.model.record import Record


class Check(Record):
    """One question."""

    topic: str
    """Its name for people and in --json."""
    judge: Callable[[Scene], Judgement]
    after: tuple[str, ...] = ()
    """Topics whose failure explains a failure of this one, the nearest first."""
    heals: bool = False
    """Whether time may mend it: devices come late, as their firmware and modules do."""


CHECKS = (
    Check("board file", read_board_file),
    Check("kernel", find_compress_offload),
    Check("device tree", match_device_tree),
    Check("modules", find_modules, after=("kernel", "device tree"), heals=True),
    Check("firmware", find_firmware, heals=True),
    Check("dsp", find_running_dsp, after=("firmware", "modules", "device tree"), heals=True),
    Check("domains", find_domain_mapper, after=("modules",), heals=True),
    Check("services", find_dsp_services, after=("dsp", "domains", "modules"), heals=True),
    Check("deferred", list_deferred_probes, after=("services", "modules"), heals=True),
    Check("card", find_cards, after=("services", "deferred", "modules", "device tree", "kernel"), heals=True),
    Check("pcm", find_pcm_devices, after=("card",), heals=True),
    Check("compress", find_compress_nodes, after=("card", "kernel"), heals=True),
    Check("access", check_access, after=("compress",), heals=True),
    Check("in use", find_holders),
    Check("codecs", compare_codecs, after=("access", "in use", "compress"), heals=True),
    Check("ring", fit_ring, after=("codecs",)),
    Check("routes", find_routes, after=("access", "card"), heals=True),
    Check("mixer", compare_mixer, after=("access", "card"), heals=True),
    Check("tinycompress", load_tinycompress),
    Check("decoder", load_decoder),
    Check("tags", load_tag_reader),
    Check("pcm output", find_pcm_output),
    Check("user", find_service_user),
    Check("units", list_failed_units, after=("board file", "card", "routes", "mixer")),
)
