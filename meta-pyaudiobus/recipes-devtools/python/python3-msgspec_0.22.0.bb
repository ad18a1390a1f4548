SUMMARY = "Serialization and validation of typed messages"
DESCRIPTION = "Msgspec turns MessagePack, JSON and others into Python objects \
of declared types and back, and refuses what does not fit."
HOMEPAGE = "https://msgspec.dev/"
LICENSE = "BSD-3-Clause"
LIC_FILES_CHKSUM = "file://LICENSE;md5=c21402f8022478021f697044388b97c4"

DEPENDS = "python3-setuptools-scm-native"

SRC_URI[sha256sum] = "0a13624a4969159fe35d8c2a3d377b2b61bbd8585e327440d5e52725affcce38"

inherit pypi python_setuptools_build_meta

RDEPENDS:${PN} += "\
    python3-core \
    python3-datetime \
    python3-netclient \
    python3-numbers \
    python3-tomllib \
"

BBCLASSEXTEND = "native nativesdk"
