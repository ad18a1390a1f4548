SUMMARY = "The audio bus with what it needs on an image"
DESCRIPTION = "What a product's image installs to play: the service, the machine's \
board file, and tinycompress."

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
