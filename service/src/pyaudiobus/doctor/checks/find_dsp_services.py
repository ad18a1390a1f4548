"""Whether the DSP's audio services have come up, and a driver has taken each."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well

_WORDS = ("apr_audio_svc", "APR", "PDR", "qcom,apr", "q6asm", "q6afe")


def find_dsp_services(scene: Scene) -> Judgement:
    """Services appear on the APR bus (GPR on newer chips) once the DSP's audio domain has announced itself."""
    if not scene.expects_services:
        return unchecked("no board file names a Qualcomm DSP")
    services = scene.dsp.services
    if not services:
        reason = "" if scene.dsp.has_bus else "the kernel has no such bus: apr.ko is missing or not loaded"
        return broken(
            "none of the DSP's audio services has come up",
            facts=((reason,) if reason else ()) + scene.said(*_WORDS),
            advice="" if reason else "The DSP runs without its audio domain, or nobody has mapped it.",
            command="modprobe apr" if reason else "dmesg | grep -i -e apr -e pdr -e qrtr",
            because="the DSP's audio services are not up",
        )
    idle = [service.name for service in services if not service.driver]
    if idle:
        return broken(
            f"no driver has taken {', '.join(idle)}",
            facts=scene.said(*_WORDS),
            command="modprobe -a q6core q6afe q6asm q6adm",
            because="a service of the DSP has no driver",
        )
    return well(f"{len(services)} are up: {', '.join(service.driver for service in services)}")
