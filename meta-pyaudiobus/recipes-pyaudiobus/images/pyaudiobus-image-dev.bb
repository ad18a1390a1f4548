SUMMARY = "pyaudiobus-image with tools, tests, demo media and ssh"
DESCRIPTION = "pyaudiobus-image with tools, the service's own tests, demo media and \
a way in by ssh."
LICENSE = "MIT"

IMAGE_FEATURES += "ssh-server-dropbear"

IMAGE_INSTALL = "\
    packagegroup-core-boot \
    packagegroup-pyaudiobus \
    packagegroup-pyaudiobus-tools \
    ${@bb.utils.contains('DISTRO_FEATURES', 'ptest', 'ptest-runner pyaudiobus-ptest', '', d)} \
    ${CORE_IMAGE_EXTRA_INSTALL} \
"
IMAGE_LINGUAS = ""

inherit core-image pyaudiobus_feature
