"""What can be wrong with a Dragonboard 845c, in its owner's words, and how to make it so on the bench."""

from __future__ import annotations

import errno
from collections.abc import Callable

from pyaudiobus.devices.compress import CompressCaps
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import Codec
from tests.doctor.bench import FIRMWARE, RELEASE, Dragonboard

ROUTE = "QUAT_MI2S_RX Audio Mixer MultiMedia4"
Spoil = Callable[[Dragonboard], object]
_NOT_FOUND = "remoteproc remoteproc0: Direct firmware load for qcom/sdm845/adsp.mbn failed with error -2"


def _misspell(board: Dragonboard) -> None:
    text = (board.folder / "etc/audiobus/board.yaml").read_text()
    board.put("etc/audiobus/board.yaml", text.replace("remoteproc:", "remotproc:"))


def _boot_another_kernel(board: Dragonboard) -> None:
    board.take("lib/modules")
    board.put("lib/modules/6.18.1/modules.dep")
    board.put("proc/modules")
    board.lose_dsp()


def _build_without_sound(board: Dragonboard) -> None:
    board.put("proc/config.gz")
    board.put(f"boot/config-{RELEASE}", "CONFIG_MODULES=y\n# CONFIG_SOUND is not set\n")
    board.put(f"lib/modules/{RELEASE}/modules.dep", "kernel/drivers/soc/qcom/apr.ko:\n")
    board.put("proc/modules")
    board.lose_dsp()
    board.take("proc/asound")


def _boot_another_tree(board: Dragonboard) -> None:
    board.put("sys/firmware/devicetree/base/model", "Lenovo Yoga C630\0")
    board.put("sys/firmware/devicetree/base/sound/model", "Lenovo-YOGA-C630-13Q50\0")
    board.lose_card()


def _forget_a_module(board: Dragonboard) -> None:
    for name in ("proc/modules", f"lib/modules/{RELEASE}/modules.dep"):
        kept = (line for line in (board.folder / name).read_text().splitlines(keepends=True) if "sdm845" not in line)
        board.put(name, "".join(kept))
    board.lose_card()


def _forget_the_firmware(board: Dragonboard) -> None:
    board.take(FIRMWARE)
    board.log(_NOT_FOUND)
    board.lose_dsp()


def _truncate_the_firmware(board: Dragonboard) -> None:
    board.put(FIRMWARE)
    board.log("qcom_q6v5_pas 17300000.remoteproc: error -22 initializing firmware qcom/sdm845/adsp.mbn")
    board.lose_dsp()


def _mistake_the_firmware(board: Dragonboard) -> None:
    board.put(FIRMWARE, "<!DOCTYPE html>\n")
    board.lose_dsp()


def _bring_the_firmware_late(board: Dragonboard) -> None:
    board.log(_NOT_FOUND, "remoteproc remoteproc0: request_firmware failed: -2")
    board.lose_dsp()


def _crash(board: Dragonboard) -> None:
    board.log("qcom_q6v5_pas 17300000.remoteproc: fatal error received: :Excep  :0:Exception detected")
    board.lose_dsp("crashed")


def _switch_the_dsp_off(board: Dragonboard) -> None:
    board.take("sys/class/remoteproc/remoteproc0")
    board.lose_services()


def _forget_the_domain_mapper(board: Dragonboard) -> None:
    kept = (
        line for line in (board.folder / "proc/modules").read_text().splitlines(keepends=True) if "pd_map" not in line
    )
    board.put("proc/modules", "".join(kept))
    board.lose_services()


def _defer(board: Dragonboard) -> None:
    board.put("sys/kernel/debug/devices_deferred", "sound\tsound: wait for wcd9340 codec\n")
    board.lose_card()


def _lose_the_card(board: Dragonboard) -> None:
    board.log("sdm845-snd-card sound: ASoC: failed to init link SLIM Playback: -22")
    board.lose_card()


def _get_another_driver(board: Dragonboard) -> None:
    board.put("proc/asound/cards", " 0 [DB845c         ]: qcom-sdm845 - DB845c\n                      DB845c\n")


def _renumber(board: Dragonboard) -> None:
    board.take("dev/snd/comprC0D3")
    board.take("sys/class/sound/comprC0D3")
    board.put_node("comprC0D4")


def _forget_udev(board: Dragonboard) -> None:
    board.take("dev/snd/comprC0D3")
    board.answers.clear()


def _leave_the_group(board: Dragonboard) -> None:
    board.put("etc/group", "root:x:0:\naudio:x:29:\naudiobus:x:990:\n")
    board.close()
    board.my_groups = frozenset({990})


def _leave_it_to_root(board: Dragonboard) -> None:
    board.group = 0
    board.close()


def _hold(board: Dragonboard) -> None:
    board.put("proc/321/comm", "mpd\n")
    board.put("proc/321/cgroup", "0::/system.slice/mpd.service\n")
    (board.folder / "proc/321/fd").mkdir()
    (board.folder / "proc/321/fd/7").symlink_to((board.folder / "dev/snd/comprC0D3").resolve())


def _take_flac_away(board: Dragonboard) -> None:
    caps = quirks_for("sdm845").default_caps
    less = CompressCaps(codecs=(Codec.MP3,), fragment_size=caps.fragment_size, fragments=caps.fragments)
    board.answers[0] = board.answers[0].replace(caps=less)


def _rename_the_route(board: Dragonboard) -> None:
    board.missing_controls.add(ROUTE)


def _turn_a_control(board: Dragonboard) -> None:
    board.moved_controls["COMP7 Switch"] = False


def _have_no_default(board: Dragonboard) -> None:
    text = (board.folder / "etc/audiobus/board.yaml").read_text()
    board.put("etc/audiobus/board.yaml", text.replace("  pcm: hdmi\n", ""))
    board.default_output = DeviceError.from_errno("open", "alsa:default", errno.ENOENT)


def _fail_a_unit(board: Dragonboard) -> None:
    board.units = ("audiobus-card@DB845c.service",)


FAILURES: dict[str, Spoil] = {
    "its board file has a mistake": _misspell,
    "the kernel is of another build than the root filesystem": _boot_another_kernel,
    "the kernel was built without sound": _build_without_sound,
    "the kernel was booted with another board's device tree": _boot_another_tree,
    "the module of its card is not installed": _forget_a_module,
    "the DSP's firmware is not installed": _forget_the_firmware,
    "the DSP's firmware is an empty file": _truncate_the_firmware,
    "the DSP's firmware is a web page": _mistake_the_firmware,
    "the firmware came after the driver had asked for it": _bring_the_firmware_late,
    "the DSP has crashed": _crash,
    "the kernel has no remote processor for the DSP": _switch_the_dsp_off,
    "nobody maps the DSP's protection domains": _forget_the_domain_mapper,
    "the DSP runs, but its audio services stay away": lambda board: board.lose_services(),
    "the codec of the card never comes up": _defer,
    "the card's driver gives up": _lose_the_card,
    "the card has another driver": _get_another_driver,
    "the compress device has another number": _renumber,
    "udev has not made the device's node": _forget_udev,
    "the user is not in the group audio": _leave_the_group,
    "the device belongs to root alone": _leave_it_to_root,
    "another player has the device": _hold,
    "the DSP does not take FLAC": _take_flac_away,
    "the mixer has no control of the route's name": _rename_the_route,
    "somebody has moved a mixer control": _turn_a_control,
    "decoded audio has no card to go to": _have_no_default,
    "a unit of ours has failed": _fail_a_unit,
}
"""In the order in which a board comes up."""


def spoil(board: Dragonboard, failure: str) -> None:
    """Make one thing go wrong."""
    FAILURES[failure](board)
