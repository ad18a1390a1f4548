#
# SPDX-License-Identifier: MIT
#
"""Does sound come out? Cases for testimage: on QEMU's machines with the virtual DSP, on boards with their own.

What the virtual DSP consumed is compared with what an MP3 or a FLAC consists of by their own specifications; nothing
here asks the service what it should have sent. All in one file, since oeqa takes every file beside it for cases.
Past 300 lines because testimage takes a file's cases in one order.
"""

import hashlib
import io
import json
import shlex
import time
import wave

from oeqa.core.decorator.data import skipIfNotFeature, skipIfNotQemu, skipIfQemu
from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage

MP3 = "/usr/share/audiobus/demo/carillon.mp3"
FLAC = "/usr/share/audiobus/demo/carillon.flac"
BOOKS = "/sys/kernel/debug/snd_virtual_dsp"
SCRATCH = "/tmp/pyaudiobus-test"
UNTIL = "until {}; do n=$((n-1)); [ $n -gt 0 ] || exit 1; sleep 1; done"

# MPEG-1 layer III (ISO 11172-3, 2.4.2.3), by the header's index.
KBIT_PER_SECOND = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES = (44100, 48000, 32000)


def without_id3(data):
    """Return an MP3 without the ID3v2 tag at its head, whose size has 7 bits a byte (id3.org, 3.1)."""
    if data[:3] != b"ID3":
        return data
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte
    return data[10 + size :]


def mp3_stream(data):
    """Return what a DSP is to get of an MP3: its frames, without tag and without the frame that tells of the others."""
    frames = without_id3(data)
    rate = RATES[frames[2] >> 2 & 3]
    size = 144000 * KBIT_PER_SECOND[frames[2] >> 4] // rate + (frames[2] >> 1 & 1)
    tells = b"Info" in frames[:size] or b"Xing" in frames[:size]
    return frames[size:] if tells else frames


def flac_parts(data):
    """Return STREAMINFO's 34 bytes and all frames of a FLAC (RFC 9639, 8.1)."""
    info, place, is_last = b"", 4, False
    while not is_last:
        is_last, kind = data[place] & 0x80, data[place] & 0x7F
        size = int.from_bytes(data[place + 1 : place + 4], "big")
        if kind == 0:
            info = data[place + 4 : place + 4 + size]
        place += 4 + size
    return info, data[place:]


def flac_stream(data):
    """Return what a DSP is to get of a FLAC: STREAMINFO alone of all metadata, marked as the last, then all frames."""
    info, frames = flac_parts(data)
    return b"fLaC" + bytes([0x80]) + len(info).to_bytes(3, "big") + info + frames


class PyaudiobusCase(OERuntimeTestCase):
    """How the cases below talk to the target. Holds no test."""

    def done(self, command, timeout=None):
        """Run a command that must succeed; return what it printed."""
        status, output = self.target.run(command, timeout=timeout)
        self.assertEqual(status, 0, f"{command}\n{output}")
        return output

    def done_by_audiobus(self, command):
        """The same, as the user audiobus, who is not root."""
        return self.done(f"su -s /bin/sh audiobus -c {shlex.quote(command)}")

    def content(self, path):
        """Return a file of the target's. Not by scp, which takes debugfs's files for empty, as they have no size."""
        return bytes.fromhex(self.done(f"python3 -c \"print(open('{path}', 'rb').read().hex())\""))

    def played(self, file, *flags):
        """Play a file as the user audiobus; return the summary's facts."""
        output = self.done_by_audiobus(" ".join(["audiobus", "play", "--json", *flags, file]))
        events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        summaries = [event for event in events if event["event"] == "summary"]
        self.assertEqual(len(summaries), 1, output)
        return summaries[0]


class PyaudiobusSystemTest(PyaudiobusCase):
    """What is true of every image: user, folders, device nodes, units, and what the doctor says."""

    @OETestDepends(["ssh.SSHTest.test_ssh"])
    @OEHasPackage(["pyaudiobus"])
    def test_user_is_in_group_audio(self):
        groups = self.done("id -Gn audiobus").split()
        self.assertIn("audio", groups)
        self.assertNotEqual(self.done("id -u audiobus").strip(), "0")

    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_user_is_in_group_audio"])
    @skipIfNotFeature("systemd", "Folders are made by systemd-tmpfiles")
    def test_folders_are_there(self):
        listed = self.done("stat -c '%U:%G %a' /run/audiobus /var/lib/audiobus").split("\n")
        self.assertEqual(listed[:2], ["root:audiobus 1775", "audiobus:audiobus 750"])

    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_user_is_in_group_audio"])
    def test_sound_nodes_belong_to_group_audio(self):
        listed = self.done("stat -c '%n %G %a' /dev/snd/controlC*").splitlines()
        self.assertTrue(listed, "there is no sound card")
        for line in listed:
            self.assertEqual(line.split()[1:], ["audio", "660"], line)

    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_user_is_in_group_audio"])
    def test_board_file_is_valid(self):
        self.done("audiobus board check")

    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_board_file_is_valid"])
    @skipIfNotFeature("systemd", "Cards are set up by units")
    def test_controls_were_set_when_cards_appeared(self):
        for card in self.done("cat /sys/class/sound/card*/id").split():
            shown = self.done(f"systemctl show -p ConditionResult,ExecMainStatus,Result audiobus-card@{card}.service")
            facts = dict(line.split("=", 1) for line in shown.splitlines())
            self.assertEqual(facts, {"ConditionResult": "yes", "ExecMainStatus": "0", "Result": "success"}, card)

    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_controls_were_set_when_cards_appeared"])
    def test_doctor_finds_nothing_broken(self):
        self.done("audiobus doctor")

    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_doctor_finds_nothing_broken"])
    @skipIfNotFeature("systemd", "The doctor is called by a unit")
    def test_no_unit_of_ours_failed(self):
        """The doctor was called at boot, by the user audiobus."""
        self.done("systemctl is-system-running --wait; systemctl is-enabled audiobus-doctor.service")
        shown = self.done("systemctl show -p ExecMainStatus,Result audiobus-doctor.service")
        self.assertEqual(sorted(shown.split()), ["ExecMainStatus=0", "Result=success"])
        failed = self.done("systemctl list-units --failed --plain --no-legend 'audiobus*'").strip()
        self.assertEqual(failed, "")


class VirtualDspCase(PyaudiobusCase):
    """What the virtual DSP is told, and what it tells. Holds no test."""

    def setUp(self):
        super().setUp()
        if self.target.run(f"test -d {BOOKS}")[0] != 0:
            self.done("modprobe snd-virtual-dsp")
            self.done("udevadm settle")
        self.order("reset")
        self.order("speed 8x")

    def tearDown(self):
        self.target.run(f"echo reset > {BOOKS}/ctl; echo speed 1x > {BOOKS}/ctl; rm -f {SCRATCH}.*")
        super().tearDown()

    def order(self, command):
        """Write one command to the control file of the DSP's driver."""
        self.done(f"echo {command} > {BOOKS}/ctl")

    def told(self):
        """Return what the driver tells of itself and of the last stream."""
        return dict(line.split(" ", 1) for line in self.done(f"cat {BOOKS}/state").splitlines())

    def assertConsumed(self, expected):
        """The DSP got this and nothing else."""
        consumed = self.content(f"{BOOKS}/consumed")
        self.assertEqual(len(consumed), len(expected), self.done(f"cat {BOOKS}/events"))
        self.assertTrue(consumed == expected, "as many bytes, but others")
        self.assertEqual(self.told()["starvations"], "0")


class PyaudiobusOffloadTest(VirtualDspCase):
    """On QEMU's machines: what goes into the virtual DSP, byte for byte, by each of the ways to it."""

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_controls_were_set_when_cards_appeared"])
    @OEHasPackage(["pyaudiobus-demo-media"])
    def test_mp3(self):
        summary = self.played(MP3, "--private")
        self.assertEqual(summary["mode"], "offload", summary)
        self.assertConsumed(mp3_stream(self.content(MP3)))
        self.assertEqual(self.told()["codec"], "mp3")

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_mp3"])
    def test_flac(self):
        summary = self.played(FLAC, "--private")
        self.assertEqual(summary["mode"], "offload", summary)
        self.assertConsumed(flac_stream(self.content(FLAC)))
        self.assertEqual(self.told()["codec"], "flac")

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_mp3"])
    def test_pyfcplay(self):
        told = self.told()
        self.done_by_audiobus(f"pyfcplay -c {told['card']} -d {told['device']} {MP3}")
        self.assertConsumed(mp3_stream(self.content(MP3)))

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_mp3"])
    @OEHasPackage(["tinycompress"])
    def test_cplay(self):
        """It leaves out an ID3v2 tag and nothing else."""
        told = self.told()
        self.done(f"cplay -c {told['card']} -d {told['device']} {MP3}")
        self.assertConsumed(without_id3(self.content(MP3)))

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_flac"])
    @OEHasPackage(["tinycompress"])
    def test_fcplay(self):
        """It sends files as they are."""
        told = self.told()
        self.done(f"fcplay -c {told['card']} -d {told['device']} {FLAC}")
        self.assertConsumed(self.content(FLAC))

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_mp3"])
    @skipIfNotFeature("systemd", "It is a unit that plays")
    def test_unit(self):
        unit = self.done(f"systemd-escape --path --template=audiobus-play@.service {MP3}").strip()
        self.done(f"systemctl start --wait {shlex.quote(unit)}")
        self.assertConsumed(mp3_stream(self.content(MP3)))

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_unit"])
    def test_unit_names_a_file_that_is_not_there(self):
        status, output = self.target.run("systemctl start --wait audiobus-play@no-such-song.mp3.service")
        self.assertNotEqual(status, 0, output)
        journal = self.done("journalctl -b -o cat -u audiobus-play@no-such-song.mp3.service")
        self.done("systemctl reset-failed audiobus-play@no-such-song.mp3.service")
        self.assertIn("/no/such/song.mp3 does not exist", journal)
        self.assertNotIn("Traceback", journal)

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_flac"])
    def test_what_the_dsp_refuses_is_decoded(self):
        """STREAMINFO ends with the MD5 of the sound itself (RFC 9639, 8.2), so nothing need be decoded here."""
        self.order("fail-next set_params EINVAL 9")
        summary = self.played(FLAC, "--pcm", f"file:{SCRATCH}.wav")
        self.assertEqual(summary["mode"], "pcm", summary)
        self.assertEqual(self.told()["consumed_total"], "0")
        self.assertEqual(self.sound(f"{SCRATCH}.wav"), flac_parts(self.content(FLAC))[0][18:].hex())

    def sound(self, path):
        """Return the MD5 of a WAV's samples."""
        with wave.open(io.BytesIO(self.content(path)), "rb") as file:
            return hashlib.md5(file.readframes(file.getnframes())).hexdigest()

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_what_the_dsp_refuses_is_decoded"])
    def test_decoded_sound_plays_on_a_sound_card(self):
        """On one that comes late, and that the board file does not know."""
        if self.target.run("modprobe snd-aloop")[0] != 0:
            self.skipTest("this image has no kernel-module-snd-aloop")
        self.addCleanup(self.target.run, "rmmod snd_aloop")
        self.done("udevadm settle")
        summary = self.played(MP3, "--decode", "--pcm", "alsa:plughw:Loopback,0,0")
        self.assertEqual(summary["mode"], "pcm", summary)
        self.assertEqual(self.done("systemctl list-units --failed --plain --no-legend 'audiobus-card@*'").strip(), "")

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_mp3"])
    @skipIfNotFeature("systemd", "Cards are set up by units")
    def test_a_card_that_comes_back_is_set_up_again(self):
        unit = "audiobus-card@VirtualDSP.service"
        before = self.invocation_of(unit)
        self.order("unplug")
        self.order("plug")
        is_new = f"systemctl show -p InvocationID {unit} | grep -v -e '={before}$' -e '=$' | grep -q ."
        is_over = f"systemctl show -p ActiveState {unit} | grep -q -v activating"
        self.done(f"n=60; {UNTIL.format(f'{is_new} && {is_over}')}")
        self.assertEqual(self.played(MP3)["mode"], "offload")

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusOffloadTest.test_mp3"])
    @skipIfNotFeature("systemd", "Cards are set up by units")
    def test_a_card_that_only_changed_is_not_set_up_again(self):
        unit = "audiobus-card@VirtualDSP.service"
        before = self.invocation_of(unit)
        self.assertNotEqual(before, "")
        self.done(f"udevadm trigger --settle --action=change /sys/class/sound/controlC{self.told()['card']}")
        self.assertEqual(self.invocation_of(unit), before)

    def invocation_of(self, unit):
        """Return the id of a unit's last run; empty if it has had none."""
        return self.done(f"systemctl show -p InvocationID --value {unit}").strip()


class PyaudiobusBusTest(VirtualDspCase):
    """On QEMU's machines: the same through the bus, and with its session manager."""

    BUS = "/run/audiobus/bus"

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_controls_were_set_when_cards_appeared"])
    @skipIfNotFeature("systemd", "The bus waits for programs by a socket of systemd's")
    def test_the_first_program_that_connects_starts_the_bus(self):
        self.done("systemctl start audiobusd.socket")
        status = json.loads(self.done_by_audiobus("audiobus status --json"))
        self.assertIn("dsp", [sink["name"] for sink in status["sinks"]])
        self.done("systemctl is-active audiobusd.service")

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusBusTest.test_the_first_program_that_connects_starts_the_bus"])
    @OEHasPackage(["pyaudiobus-demo-media"])
    def test_mp3(self):
        summary = self.played(MP3, "--remote", self.BUS)
        self.assertEqual(summary["mode"], "offload", summary)
        self.assertConsumed(mp3_stream(self.content(MP3)))

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusBusTest.test_mp3"])
    def test_flac_while_a_session_manager_decides(self):
        self.done("systemctl start audiobus-session.service")
        summary = self.played(FLAC, "--remote", self.BUS)
        self.assertEqual(summary["mode"], "offload", summary)
        self.assertConsumed(flac_stream(self.content(FLAC)))

    @skipIfNotQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusBusTest.test_flac_while_a_session_manager_decides"])
    def test_nothing_of_the_bus_failed(self):
        self.done("systemctl is-active audiobusd.service audiobus-session.service")
        journal = self.done("journalctl -b -o cat -u audiobusd.service -u audiobus-session.service")
        self.assertNotIn("Traceback", journal)


class PyaudiobusHardwareTest(PyaudiobusCase):
    """On a real board: its DSP, as its board file describes it."""

    def sinks(self):
        """Return the compress sinks of the board file; a board without one has nothing to test here."""
        board = json.loads(self.done("audiobus board show --json"))
        compressed = [sink for sink in board["sinks"] if sink["kind"] == "compress"]
        if not compressed:
            self.skipTest("the board file names no compress device")
        return compressed

    def switches(self, sink):
        """Tell which switches of a sink's usual output are on, by name."""
        used = [output for output in sink["outputs"] if output["name"] == sink["output"]]
        names = [control["name"] for output in used for control in output["controls"] if control["value"] is True]
        asks = {name: f"amixer -c {sink['card']} sget {shlex.quote(name)}" for name in names}
        return {name: "[on]" in self.done(ask) for name, ask in asks.items()}

    def start(self, command):
        """Have the user audiobus run a command, its output in a file; return the unit it runs as."""
        unit = "pyaudiobus-test.service"
        self.target.run(f"systemctl reset-failed {unit}; rm -f {SCRATCH}.events")
        settings = f"-p User=audiobus -p SupplementaryGroups=audio -p StandardOutput=file:{SCRATCH}.events"
        self.done(f"systemd-run --quiet --unit={unit} {settings} {command}")
        return unit

    @skipIfQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusSystemTest.test_board_file_is_valid"])
    def test_compress_devices_are_there(self):
        for sink in self.sinks():
            card = self.done(f"readlink /proc/asound/{sink['card']}").strip().removeprefix("card")
            node = f"/dev/snd/comprC{card}D{sink['device']}"
            self.assertEqual(
                self.done(f"stat -c '%F, %G %a' {node}").strip(), "character special file, audio 660", node
            )

    @skipIfQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusHardwareTest.test_compress_devices_are_there"])
    @OEHasPackage(["pyaudiobus-demo-media"])
    def test_music_is_offloaded_at_its_own_pace(self):
        """A DSP that only swallows is found out by the clock."""
        for sink in self.sinks():
            began = time.monotonic()
            summary = self.played(MP3, "--device", sink["name"])
            self.assertEqual(summary["mode"], "offload", summary)
            self.assertEqual(summary["bytes_consumed"], len(mp3_stream(self.content(MP3))))
            self.assertGreater(time.monotonic() - began, 0.9 * summary["seconds"])

    @skipIfQemu()
    @OETestDepends(["pyaudiobus.PyaudiobusHardwareTest.test_music_is_offloaded_at_its_own_pace"])
    @OEHasPackage(["alsa-utils", "alsa-utils-amixer"])
    def test_route_is_on_while_it_plays_and_as_before_afterwards(self):
        for sink in self.sinks():
            before = self.switches(sink)
            if not before:
                self.skipTest(f"the sink {sink['name']} needs no switch")
            unit = self.start(f"audiobus play --json --device {sink['name']} {MP3}")
            self.done(f"n=20; {UNTIL.format(f'grep -q started {SCRATCH}.events')}")
            during = self.switches(sink)
            self.done(
                f"n=60; {UNTIL.format(f'! systemctl is-active --quiet {unit}')}; ! systemctl is-failed --quiet {unit}"
            )
            self.assertEqual(set(during.values()), {True}, during)
            self.assertEqual(self.switches(sink), before)
