"""Boots a Debian kernel over the host's files and hands back a way to talk to it. An image's own boot is image.py."""

from __future__ import annotations

from pathlib import Path

from qemu.agent_link import AgentLink
from qemu.complaint import first_complaint
from qemu.errors import GuestError
from qemu.initramfs import build_initramfs
from qemu.kernels import debian_kernel
from qemu.machine import Machine
from qemu.modules import built_module
from qemu.options import Options
from qemu.process import QemuProcess
from qemu.surroundings import Surroundings

_INIT_SAYS = "guest-init: "


def plan_machine(options: Options, around: Surroundings, work: Path) -> Machine:
    """Prepare everything a boot needs (kernel, module, first file system); slow only on first use."""
    if isinstance(options.kernel, Path):
        raise GuestError(f"{options.kernel} is a kernel of your own: give its root too, with --rootfs FILE")
    kernel = debian_kernel(options.arch, options.kernel)
    driver = built_module(kernel, options.driver) if options.driver is not None else None
    settings = {
        "python": around.python,
        "module_args": options.module_args,
        "agent_mode": "virtual" if options.virtual_time else "real",
        "checkout": str(around.checkout or ""),
        "share": str(options.share.resolve()) if options.share is not None else "",
    }
    initrd = work / "initrd"
    initrd.write_bytes(build_initramfs(kernel, driver, settings, with_hda=options.wav is not None))
    return Machine(
        arch=options.arch,
        kernel=kernel.image,
        memory=options.memory,
        virtual_time=options.virtual_time,
        initrd=initrd,
        wav=options.wav,
        boot_words=options.boot_words,
        shared=around.shared(options, kernel.modules),
    )


_FULL = 0.9
"""Share of the boot timeout that QEMU may be busy: on an idle host that is what passes on the clock."""
_LEAST = 0.05
"""Share of it for which a guest that is alive is busy, however little of the host it gets."""


def wait_for_agent(qemu: QemuProcess, options: Options) -> AgentLink:
    """Return the link to a booted guest. Raises GuestError with the reason the console gives."""
    link = AgentLink(qemu.channel, qemu.monitor if options.virtual_time else None)
    try:
        _greet(link, qemu, options.boot_timeout)
    except TimeoutError:
        raise GuestError(
            f"the guest did not boot within {options.boot_timeout:.0f} s ({why_it_ended(qemu)}); give it --boot-timeout"
        ) from None
    except GuestError as error:
        raise GuestError(f"the guest did not boot: {why_it_ended(qemu, str(error))}") from None
    return link


def _greet(link: AgentLink, qemu: QemuProcess, timeout: float) -> None:
    """Wait for as long as the guest gets on: a busy host gives it less of its processors. Raises TimeoutError."""
    had = 0.0
    while True:
        try:
            link.greet(timeout)
        except TimeoutError:
            before, had = had, qemu.busy_seconds()
            if had >= _FULL * timeout or had - before < _LEAST * timeout:
                raise
        else:
            return


def why_it_ended(qemu: QemuProcess, otherwise: str = "its console is silent") -> str:
    """Return what the console shows about the end: the kernel's complaint, init's own words, or the last line."""
    lines = [line for line in qemu.console_text().splitlines() if line.strip()]
    if (complaint := first_complaint(lines)) is not None:
        return complaint
    said = [line.partition(_INIT_SAYS)[2] for line in lines if _INIT_SAYS in line]
    if said:
        return said[-1]
    return f"last on its console: {lines[-1].strip()}" if lines else otherwise
