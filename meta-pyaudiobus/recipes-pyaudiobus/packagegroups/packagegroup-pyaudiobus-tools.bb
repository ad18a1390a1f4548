SUMMARY = "Tools for finding out why a board is silent"
DESCRIPTION = "What helps while a product is developed: mixer and players of ALSA, \
the ffmpeg program, all of Python's library, and demo media."

# QEMU's machines get modules besides.
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup pyaudiobus_feature

RDEPENDS:${PN} = "\
    alsa-utils \
    ffmpeg \
    pyaudiobus-demo-media \
    python3-modules \
"
# QEMU's machines have no PCM devices but these.
RRECOMMENDS:${PN}:append:qemuall = " kernel-module-snd-aloop kernel-module-snd-dummy"
