SUMMARY = "Parser of the Gherkin language, by the Cucumber team"
DESCRIPTION = "Turns feature files, in any of the languages that Gherkin is spoken \
in, into trees that a test runner walks."
HOMEPAGE = "https://github.com/cucumber/gherkin"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=d51ea91e8d30adb5895f4902ba518fbf"

SRC_URI += "file://0001-Build-with-setuptools.patch"
SRC_URI[sha256sum] = "adcc1f392d97dc044861bb645a614e335632330cc2653d23acb7097c923f75cd"

PYPI_PACKAGE = "gherkin_official"

inherit pypi python_setuptools_build_meta

RDEPENDS:${PN} += "\
    python3-core \
    python3-json \
    python3-typing-extensions \
"

BBCLASSEXTEND = "native nativesdk"
