SUMMARY = "Board description for pyaudiobus"
DESCRIPTION = "The file that tells pyaudiobus which sound cards this machine \
has, which mixer controls make them heard, and which sink plays what: \
/etc/audiobus/board.yaml."
SECTION = "multimedia"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

# A machine's own file comes first: files/MACHINE/board.yaml in any layer whose
# bbappend adds its folder to FILESEXTRAPATHS.
SRC_URI = "file://board.yaml"

S = "${UNPACKDIR}"

INHIBIT_DEFAULT_DEPS = "1"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -D -m 0644 ${UNPACKDIR}/board.yaml ${D}${sysconfdir}/audiobus/board.yaml
}

PACKAGE_ARCH = "${MACHINE_ARCH}"

CONFFILES:${PN} = "${sysconfdir}/audiobus/board.yaml"
