SUMMARY = "Names of firmware packages that only meta-lts-mixins has"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

S = "${UNPACKDIR}"

RPROVIDES:${PN} = " \
    linux-firmware-qcom-shikra-adreno \
    linux-firmware-qcom-shikra-audio \
    linux-firmware-qcom-shikra-compute \
    linux-firmware-qcom-shikra-modem \
    linux-firmware-qcom-shikra-qupv3fw \
"
