SUMMARY = "Virtual DSP for ALSA compressed offload"
DESCRIPTION = "A sound card whose compressed-offload DSP is virtual: it gives \
a machine without one a real /dev/snd/comprC*D*, consumes encoded audio at the \
pace at which it would sound, and shows through debugfs what it consumed."
SECTION = "kernel/modules"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://COPYING;md5=b234ee4d69f5fce4486a80fdaf4a4263"

SRC_URI = " \
    file://COPYING \
    file://Makefile \
    file://card.c \
    file://clock.c \
    file://config.c \
    file://control.c \
    file://decode.c \
    file://mixer.c \
    file://options.c \
    file://options.h \
    file://params.c \
    file://record.c \
    file://record.h \
    file://report.c \
    file://stream.c \
    file://trigger.c \
    file://vdsp.h \
    file://walk.c \
    file://walk.h \
    file://walk_flac.c \
    file://walk_mp3.c \
"

S = "${UNPACKDIR}"

inherit module pyaudiobus_feature

PYAUDIOBUS_FEATURE_OFF = "the kernels of QEMU's machines have no compressed offload"

# module.bbclass names the package after the kernel release as well.
RPROVIDES:${PN} += "kernel-module-snd-virtual-dsp"
