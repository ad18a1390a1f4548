"""Whether the firmware files are there, whole, and of the kind that the DSP's driver takes."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.firmware import FirmwareFile
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, doubtful, unchecked, well

_RUNNING = ("running", "attached")
_ELF = b"\x7fELF"
_ELF_FILES = (".mbn", ".mdt", ".elf")
"""Qualcomm's loader reads these as ELF (drivers/soc/qcom/mdt_loader.c)."""
_OPTIONS = {".zst": "FW_LOADER_COMPRESS_ZSTD", ".xz": "FW_LOADER_COMPRESS_XZ"}
_LFS = b"version https://git-lfs"


def find_firmware(scene: Scene) -> Judgement:
    """The first file that is wrong decides; a DSP that runs has had its firmware from wherever it was."""
    if not scene.firmware:
        return unchecked("no board file names any")
    for file in scene.firmware:
        fault = _fault(scene, file)
        if fault is not None and _is_running(scene):
            return doubtful(f"the DSP runs, but {fault.line}", fault.facts, advice=fault.advice, command=fault.command)
        if fault is not None:
            return fault
    return well(", ".join(file.path for file in scene.firmware))


def _is_running(scene: Scene) -> bool:
    processor = scene.dsp.processor(scene.board.dsp.remoteproc)
    return processor is not None and processor.state in _RUNNING


def _fault(scene: Scene, file: FirmwareFile) -> Judgement | None:
    if not file.path:
        return _is_missing(scene, file)
    if (option := _OPTIONS.get(file.packing, "")) and scene.kernel.lacks(option):
        return broken(
            f"{file.path} is packed, and this kernel cannot unpack it",
            facts=(f"CONFIG_{option} is not set",),
            advice="Install the unpacked file, or build the kernel with that option.",
            command=f"{'unxz' if file.packing == '.xz' else 'unzstd'} -k {file.path}",
            because=f"the kernel cannot unpack the firmware {file.name}",
        )
    kind = _wrong_kind(file)
    if not kind:
        return None
    return broken(
        f"{file.path} {kind}",
        facts=(f"it has {file.size} bytes", *scene.said(file.name)),
        advice=_get_it(file.name),
        command=_copy(file.name, scene.host),
        because=f"the firmware {file.name} {kind}",
    )


def _is_missing(scene: Scene, file: FirmwareFile) -> Judgement:
    link = (f"the link {file.dangling} leads to nothing",) if file.dangling else ()
    asker = () if file.name in scene.board.dsp.firmware else ("the DSP's driver asks for it; the board file does not",)
    return broken(
        f"{file.name} is missing",
        facts=(f"looked in {', '.join(scene.folders)}", *asker, *link, *scene.said(file.name)),
        advice=_get_it(file.name),
        command=_copy(file.name, scene.host),
        because=f"its firmware {file.name} is missing",
    )


def _wrong_kind(file: FirmwareFile) -> str:
    if not file.size:
        return "is empty"
    if file.head.startswith(_LFS):
        return "is a git-lfs pointer, not the file itself"
    if not file.packing and file.name.endswith(_ELF_FILES) and not file.head.startswith(_ELF):
        return "is no firmware: it does not begin as an ELF file does"
    return ""


def _get_it(name: str) -> str:
    """Name the package. linux-firmware's recipe has one for each Qualcomm chip's audio."""
    vendor, _, rest = name.partition("/")
    chip, _, image = rest.partition("/")
    if vendor == "qcom" and image.startswith("adsp"):
        return f"Install linux-firmware-qcom-{chip}-audio (IMAGE_INSTALL), or copy the file there and reboot:"
    return "Install it from linux-firmware, or copy the file there and reboot:"


def _copy(name: str, host: str) -> str:
    folder, _, image = name.rpartition("/")
    return f"scp {image} root@{host}:/lib/firmware/{folder}/"
