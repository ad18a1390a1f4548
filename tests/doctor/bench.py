"""A Dragonboard 845c on a bench: its files as a running board has them, and whatever is to be wrong with it."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from pyaudiobus.devices.cards import Card
from pyaudiobus.devices.catalogue import Finding
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.doctor.diagnosis import Diagnosis, Result, diagnose
from pyaudiobus.doctor.evidence.machine import Machine
from pyaudiobus.doctor.evidence.mixer import ControlState
from pyaudiobus.doctor.evidence.programs import Program, Programs
from pyaudiobus.doctor.evidence.rights import Rights
from pyaudiobus.doctor.evidence.scene import look_around
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.board import Control

BOARD_FILE = Path(__file__).with_name("dragonboard.yaml")
RELEASE = "6.18.2"
AUDIO_GROUP, AUDIOBUS_USER = 29, 990
CARD = Card(0, "DB845c", "sdm845", "DB845c")
MODULES = (
    "qcom_q6v5_pas", "qcom_pd_mapper", "apr", "q6asm_dai", "q6routing", "slim_qcom_ngd_ctrl", "snd_soc_wcd934x",
    "snd_soc_wsa881x", "snd_soc_sdm845", "snd_compress",
)  # fmt: skip
SERVICES = {3: "qcom-q6core", 4: "qcom-q6afe", 7: "qcom-q6asm", 8: "qcom-q6adm"}
NODES = ("comprC0D3", "pcmC0D0p", "pcmC0D1p", "controlC0")
REMOTEPROC = "sys/class/remoteproc/remoteproc0"
FIRMWARE = "lib/firmware/qcom/sdm845/adsp.mbn"
ELF = b"\x7fELF" + bytes(64)


class Dragonboard(Machine):
    """A board below a folder, looked at by the user `audiobus`. Its tests take away what is to be missing."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.folder = root
        self.closed = False
        self.group = AUDIO_GROUP
        self.my_groups = frozenset({AUDIO_GROUP})
        self.missing_controls: set[str] = set()
        self.moved_controls: dict[str, bool | int | str] = {}
        self.default_output: AudiobusError | None = None
        self.units: tuple[str, ...] | None = ()
        self.libraries = Programs(Program("1.2.16 or newer"), Program("18.1.0"), Program("1.48.1"), Program("0.11.0"))
        self.answers = [
            Finding("hw:0,3", CARD, "/dev/snd/comprC0D3", quirks_for("sdm845").default_caps, ""),
        ]
        self._come_up()

    @property
    def board_file(self) -> str | None:
        """Where its board file lies; None if it has none."""
        return str(self.folder / "etc/audiobus/board.yaml")

    def put(self, name: str, text: str | bytes = "") -> Path:
        """Leave a file there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def take(self, name: str) -> None:
        """Take a file or a folder away."""
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    def log(self, *lines: str) -> None:
        """Let the kernel say something."""
        with (self.folder / "dev/kmsg").open("a") as file:
            for line in lines:
                file.write(f"4,812,5140900,-;{line}\n SUBSYSTEM=test\n")

    def examine(self) -> Diagnosis:
        """Ask the doctor."""
        return diagnose(look_around(self.board_file, self))

    def result(self, topic: str) -> Result:
        """Ask for one check."""
        return next(result for result in self.examine().results if result.topic == topic)

    # What happens to boards.

    def lose_dsp(self, state: str = "offline") -> None:
        """Let the DSP stand, and take away all that comes with it."""
        self.put(f"{REMOTEPROC}/state", f"{state}\n")
        self.lose_services()

    def lose_services(self) -> None:
        """Take the DSP's services away, and what comes with them."""
        self.take("sys/bus/aprbus/devices")
        self.put("sys/kernel/debug/devices_deferred", "sound\tsound: failed to get the dai of MultiMedia1\n")
        self.lose_card()

    def lose_card(self) -> None:
        """Take the card away, and all its devices."""
        self.put("proc/asound/cards", "--- no soundcards ---\n")
        self.take("dev/snd")
        self.take("sys/class/sound")
        self.answers.clear()

    def close(self) -> None:
        """Let nobody open the nodes any more."""
        self.closed = True
        reason = "no permission to open /dev/snd/comprC0D3; users of group audio may"
        self.answers[0] = self.answers[0].replace(caps=None, reason=reason)

    # What a Machine is asked.

    def release(self) -> str:
        return RELEASE

    def host(self) -> str:
        return "qcom-armv8a"

    def user(self) -> int:
        return AUDIOBUS_USER

    def groups(self) -> frozenset[int]:
        return self.my_groups

    def rights(self, path: str) -> Rights:
        return Rights(self.group, (self.folder / path).stat().st_mode & 0o777, may_open=not self.closed)

    def ask_devices(self) -> list[Finding]:
        return self.answers

    def controls(self, _: Card, wanted: tuple[Control, ...]) -> tuple[ControlState, ...]:
        return tuple(self._stands(control) for control in wanted)

    def try_default_output(self) -> AudiobusError | None:
        return self.default_output

    def programs(self) -> Programs:
        return self.libraries

    def failed_units(self) -> tuple[str, ...] | None:
        return self.units

    def _stands(self, control: Control) -> ControlState:
        if control.name in self.missing_controls:
            return ControlState(control, None, problem=f"card DB845c has no mixer control {control.name!r}")
        present = self.moved_controls.get(control.name, control.value)
        return ControlState(control, present, is_right=present == control.value)

    def _come_up(self) -> None:
        self._put_kernel()
        self._put_dsp()
        self._put_card()
        self.put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\naudiobus:x:990:990::/:/bin/false\n")
        self.put("etc/group", "root:x:0:\naudio:x:29:audiobus\naudiobus:x:990:\n")
        self.put("etc/audiobus/board.yaml", BOARD_FILE.read_bytes())
        (self.folder / "run/systemd/system").mkdir(parents=True)

    def _put_kernel(self) -> None:
        options = "CONFIG_SND=m\nCONFIG_SND_COMPRESS_OFFLOAD=m\nCONFIG_FW_LOADER_COMPRESS_XZ=y\n"
        self.put("proc/config.gz", gzip.compress(options.encode()))
        self.put("proc/modules", "".join(f"{name} 16384 0 - Live 0x0\n" for name in MODULES))
        paths = (f"kernel/sound/{name.replace('_', '-')}.ko:\n" for name in MODULES)
        self.put(f"lib/modules/{RELEASE}/modules.dep", "".join(paths))
        self.put(f"lib/modules/{RELEASE}/modules.builtin", "kernel/sound/core/snd.ko\n")
        self.put("sys/firmware/devicetree/base/model", "Thundercomm Dragonboard 845c\0")
        self.put("sys/firmware/devicetree/base/sound/model", "DB845c\0")
        self.put("dev/kmsg")

    def _put_dsp(self) -> None:
        self.put(FIRMWARE, ELF)
        for entry, name in (("remoteproc0", "adsp"), ("remoteproc1", "cdsp")):
            for file, text in (("name", name), ("state", "running"), ("recovery", "enabled")):
                self.put(f"sys/class/remoteproc/{entry}/{file}", f"{text}\n")
            self.put(f"sys/class/remoteproc/{entry}/firmware", f"qcom/sdm845/{name}.mbn\n")
        for number, driver in SERVICES.items():
            folder = self.folder / f"sys/bus/aprbus/devices/aprsvc:service:4:{number}"
            folder.mkdir(parents=True)
            (folder / "driver").symlink_to(f"../../drivers/{driver}")
        self.put("sys/kernel/debug/devices_deferred")

    def _put_card(self) -> None:
        self.put(
            "proc/asound/cards", " 0 [DB845c         ]: sdm845 - DB845c\n                      thundercomm-DB845c\n"
        )
        for name in NODES:
            self.put_node(name)

    def put_node(self, name: str, mode: int = 0o660) -> None:
        """Let the kernel have a device, and udev make its node."""
        (self.folder / f"sys/class/sound/{name}").mkdir(parents=True, exist_ok=True)
        self.put(f"dev/snd/{name}").chmod(mode)
