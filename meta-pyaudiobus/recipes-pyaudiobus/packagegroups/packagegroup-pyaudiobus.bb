SUMMARY = "The audio bus with what it needs on an image"
SUMMARY:${PN}-tools = "Tools for finding out why a board is silent"

# pyaudiobus-board describes one machine.
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup pyaudiobus_feature

PACKAGES = "${PN} ${PN}-tools"

RDEPENDS:${PN} = "\
    pyaudiobus \
    pyaudiobus-board \
    tinycompress \
"
RDEPENDS:${PN}-tools = "\
    alsa-utils \
    ffmpeg \
    pyaudiobus-demo-media \
    python3-modules \
"
# QEMU's machines have no DSP but this one, and no PCM devices but these.
RRECOMMENDS:${PN}:append:qemuall = " kernel-module-snd-virtual-dsp"
RRECOMMENDS:${PN}-tools:append:qemuall = " kernel-module-snd-aloop kernel-module-snd-dummy"
