"""The declared structs and numbers against the C headers, and the generated module against its generator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pyaudiobus.devices import _abi, abi_build, uapi
from pyaudiobus.devices._abi import ffi
from pyaudiobus.model.format import Codec

FACTS = Path(__file__).with_name("abi_facts.c")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    program = tmp_path_factory.mktemp("abi") / "facts"
    subprocess.run(["gcc", "-Wall", "-Werror", "-o", program, FACTS], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [line.split() for line in printed.splitlines()]


def test_struct_sizes_are_those_of_the_c_headers(facts: list[list[str]]) -> None:
    sizes = {f"{line[1]} {line[2]}": int(line[3]) for line in facts if line[0] == "sizeof"}
    assert {name: ffi.sizeof(name) for name in sizes} == sizes


def test_field_offsets_are_those_of_the_c_headers(facts: list[list[str]]) -> None:
    offsets = {(f"{line[1]} {line[2]}", line[3]): int(line[4]) for line in facts if line[0] == "offsetof"}
    assert {key: ffi.offsetof(*key) for key in offsets} == offsets


def test_request_numbers_are_those_of_the_c_headers(facts: list[list[str]]) -> None:
    requests = {line[1]: int(line[2]) for line in facts if line[0] == "request"}
    assert {name: getattr(uapi, name) for name in requests} == requests


def test_codec_numbers_are_those_of_the_c_headers(facts: list[list[str]]) -> None:
    numbers = {line[1]: int(line[2]) for line in facts if line[0] == "codec"}
    assert {name: uapi.CODEC_IDS[Codec[name]] for name in numbers} == numbers


@pytest.mark.parametrize(
    ("struct", "size"),
    [("snd_codec", 120), ("snd_compr_params", 132), ("snd_compr_caps", 196), ("snd_compr_metadata", 36),
     ("snd_compr_tstamp", 20), ("snd_compr_tstamp64", 32), ("snd_compr_avail", 28), ("snd_compr_avail64", 40),
     ("snd_dec_opus", 24)],
)  # fmt: skip
def test_struct_sizes_are_those_of_every_kernel_from_5_7_to_6_18(struct: str, size: int) -> None:
    assert ffi.sizeof(f"struct {struct}") == size


def test_the_option_union_has_64_bytes() -> None:
    assert ffi.sizeof("union snd_codec_options") == 64


@pytest.mark.parametrize(
    ("request_number", "struct"),
    [(uapi.GET_CAPS, "snd_compr_caps"), (uapi.SET_PARAMS, "snd_compr_params"), (uapi.TSTAMP64, "snd_compr_tstamp64"),
     (uapi.SET_METADATA, "snd_compr_metadata"), (uapi.TSTAMP, "snd_compr_tstamp"), (uapi.AVAIL, "snd_compr_avail"),
     (uapi.AVAIL64, "snd_compr_avail64")],
)  # fmt: skip
def test_a_request_number_holds_the_size_of_its_struct(request_number: int, struct: str) -> None:
    assert request_number >> 16 & 0x3FFF == ffi.sizeof(f"struct {struct}")


def test_the_generated_module_is_what_its_generator_writes(tmp_path: Path) -> None:
    fresh = tmp_path / "_abi.py"
    abi_build.generate(str(fresh))
    assert without_version(fresh) == without_version(Path(str(_abi.__file__)))


def without_version(module: Path) -> list[str]:
    """The lines, but for the one that holds the version of cffi's own format."""
    return [line for line in module.read_text().splitlines() if not line.lstrip().startswith("_version =")]


def test_a_protocol_number_is_written_as_people_do() -> None:
    assert uapi.protocol_text(0x000401) == "0.4.1"


def test_playing_through_c_loads_neither_cffis_compiler_nor_alsa() -> None:
    program = (
        "import sys, pyaudiobus.devices.kernel, pyaudiobus.devices.tinycompress, pyaudiobus.devices.catalogue\n"
        "print(*sorted({'cffi', 'pycparser', 'alsaaudio', 'av'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed.split() == []
