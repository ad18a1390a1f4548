"""Whether there is the user that the units run as."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.people import SERVICE_USER
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, doubtful, unchecked, well


def find_service_user(scene: Scene) -> Judgement:
    """Only where a board file says that this machine is a board."""
    if not scene.file.path:
        return unchecked("no board file: nothing is run by units here")
    if scene.people.user(SERVICE_USER) is not None:
        return well(f"the user {SERVICE_USER} is there")
    return doubtful(
        f"there is no user {SERVICE_USER}, as whom the units play",
        advice="The package makes it; by hand:",
        command=f"useradd --system --no-create-home --groups audio {SERVICE_USER}",
    )
