# Adds to a recipe of this very layer, and to no other layer's, so it needs no
# distro feature. qcom-armv8a boots many boards; the one this layer is made for
# is the Dragonboard 845c. Another board's file goes first from a layer above.
FILESEXTRAPATHS:prepend:qcom-armv8a := "${THISDIR}/files:"

# What board.yaml names under `dsp:`. The machine recommends the firmware of all
# its boards, and an image may do without recommendations.
RDEPENDS:${PN}:append:qcom-armv8a = " linux-firmware-qcom-sdm845-audio"
RRECOMMENDS:${PN}:append:qcom-armv8a = " \
    kernel-module-apr \
    kernel-module-q6afe-dai \
    kernel-module-q6asm-dai \
    kernel-module-q6routing \
    kernel-module-qcom-pd-mapper \
    kernel-module-qcom-q6v5-pas \
    kernel-module-slim-qcom-ngd-ctrl \
    kernel-module-snd-soc-hdmi-codec \
    kernel-module-snd-soc-sdm845 \
    kernel-module-snd-soc-wcd934x \
    kernel-module-snd-soc-wsa881x \
    kernel-module-soundwire-qcom \
"
