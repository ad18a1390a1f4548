SUMMARY = "Reads and writes the tags of audio files"
DESCRIPTION = "Mutagen handles audio metadata: ID3, Vorbis comments, APEv2, MP4 \
and others, and the stream information that the containers carry."
HOMEPAGE = "https://mutagen.readthedocs.io/"
LICENSE = "GPL-2.0-or-later"
LIC_FILES_CHKSUM = "file://COPYING;md5=b234ee4d69f5fce4486a80fdaf4a4263"

SRC_URI[sha256sum] = "8f95637ab9f6f305cec6bd1294e197debe207998e3e068596563c74f86b0a173"

inherit pypi python_setuptools_build_meta

PACKAGES =+ "${PN}-tools"
FILES:${PN}-tools += "${bindir} ${mandir}"
RDEPENDS:${PN} += "\
    python3-core \
    python3-datetime \
    python3-netclient \
    python3-numbers \
"
RDEPENDS:${PN}-tools += "${PN}"

BBCLASSEXTEND = "native nativesdk"
