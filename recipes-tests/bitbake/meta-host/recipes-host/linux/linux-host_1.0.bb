SUMMARY = "Debian's kernel headers (HOST_KERNEL) where a kernel that was built would be"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

INHIBIT_DEFAULT_DEPS = "1"

S = "${UNPACKDIR}"

inherit nopackages

PROVIDES = "virtual/kernel make-mod-scripts"

PACKAGE_ARCH = "${MACHINE_ARCH}"

do_configure[noexec] = "1"
do_compile[noexec] = "1"
do_install[noexec] = "1"
