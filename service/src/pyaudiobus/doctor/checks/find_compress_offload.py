"""Whether this kernel has sound, and compress offload in it."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well

_MODULE = "snd_compress"
_OPTION = "SND_COMPRESS_OFFLOAD"
_BECAUSE = "the kernel has no compress offload"


def find_compress_offload(scene: Scene) -> Judgement:
    """The core of compress devices is an option without a prompt: some driver has to select it."""
    kernel = scene.kernel
    if kernel.has(_MODULE) or scene.sound.compress:
        return well(f"Linux {kernel.release} has compress offload")
    if not scene.is_meant_to_offload:
        return unchecked("nothing here needs it")
    if kernel.other_releases:
        return _lacks_its_modules(kernel.release, kernel.other_releases)
    if kernel.can_load(_MODULE):
        return well(f"Linux {kernel.release} has compress offload, as a module that its driver loads")
    return _by_configuration(scene)


def _by_configuration(scene: Scene) -> Judgement:
    kernel = scene.kernel
    option = kernel.config.get(_OPTION)
    if option == "y":
        return well(f"Linux {kernel.release} has compress offload built in")
    if option == "m":
        return _lost_its_module(kernel.release)
    if kernel.lacks(_OPTION) or kernel.on_disk or kernel.built_in:
        return _was_built_without(scene)
    return unchecked("the kernel tells neither its configuration nor its modules")


def _lacks_its_modules(release: str, others: tuple[str, ...]) -> Judgement:
    return broken(
        f"/lib/modules has no modules for the kernel that runs, {release}",
        facts=(f"it has them for {', '.join(others)}",),
        advice="Flash the kernel and the root filesystem of one and the same build.",
        command="uname -r; ls /lib/modules",
        because="the kernel that runs has no modules",
    )


def _lost_its_module(release: str) -> Judgement:
    return broken(
        f"snd-compress.ko is not in /lib/modules/{release}",
        facts=(f"CONFIG_{_OPTION}=m",),
        advice="Install the package kernel-modules (IMAGE_INSTALL).",
        command=f"find /lib/modules/{release} -name 'snd-*'",
        because=_BECAUSE,
    )


def _was_built_without(scene: Scene) -> Judgement:
    release, has_sound = scene.kernel.release, scene.sound.has_core
    is_sdm845 = any(card.driver == "sdm845" for card in scene.board.cards)
    option = _OPTION if has_sound else "SOUND and CONFIG_SND"
    return broken(
        f"Linux {release} was built without {'compress offload' if has_sound else 'sound'}",
        facts=(f"CONFIG_{option} not set",),
        advice="Build it with the driver of the board's card"
        + (
            ": CONFIG_SND_SOC_SDM845=m selects all that it needs."
            if is_sdm845
            else ", which selects all that it needs."
        ),
        command="zcat /proc/config.gz | grep -e CONFIG_SND_SOC -e COMPRESS",
        because=_BECAUSE,
    )
