"""The guest driver itself: what it hands back, and how each kind of trouble ends. No audio is played here."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qemu.cpio import CpioWriter
from qemu.errors import CommandTimeoutError, GuestError, KernelComplaintError
from qemu.guest import Guest
from qemu.initramfs import busybox
from qemu.kernels import debian_kernel

pytestmark = pytest.mark.guest

COMMAND = Path(__file__).parent / "qemu" / "guest"


def test_a_command_returns_its_output_its_errors_and_its_status_apart(guest: Guest) -> None:
    result = guest.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (result.stdout, result.stderr, result.status) == (b"out\n", b"err\n", 7)


def test_a_command_that_a_signal_ended_says_so_as_a_shell_does(guest: Guest) -> None:
    assert guest.run(["sh", "-c", "kill -9 $$"]).status == 128 + 9


def test_a_command_gets_its_input_its_folder_and_its_variables(guest: Guest) -> None:
    result = guest.run(["sh", "-c", "cat; pwd; echo $NAME"], stdin=b"in\n", cwd="/usr", env={"NAME": "a b"})
    assert result.stdout == b"in\n/usr\na b\n"


def test_the_checkout_and_its_environment_are_at_hand(guest: Guest) -> None:
    result = guest.run(["python", "-c", "import sys, yaml; print(sys.prefix)"]).check()
    assert result.text.strip().endswith(".venv")


def test_the_guest_is_root_on_a_kernel_of_its_own(guest: Guest) -> None:
    user, release = guest.run(["sh", "-c", "id -u; uname -r"]).text.split()
    assert user == "0"
    assert release != os.uname().release


def test_the_virtual_dsp_is_card_0(guest: Guest) -> None:
    guest.run(["test", "-c", "/dev/snd/comprC0D0"]).check()


def test_what_the_guest_writes_to_the_host_s_files_stays_in_the_guest(guest: Guest) -> None:
    guest.run(["sh", "-c", "echo changed >LICENSE"]).check()
    assert guest.read(Path("LICENSE").resolve()) == b"changed\n"
    assert Path("LICENSE").read_bytes() != b"changed\n"


def test_what_the_guest_writes_to_the_shared_folder_is_on_the_host(guest: Guest) -> None:
    assert guest.share is not None
    guest.run(["sh", "-c", f"echo result >{guest.share}/file"]).check()
    assert (guest.share / "file").read_bytes() == b"result\n"


def test_files_of_any_size_travel_whole(guest: Guest) -> None:
    data = os.urandom(3_000_000)
    guest.write("/run/data", data)
    assert guest.read("/run/data") == data


def test_a_missing_file_a_missing_program_and_a_missing_folder_are_named(guest: Guest) -> None:
    with pytest.raises(FileNotFoundError, match="/no/file"):
        guest.read("/no/file")
    with pytest.raises(FileNotFoundError, match="no-program"):
        guest.run(["no-program"])
    with pytest.raises(FileNotFoundError, match="/no/folder"):
        guest.run(["true"], cwd="/no/folder")


def test_a_command_that_hangs_is_killed_and_its_output_is_kept(guest: Guest) -> None:
    with pytest.raises(CommandTimeoutError, match="did not end within 1 s") as caught:
        guest.run(["sh", "-c", "echo begun; sleep 1000"], timeout=1)
    assert caught.value.stdout == b"begun\n"
    assert guest.run(["pgrep", "-x", "sleep"]).status == 1


def test_a_command_in_the_background_runs_until_it_is_killed(guest: Guest) -> None:
    background = guest.spawn(["sleep", "1000"])
    assert background.is_running
    background.kill()
    assert background.wait().status == 128 + 15


def test_a_complaint_of_the_kernel_is_an_error_with_its_words(guest: Guest) -> None:
    with pytest.raises(KernelComplaintError, match="WARNING: CPU: 0 PID: 1 at test"):
        guest.run(["sh", "-c", "echo '<4>WARNING: CPU: 0 PID: 1 at test' >/dev/kmsg"])
    assert guest.run(["true"]).status == 0


def test_an_hour_of_sleep_costs_seconds_in_virtual_time(virtual_guest: Guest) -> None:
    began = time.monotonic()
    usage = virtual_guest.run(["sleep", "3600"], timeout=60).check().usage
    assert usage is not None
    assert usage.wall_ns >= 3600e9
    assert time.monotonic() - began < 30


def test_virtual_time_stands_still_between_two_commands(virtual_guest: Guest) -> None:
    before = float(virtual_guest.read("/proc/uptime").split()[0])
    time.sleep(0.5)
    assert float(virtual_guest.read("/proc/uptime").split()[0]) - before < 0.1


def test_an_endless_loop_is_killed_in_virtual_time_too(virtual_guest: Guest) -> None:
    with pytest.raises(CommandTimeoutError):
        virtual_guest.run(["sh", "-c", "while :; do :; done"], timeout=1)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A kernel and a root such as a board team has them: a login on the console, none of our programs."""
    root = CpioWriter()
    root.add_device("dev/console", 5, 1)
    root.add_file("bin/busybox", busybox("x86_64").read_bytes(), 0o755)
    root.add_file("init", _IMAGE_INIT, 0o755)
    root.add_file("etc/inittab", b"ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n")
    root.add_file("etc/passwd", b"root::0:0:root:/root:/bin/sh\n")
    rootfs = tmp_path_factory.mktemp("image") / "image.cpio.gz"
    rootfs.write_bytes(gzip.compress(root.render(), 1))
    return debian_kernel("x86_64").image, rootfs


_IMAGE_INIT = b"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /sbin /usr/bin /usr/sbin /root
/bin/busybox --install -s
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec init
"""


@pytest.fixture(scope="session")
def image_guest(image: tuple[Path, Path]) -> Iterator[Guest]:
    kernel, rootfs = image
    with Guest(kernel=kernel, rootfs=rootfs) as booted:
        yield booted


def test_an_image_is_driven_over_its_console(image_guest: Guest) -> None:
    result = image_guest.run(["sh", "-c", "cat; echo $NAME >&2; exit 3"], stdin=b"a\0'\x03\x04", env={"NAME": "b c"})
    assert (result.stdout, result.stderr, result.status) == (b"a\0'\x03\x04", b"b c\n", 3)


def test_files_travel_over_a_console_unharmed(image_guest: Guest) -> None:
    every_byte = bytes(range(256)) * 4
    image_guest.write("/tmp/every byte", every_byte)
    assert image_guest.read("/tmp/every byte") == every_byte


def test_a_command_that_hangs_in_an_image_is_killed(image_guest: Guest) -> None:
    with pytest.raises(CommandTimeoutError) as caught:
        image_guest.run(["sh", "-c", "echo begun; sleep 1000"], timeout=1)
    assert caught.value.stdout == b"begun\n"
    assert image_guest.run(["true"]).status == 0


def test_a_dead_kernel_is_reported_with_its_last_words(image: tuple[Path, Path]) -> None:
    kernel, rootfs = image
    with (
        pytest.raises(KernelComplaintError, match="sysrq triggered crash"),
        Guest(kernel=kernel, rootfs=rootfs) as guest,
    ):
        guest.run(["sh", "-c", "echo c >/proc/sysrq-trigger"], timeout=30)


def test_an_image_that_never_shows_a_login_is_given_up(image: tuple[Path, Path], tmp_path: Path) -> None:
    root = CpioWriter()
    root.add_file("init", busybox("x86_64").read_bytes(), 0o755)
    (tmp_path / "silent.cpio").write_bytes(root.render())
    with (
        pytest.raises(GuestError, match=r"no login within 5 s|did not boot"),
        Guest(kernel=image[0], rootfs=tmp_path / "silent.cpio", boot_timeout=5),
    ):
        pass


def test_a_file_that_is_no_image_is_refused_before_the_boot(image: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "image.wic").write_bytes(b"\0" * 4096)
    with pytest.raises(GuestError, match=r"no cpio archive"), Guest(kernel=image[0], rootfs=tmp_path / "image.wic"):
        pass


def test_a_module_that_does_not_build_is_shown_with_its_first_error(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("obj-m := broken.o\n")
    (tmp_path / "broken.c").write_text("int x = ;\n")
    with (
        pytest.raises(GuestError, match=r"does not build for .*broken\.c:1:9: error: .*make -C"),
        Guest(driver=tmp_path),
    ):
        pass


def test_a_kernel_without_compress_offload_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pyaudiobus/guest/kernels/6.1-aarch64"
    folder.mkdir(parents=True)
    (folder / "abi").write_text("6.1.0-1-arm64")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(GuestError, match=r"has no snd-compress; use --kernel 6\.12"):
        debian_kernel("aarch64", "6.1")


def test_the_command_prints_what_the_guest_s_command_printed_and_nothing_else() -> None:
    done = _guest_command("run", "--no-module", "--", "sh", "-c", "echo out; echo err >&2; exit 9")
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 9)


def test_without_qemu_the_command_names_what_installs_it(tmp_path: Path) -> None:
    done = _guest_command("run", "--no-module", "--", "true", path=_tools_without_qemu(tmp_path))
    assert done.stderr == b"guest: qemu-system-x86_64 is not installed; run 'make deps'\n"
    assert done.returncode == 125


def test_a_series_that_is_not_at_hand_is_refused() -> None:
    done = _guest_command("run", "--kernel", "5.9", "--", "true")
    assert b"no 5.9 kernel to test with; use --kernel 6.1 or --kernel 6.12" in done.stderr
    assert done.returncode == 125


def _guest_command(*words: str, path: str | None = None) -> subprocess.CompletedProcess[bytes]:
    env = os.environ | ({"PATH": path} if path is not None else {})
    return subprocess.run(
        [sys.executable, str(COMMAND), *words], capture_output=True, timeout=120, env=env, check=False
    )


def _tools_without_qemu(folder: Path) -> str:
    for name in ("dpkg-deb", "tar", "make", "gcc", "depmod"):
        found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
        if found is not None:
            (folder / name).symlink_to(found)
    return str(folder)
