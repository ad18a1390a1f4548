"""Everything the checks look at, gathered in one go."""

from __future__ import annotations

from pyaudiobus.config.board_file import load_board
from pyaudiobus.doctor.evidence.dsp import Dsp, read_dsp
from pyaudiobus.doctor.evidence.firmware import FirmwareFile, firmware_folders, read_firmware
from pyaudiobus.doctor.evidence.kernel import Kernel, read_kernel
from pyaudiobus.doctor.evidence.kernel_log import read_log
from pyaudiobus.doctor.evidence.machine import Machine
from pyaudiobus.doctor.evidence.mixer import Mixer, read_mixer
from pyaudiobus.doctor.evidence.people import People, read_people
from pyaudiobus.doctor.evidence.programs import Programs
from pyaudiobus.doctor.evidence.sound import Sound, read_sound
from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.board import Board, SinkKind
from pyaudiobus.model.record import Record

_CONTAINER_SIGNS = ("run/systemd/container", "run/.containerenv", ".dockerenv")
_SYSTEMD = "run/systemd/system"
_NO_REASONS = ("taints kernel", "tainting kernel")
"""What the kernel says of every module that was built or signed elsewhere (kernel/module/main.c)."""


class BoardFile(Record):
    """What a board's owner wrote."""

    path: str
    """Empty where there is none."""
    board: Board
    """A board of which nothing is known where there is no file, or none that can be read."""
    problem: UserError | None = None

    def has_sinks(self, kind: SinkKind) -> bool:
        """Tell whether the file names a sink of that kind."""
        return any(sink.kind is kind for sink in self.board.sinks)


class Surroundings(Record):
    """What runs this machine."""

    is_container: bool
    has_systemd: bool
    failed_units: tuple[str, ...] | None
    """Of ours; None if nobody knows."""


class Scene(Record):
    """A machine at one moment."""

    host: str
    """Its name."""
    file: BoardFile
    kernel: Kernel
    log: tuple[str, ...] | None
    """The kernel's messages; None if this user may not read them."""
    folders: tuple[str, ...]
    """Where the kernel looks for firmware."""
    firmware: tuple[FirmwareFile, ...]
    """What the board file names, then what the DSP's driver asks for beyond."""
    dsp: Dsp
    sound: Sound
    mixer: Mixer
    people: People
    programs: Programs
    around: Surroundings
    default_output: AudiobusError | None
    """Why ALSA's default device cannot be opened; None if it can, or if nothing would play on it."""

    @property
    def board(self) -> Board:
        """What the board file says."""
        return self.file.board

    @property
    def is_meant_to_offload(self) -> bool:
        """Whether anything says that this machine has a DSP: its board file, or a device."""
        return self.file.has_sinks(SinkKind.COMPRESS) or bool(self.board.dsp.remoteproc or self.sound.compress)

    @property
    def expects_services(self) -> bool:
        """Whether the board's DSP is one of Qualcomm's, whose audio comes up as services on a bus."""
        return any(name.startswith("qcom/") for name in self.board.dsp.firmware)

    def said(self, *words: str, most: int = 3) -> tuple[str, ...]:
        """Return the last messages of the kernel in which one of these words stands."""
        reasons = (line for line in self.log or () if not any(words in line for words in _NO_REASONS))
        lines = [line for line in reasons if any(word in line for word in words)]
        return tuple(f"the kernel says: {line}" for line in lines[-most:])


def look_around(board_path: str | None, machine: Machine) -> Scene:
    """Gather everything. Changes nothing; opens compress devices only while nobody plays on one."""
    tree = Tree(machine.root)
    file = read_board_file(board_path)
    kernel, dsp = read_kernel(tree, machine.release()), read_dsp(tree)
    sound = read_sound(tree, machine.rights, machine.ask_devices)
    programs = machine.programs()
    plays_on_default = bool(sound.pcm and programs.mixer.release and not file.board.pcm_sink)
    return Scene(
        host=machine.host(),
        file=file,
        kernel=kernel,
        log=read_log(tree),
        folders=firmware_folders(tree, kernel.release),
        firmware=tuple(read_firmware(tree, kernel.release, name) for name in _wanted_firmware(file.board, dsp)),
        dsp=dsp,
        sound=sound,
        mixer=read_mixer(file.board, sound, machine.controls),
        people=read_people(tree, machine.user(), machine.groups()),
        programs=programs,
        around=_surroundings(tree, machine),
        default_output=machine.try_default_output() if plays_on_default else None,
    )


def read_board_file(path: str | None) -> BoardFile:
    """Read the board file, if there is one, and keep what is wrong with it."""
    if path is None:
        return BoardFile("", Board())
    try:
        return BoardFile(path, load_board(path))
    except UserError as problem:
        return BoardFile(path, Board(), problem)


def _wanted_firmware(board: Board, dsp: Dsp) -> tuple[str, ...]:
    processor = dsp.processor(board.dsp.remoteproc) if board.dsp.remoteproc else None
    asked = (processor.firmware,) if processor is not None and processor.firmware else ()
    return tuple(dict.fromkeys((*board.dsp.firmware, *asked)))


def _surroundings(tree: Tree, machine: Machine) -> Surroundings:
    has_systemd = tree.exists(_SYSTEMD)
    return Surroundings(
        is_container=any(tree.exists(sign) for sign in _CONTAINER_SIGNS),
        has_systemd=has_systemd,
        failed_units=machine.failed_units() if has_systemd else None,
    )
