"""The `guest` command: what people type, what they see, and the exit status they get."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qemu.boot import plan_machine
from qemu.cache import cache_root
from qemu.errors import CommandTimeoutError, GuestError, KernelComplaintError
from qemu.guest import Guest
from qemu.machine import QEMU
from qemu.options import DRIVER_SOURCES
from qemu.surroundings import surroundings_for

_STATUS = """exit status:
  the command's own (128 + N after signal N), or
  120  the guest's kernel complained (warning, oops, panic); its lines are on standard error
  124  the command did not end in time and was killed; its output so far is printed
  125  the guest could not be prepared, did not boot, or died; one sentence says what to do
  126  the command is there but cannot be run
  127  there is no such command
"""


def main(words: Sequence[str]) -> int:
    """Carry out one command line and return the exit status."""
    chosen = _parser().parse_args(words)
    try:
        return int(chosen.action(chosen))
    except CommandTimeoutError as error:
        _print_output(error.stdout, error.stderr)
        return _complain(error)
    except KernelComplaintError as error:
        print(error.log, file=sys.stderr)
        return _complain(error)
    except GuestError as error:
        return _complain(error)
    except KeyboardInterrupt:
        return 130


def _run(chosen: argparse.Namespace) -> int:
    with _guest(chosen) as guest:
        stdin = sys.stdin.buffer.read() if chosen.stdin else b""
        try:
            result = guest.run(
                chosen.command,
                timeout=chosen.timeout,
                cwd=chosen.cwd,
                env=dict(pair.partition("=")[::2] for pair in chosen.env),
                stdin=stdin,
            )
        except OSError as error:
            print(f"guest: {error.strerror}: {error.filename}", file=sys.stderr)
            return 127 if isinstance(error, FileNotFoundError) else 126
        _print_output(result.stdout, result.stderr)
        return result.status


def _guest(chosen: argparse.Namespace) -> Guest:
    return Guest(
        arch=chosen.arch,
        kernel=_series_or_file(chosen.kernel),
        virtual_time=chosen.virtual_time,
        driver=None if chosen.no_module else chosen.module,
        module_args=chosen.module_args,
        wav=chosen.wav,
        memory=chosen.memory,
        share=chosen.share,
        preload=chosen.preload,
        rootfs=chosen.rootfs,
        boot_words=chosen.append,
        boot_timeout=chosen.boot_timeout,
    )


def _series_or_file(kernel: str | None) -> str | Path | None:
    return Path(kernel) if kernel is not None and not re.fullmatch(r"\d+\.\d+", kernel) else kernel


def _clean(_: argparse.Namespace) -> int:
    shutil.rmtree(cache_root(), ignore_errors=True)
    return 0


def _prepare(chosen: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="guest-") as work:
        plan_machine(_guest(chosen), surroundings_for(chosen.arch), Path(work))
    return 0


def _print_output(stdout: bytes, stderr: bytes) -> None:
    for stream, data in ((sys.stdout, stdout), (sys.stderr, stderr)):
        stream.buffer.write(data)
        stream.buffer.flush()


def _complain(error: GuestError) -> int:
    print(f"guest: {error}", file=sys.stderr)
    return error.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guest",
        description="Run a command in a QEMU guest that has a virtual DSP at /dev/snd/comprC0D0.",
        epilog=_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    run = actions.add_parser("run", help="boot, run one command, end", epilog=_STATUS)
    run.formatter_class = argparse.RawDescriptionHelpFormatter
    run.set_defaults(action=_run)
    _add_machine(run)
    _add_command(run)
    prepare = actions.add_parser("prepare", help="fetch the kernel and build the module, and run nothing")
    prepare.set_defaults(action=_prepare)
    _add_machine(prepare)
    clean = actions.add_parser("clean", help="forget every kernel, module and root that was prepared")
    clean.set_defaults(action=_clean)
    return parser


def _add_machine(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--arch", choices=sorted(QEMU), default="x86_64")
    add(
        "--kernel", metavar="VERSION|FILE", help="Debian's 6.1 (default on x86_64) or 6.12; with --rootfs an image file"
    )
    add("--rootfs", type=Path, metavar="FILE", help="an image's root (cpio or ext4), driven over its serial console")
    add("--append", default="", metavar="WORDS", help="added to the kernel's command line")
    add("--virtual-time", action="store_true", help="one instruction is one nanosecond; sleeping costs nothing")
    add(
        "--preload",
        action="append",
        default=[],
        metavar="PATH",
        help="copy to memory first (see the README); repeatable",
    )
    add("--module", type=Path, default=DRIVER_SOURCES, metavar="DIR", help="sources of the module (default: ours)")
    add("--no-module", action="store_true", help="no virtual DSP")
    add("--module-args", default="", metavar="WORDS", help="parameters of the module, as for insmod")
    add("--wav", type=Path, metavar="OUT.wav", help="add an HDA card, hw:1,0, that plays into this file at 48 kHz")
    add("--memory", type=int, default=768, metavar="MIB")
    add("--share", type=Path, metavar="DIR", help="a folder the guest may write to, under the same path")
    add("--boot-timeout", type=float, default=120.0, metavar="S")


def _add_command(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--timeout", type=float, default=600.0, metavar="S", help="for the command, on the host's clock (default 600)")
    add("--cwd", type=Path, metavar="DIR", help="where it runs (default: the checkout; / in an image)")
    add("--env", action="append", default=[], metavar="NAME=VALUE", help="repeatable")
    add("--stdin", action="store_true", help="hand on standard input (otherwise it is empty)")
    add("command", nargs="+", metavar="COMMAND", help="after --")
