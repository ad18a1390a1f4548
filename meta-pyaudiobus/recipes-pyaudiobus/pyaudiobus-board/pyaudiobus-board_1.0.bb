SUMMARY = "Board description for pyaudiobus"
DESCRIPTION = "The file that tells pyaudiobus which sound cards this machine \
has, which mixer controls make them heard, and which sink plays what: \
/etc/audiobus/board.yaml."
SECTION = "multimedia"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=69351acbe1722d2c05c48b8aa3c721c3"

# nooelint: oelint.vars.fileextrapaths,oelint.vars.outofcontext
FILESEXTRAPATHS:prepend := "${THISDIR}/../../../service:"
# A machine's own file comes first: MACHINE/board.yaml in any folder that a
# layer's bbappend adds to FILESEXTRAPATHS.
SRC_URI = " \
    file://LICENSE \
    file://board.yaml \
"

S = "${UNPACKDIR}"

INHIBIT_DEFAULT_DEPS = "1"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -D -m 0644 ${UNPACKDIR}/board.yaml ${D}${sysconfdir}/audiobus/board.yaml
}

PACKAGE_ARCH = "${MACHINE_ARCH}"

PACKAGES = "${PN}"

CONFFILES:${PN} = "${sysconfdir}/audiobus/board.yaml"
