SUMMARY = "Two short pieces of music for trying pyaudiobus"
DESCRIPTION = "The same piece as MP3 and as FLAC, composed by a program of the \
pyaudiobus repository."
SECTION = "multimedia"
LICENSE = "CC0-1.0"
LIC_FILES_CHKSUM = "file://README.md;beginline=3;endline=5;md5=22c3fa4d02ba80982fe4dfe669594f81"

# nooelint: oelint.vars.fileextrapaths,oelint.vars.outofcontext
FILESEXTRAPATHS:prepend := "${THISDIR}/../../../service/share/demo:"
SRC_URI = " \
    file://README.md \
    file://carillon.flac \
    file://carillon.mp3 \
"

S = "${UNPACKDIR}"

inherit allarch

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -d ${D}${datadir}/audiobus/demo
    install -m 0644 ${S}/carillon.flac ${S}/carillon.mp3 ${D}${datadir}/audiobus/demo/
}

FILES:${PN} += "${datadir}/audiobus"
