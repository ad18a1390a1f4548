SUMMARY = "A small image with the audio bus, what a product starts from"
DESCRIPTION = "The audio bus, its board file, tinycompress and what decodes, on a \
system that boots and does nothing else."
LICENSE = "MIT"

IMAGE_INSTALL = "\
    packagegroup-core-boot \
    packagegroup-pyaudiobus \
    ${CORE_IMAGE_EXTRA_INSTALL} \
"
IMAGE_LINGUAS = ""

inherit core-image pyaudiobus_feature
