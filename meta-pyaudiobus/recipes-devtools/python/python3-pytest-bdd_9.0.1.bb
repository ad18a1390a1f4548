SUMMARY = "Behaviour-driven tests for pytest"
DESCRIPTION = "Runs the scenarios of Gherkin feature files as tests of pytest, with \
its fixtures for steps."
HOMEPAGE = "https://pytest-bdd.readthedocs.io/"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE.txt;md5=f5664fc0813d20a3052f98172605bfcf"

SRC_URI += "file://0001-Build-with-setuptools.patch"
SRC_URI[sha256sum] = "0a0c8e54e1646d384c79c47f5756fea1b4bebf97251ff2cb52105aac951276bc"

PYPI_PACKAGE = "pytest_bdd"

inherit pypi python_setuptools_build_meta

RDEPENDS:${PN} += "\
    python3-core \
    python3-gherkin-official \
    python3-json \
    python3-logging \
    python3-mako \
    python3-netclient \
    python3-packaging \
    python3-parse \
    python3-parse-type \
    python3-pickle \
    python3-pytest \
    python3-typing-extensions \
"

BBCLASSEXTEND = "native nativesdk"
