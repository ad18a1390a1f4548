SUMMARY = "Python bindings to the libraries of FFmpeg"
DESCRIPTION = "PyAV gives Python direct access to the containers, streams, \
packets, codecs and frames of FFmpeg."
HOMEPAGE = "https://pyav.basswood-io.com/"
LICENSE = "BSD-3-Clause"
LIC_FILES_CHKSUM = "file://LICENSE.txt;md5=a9c4cea4308c4521674ecd7c3255d8af"

DEPENDS = "ffmpeg"

SRC_URI[sha256sum] = "47bfc286e1bc9de7ab4681fc2b575cd2460a66919d31ffe1bd5aa54fae531a28"

inherit pypi python_setuptools_build_meta cython pkgconfig

RDEPENDS:${PN} += "\
    python3-core \
    python3-logging \
    python3-netclient \
    python3-numbers \
"
