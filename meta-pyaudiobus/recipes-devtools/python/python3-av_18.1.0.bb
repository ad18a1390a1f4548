SUMMARY = "Python bindings to the libraries of FFmpeg"
DESCRIPTION = "PyAV gives Python direct access to the containers, streams, \
packets, codecs and frames of FFmpeg."
HOMEPAGE = "https://pyav.basswood.io/"
LICENSE = "BSD-3-Clause"
# FFmpeg's own flag: where it is not accepted there is nothing to bind to, and a world build goes on without.
LICENSE_FLAGS = "commercial_ffmpeg"
LICENSE_FLAGS_DETAILS[commercial_ffmpeg] = '\
PyAV needs FFmpeg. Once you have read what the flag of FFmpeg is about, add LICENSE_FLAGS_ACCEPTED += "commercial_ffmpeg" to \
conf/local.conf; to do without FFmpeg, see "Without FFmpeg" in meta-pyaudiobus/README.md.'
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
