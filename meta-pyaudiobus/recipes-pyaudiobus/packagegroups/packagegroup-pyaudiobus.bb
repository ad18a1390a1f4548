SUMMARY = "The audio bus with what it needs on an image"

# pyaudiobus-board describes one machine.
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup pyaudiobus_feature

RDEPENDS:${PN} = "\
    pyaudiobus \
    pyaudiobus-board \
    tinycompress \
"
# QEMU's machines have no DSP but this one.
RRECOMMENDS:${PN}:append:qemuall = " kernel-module-snd-virtual-dsp"
