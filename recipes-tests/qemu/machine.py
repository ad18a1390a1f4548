"""QEMU's command line for each kind of machine. Starts nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

QEMU = {"x86_64": "qemu-system-x86_64", "aarch64": "qemu-system-aarch64"}

# -cpu max boots a quarter faster than qemu64; q35 and virt both have PCI for 9p, virtio-serial and HDA.
_BOARD = {"x86_64": ["-M", "q35", "-cpu", "max"], "aarch64": ["-M", "virt,gic-version=3", "-cpu", "cortex-a72"]}
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}

_QUIET_BOOT = "quiet panic=-1 nokaslr random.trust_cpu=on audit=0 nowatchdog rcupdate.rcu_cpu_stall_suppress=1"
"""A host under load must not look like a stalled guest, so the watchdogs are off."""
_SAME_ADDRESSES = "norandmaps"
"""QEMU finds what it has translated by address: a program that starts again where it was takes a third less time."""
_X86_BOOT = "mitigations=off tsc=reliable no_timer_check"


@dataclass(frozen=True, slots=True)
class Shared:
    """A folder of the host that the guest sees over 9p."""

    tag: str
    folder: Path
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything QEMU is told."""

    arch: str
    kernel: Path
    memory: int
    """MiB."""
    virtual_time: bool = False
    initrd: Path | None = None
    disk: Path | None = None
    wav: Path | None = None
    boot_words: str = ""
    """Added to the kernel's command line."""
    shared: list[Shared] = field(default_factory=list)


def command_line(machine: Machine, console: str, monitor_fd: int, agent_fd: int | None) -> list[str]:
    """Return QEMU's arguments. `console` is a chardev without its id; the fds are sockets QEMU inherits."""
    words = [QEMU[machine.arch], *_BOARD[machine.arch], "-smp", "1", "-m", str(machine.memory)]
    words += ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]
    words += _accelerator(machine.virtual_time)
    words += ["-kernel", str(machine.kernel), "-append", _kernel_words(machine)]
    if machine.initrd is not None:
        words += ["-initrd", str(machine.initrd)]
    words += ["-chardev", f"{console},id=console", "-serial", "chardev:console"]
    words += ["-chardev", f"socket,id=monitor,fd={monitor_fd}", "-mon", "chardev=monitor,mode=control"]
    if agent_fd is not None:
        words += ["-chardev", f"socket,id=agent,fd={agent_fd}", "-device", "virtio-serial-pci"]
        words += ["-device", "virtserialport,chardev=agent,name=guest.agent"]
    for shared in machine.shared:
        words += _shared_folder(shared)
    if machine.disk is not None:
        # snapshot=on: a test never changes the image it tests.
        words += ["-drive", f"file={_escaped(machine.disk)},format=raw,if=none,id=disk,snapshot=on"]
        words += ["-device", "virtio-blk-pci,drive=disk"]
    if machine.wav is not None:
        words += _sound_card(machine.wav)
    return words


def _accelerator(virtual_time: bool) -> list[str]:
    if virtual_time:
        # One instruction is one nanosecond, and an idle guest leaps to its next timer.
        return ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"]
    return ["-accel", "tcg,thread=multi"]


def _kernel_words(machine: Machine) -> str:
    words = [f"console={CONSOLE[machine.arch]}", _QUIET_BOOT, _SAME_ADDRESSES, machine.boot_words]
    return " ".join([*words, _X86_BOOT] if machine.arch == "x86_64" else words)


def _shared_folder(shared: Shared) -> list[str]:
    access = "" if shared.writable else ",readonly=on"
    place = f"local,id={shared.tag},path={_escaped(shared.folder)},security_model=none,multidevs=remap{access}"
    return ["-fsdev", place, "-device", f"virtio-9p-pci,fsdev={shared.tag},mount_tag={shared.tag}"]


def _sound_card(wav: Path) -> list[str]:
    # mixer=off: without it the codec starts muted. out.frequency: without it QEMU resamples to 44100.
    audio = f"wav,id=speaker,path={_escaped(wav)},out.frequency=48000"
    return ["-audiodev", audio, "-device", "intel-hda", "-device", "hda-output,audiodev=speaker,mixer=off"]


def _escaped(path: Path) -> str:
    return str(path).replace(",", ",,")
