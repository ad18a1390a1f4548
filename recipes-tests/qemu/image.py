"""Boots an image that somebody else built (Yocto's, say) and logs in on its console. Nothing is added to the image."""

from __future__ import annotations

from pathlib import Path

from qemu.boot import why_it_ended
from qemu.console_link import ConsoleLink
from qemu.errors import GuestError
from qemu.machine import Machine, Shared
from qemu.options import Options
from qemu.process import QemuProcess

_EXT_MAGIC = (0x438, b"\x53\xef")
_CPIO_MAGICS = (b"070701", b"070702", b"\x1f\x8b", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x02\x21\x4c\x18", b"BZh")


def plan_image(options: Options, rootfs: Path) -> Machine:
    """Say how to boot the image. Raises GuestError if what was asked for does not fit an image."""
    if not isinstance(options.kernel, Path):
        raise GuestError("an image needs its own kernel: give --kernel FILE with --rootfs")
    for file in (options.kernel, rootfs):
        if not file.is_file():
            raise GuestError(f"there is no file {file}; build the image first")
    if options.module_args or options.preload:
        raise GuestError("an image has its own modules and files: leave out --module-args and --preload")
    if options.virtual_time:
        # An idle guest leaps ahead while the host types: its login gives up after a minute, a blink of ours.
        raise GuestError("an image's console cannot keep virtual time: leave out --virtual-time")
    is_disk = _is_disk(rootfs)
    words = f"root=/dev/vda rw {options.boot_words}" if is_disk else options.boot_words
    return Machine(
        arch=options.arch,
        kernel=options.kernel,
        memory=options.memory,
        initrd=None if is_disk else rootfs,
        disk=rootfs if is_disk else None,
        wav=options.wav,
        boot_words=words,
        shared=[Shared("share", options.share.resolve(), writable=True)] if options.share else [],
    )


def wait_for_login(qemu: QemuProcess, options: Options) -> ConsoleLink:
    """Return the link to a booted image. Raises GuestError with what its console says."""
    link = ConsoleLink(qemu.channel)
    try:
        link.log_in(options.boot_timeout)
        if options.share is not None:
            _mount(link, options.share.resolve())
    except TimeoutError:
        waited = f"within {options.boot_timeout:.0f} s ({why_it_ended(qemu)})"
        raise GuestError(f"the image showed no login {waited}; give it --boot-timeout") from None
    except GuestError as error:
        raise GuestError(f"the image did not boot: {error} ({why_it_ended(qemu)})") from None
    return link


def _mount(link: ConsoleLink, share: Path) -> None:
    if not link.mount_share(str(share)):
        raise GuestError("the image cannot mount 9p (CONFIG_9P_FS, CONFIG_NET_9P_VIRTIO); leave out --share")


def _is_disk(rootfs: Path) -> bool:
    with rootfs.open("rb") as file:
        head = file.read(0x440)
    offset, magic = _EXT_MAGIC
    if head[offset : offset + len(magic)] == magic:
        return True
    if head.startswith(_CPIO_MAGICS):
        return False
    raise GuestError(f"{rootfs} is no cpio archive and no ext4 file system; give the .cpio.gz or .ext4")
