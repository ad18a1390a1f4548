"""Whether the remote processor runs."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.dsp import Processor
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well

_RUNNING = ("running", "attached")
_CLASS = "/sys/class/remoteproc"


def find_running_dsp(scene: Scene) -> Judgement:
    """The states are those of Documentation/ABI/testing/sysfs-class-remoteproc."""
    wanted = scene.board.dsp.remoteproc
    if not wanted:
        return unchecked("no board file names a DSP")
    processor = scene.dsp.processor(wanted)
    if processor is None:
        return _is_absent(scene, wanted)
    if processor.state in _RUNNING:
        return well(f"{wanted} ({processor.entry}) is {processor.state}")
    if processor.state == "crashed":
        return _has_crashed(scene, wanted, processor)
    if processor.state != "offline":
        return _is_between(wanted, processor)
    return broken(
        f"{wanted} ({processor.entry}) is offline",
        facts=scene.said(processor.entry, f"initializing firmware {processor.firmware}", f"rproc {wanted}"),
        advice="If its firmware came late (a root filesystem mounted after the driver asked), starting it is enough.",
        command=f"echo start > {_CLASS}/{processor.entry}/state",
        because=f"the DSP {wanted} is offline",
    )


def _is_between(wanted: str, processor: Processor) -> Judgement:
    """Suspended, being deleted, or a state that is younger than this program."""
    state = processor.state or "in an unknown state"
    return broken(
        f"{wanted} ({processor.entry}) is {state}",
        advice="Nothing can be started in this state; look again, and if it stays so, at what the kernel says.",
        command=f"dmesg | grep -e {processor.entry} -e remoteproc",
        because=f"the DSP {wanted} is {state}",
    )


def _is_absent(scene: Scene, wanted: str) -> Judgement:
    others = ", ".join(f"{other.name} ({other.state})" for other in scene.dsp.processors)
    return broken(
        f"the kernel has no remote processor {wanted}",
        facts=(f"there {'is' if others else 'are'} {others or 'none'}", *scene.said("remoteproc", "q6v5")),
        advice="Its driver is missing (CONFIG_QCOM_Q6V5_PAS), or the device tree does not have it switched on.",
        command="modprobe qcom_q6v5_pas; ls /sys/class/remoteproc",
        because=f"the kernel has no remote processor {wanted}",
    ).replace(not_from=("firmware",))  # a processor is there before anybody asks for its firmware (qcom_q6v5_pas.c)


def _has_crashed(scene: Scene, wanted: str, processor: Processor) -> Judgement:
    """A crashed processor still counts as started: only a recovery starts it anew (remoteproc_core.c)."""
    file, word = ("recovery", "recover") if processor.can_recover else ("state", "start")
    return broken(
        f"{wanted} ({processor.entry}) has crashed",
        facts=scene.said("fatal error", f"crash detected in {wanted}", f"in {processor.name}", processor.entry),
        advice="If it crashes again, its firmware and the kernel do not fit each other.",
        command=f"echo {word} > {_CLASS}/{processor.entry}/{file}",
        because=f"the DSP {wanted} has crashed",
    )
