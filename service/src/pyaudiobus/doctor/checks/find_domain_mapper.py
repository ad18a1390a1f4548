"""Whether anything tells the kernel where the DSP's audio service runs."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well

_MODULE = "qcom_pd_mapper"
_OPTION = "QCOM_PD_MAPPER"


def find_domain_mapper(scene: Scene) -> Judgement:
    """On Qualcomm's DSPs audio is a protection domain, msm/adsp/audio_pd, that has to be asked for by name."""
    if not scene.expects_services:
        return unchecked("no board file names a Qualcomm DSP")
    if scene.dsp.domain_mapper:
        return well(f"{scene.dsp.domain_mapper} answers")
    if scene.kernel.has(_MODULE) or scene.kernel.config.get(_OPTION) == "y":
        return well(f"the kernel's own ({_MODULE}) answers")
    if scene.dsp.services:
        return well("the services are up; somebody has answered")
    can_load = scene.kernel.can_load(_MODULE)
    return broken(
        "neither qcom_pd_mapper nor pd-mapper runs",
        facts=() if can_load else (f"this kernel has no module {_MODULE}",),
        advice="" if can_load else f"Build the kernel with CONFIG_{_OPTION}=m (since 6.11), or install pd-mapper.",
        command=f"modprobe {_MODULE}" if can_load else "systemctl start pd-mapper",
        because="nobody maps the DSP's protection domains",
    )
