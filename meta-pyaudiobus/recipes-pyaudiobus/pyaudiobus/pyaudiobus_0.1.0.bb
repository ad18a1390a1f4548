SUMMARY = "An audio bus that hands encoded audio to a DSP"
DESCRIPTION = "Plays MP3, FLAC and others through ALSA's compressed offload, \
undecoded, and decodes what the DSP does not take. With the commands audiobus \
and pyfcplay, the bus audiobusd and its session manager."
SECTION = "multimedia"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=69351acbe1722d2c05c48b8aa3c721c3"

# cffi compiles the native part while the wheel is built.
DEPENDS = "python3-cffi-native"

# The sources are those of the repository that holds this layer.
# nooelint: oelint.vars.fileextrapaths,oelint.vars.outofcontext
FILESEXTRAPATHS:prepend := "${THISDIR}/../../../:"
SRC_URI = " \
    file://service \
    file://tests \
    file://pytest.ini \
    file://run-ptest \
"

S = "${UNPACKDIR}/service"

inherit python_setuptools_build_meta systemd useradd bash-completion ptest-python-pytest

# What a product may do without; the commands say in a sentence what is missing when they are asked for it.
# With the distro feature on, a licence flag that PyAV lacks is an error that names it; else decoding comes with the flag.
PACKAGECONFIG ?= "alsa hotplug tags tinycompress ${@bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', 'decode', \
    bb.utils.contains_any('LICENSE_FLAGS_ACCEPTED', 'commercial commercial_ffmpeg', 'decode', '', d), d)}"
PACKAGECONFIG[alsa] = ",,,python3-pyalsaaudio"
PACKAGECONFIG[decode] = ",,,python3-av"
PACKAGECONFIG[hotplug] = ",,,python3-pyudev"
PACKAGECONFIG[tags] = ",,,python3-mutagen"
PACKAGECONFIG[tinycompress] = ",,,tinycompress"

# The tests need all of these.
PTEST_ENABLED = "${@bb.utils.contains('PACKAGECONFIG', 'alsa decode tags', bb.utils.contains('DISTRO_FEATURES', 'ptest', '1', '', d), '', d)}"

SYSTEMD_SERVICE:${PN} = "audiobusd.socket audiobus-session.service audiobus-doctor.service"

USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system audiobus"
USERADD_PARAM:${PN} = " \
    --system --gid audiobus --groups audio --no-create-home --home-dir ${localstatedir}/lib/audiobus \
    --shell ${base_sbindir}/nologin audiobus \
"

# A developer's checkout may hold what was built there for another machine.
do_configure:prepend() {
    rm -rf ${S}/build ${S}/src/*.egg-info
    find ${S} ${UNPACKDIR}/tests -name __pycache__ -prune -exec rm -rf {} +
    find ${S}/src -name '*.so' -delete
}

do_install:append() {
    # setup.py lets a machine without a compiler have the rest; an image is not such a machine.
    for part in _engine _frame_runs; do
        if ! ls ${D}${PYTHON_SITEPACKAGES_DIR}/pyaudiobus/engine/$part*.so; then
            bbfatal "The native part $part was not built: see setuptools' warnings in ${T}/log.do_compile"
        fi
    done

    install -d ${D}${systemd_system_unitdir} ${D}${nonarch_base_libdir}/udev/rules.d ${D}${nonarch_libdir}/tmpfiles.d
    install -m 0644 ${S}/share/systemd/*.service ${S}/share/systemd/*.socket ${D}${systemd_system_unitdir}/
    install -m 0644 ${S}/share/udev/*.rules ${D}${nonarch_base_libdir}/udev/rules.d/
    install -m 0644 ${S}/share/tmpfiles.d/*.conf ${D}${nonarch_libdir}/tmpfiles.d/
    install -D -m 0644 ${S}/share/completions/audiobus.bash ${D}${datadir}/bash-completion/completions/audiobus
    install -D -m 0644 ${S}/share/completions/_audiobus ${D}${datadir}/zsh/site-functions/_audiobus
}

do_install_ptest:append() {
    install -m 0644 ${UNPACKDIR}/pytest.ini ${D}${PTEST_PATH}/
    cp -r ${UNPACKDIR}/tests ${D}${PTEST_PATH}/
    # house/ and doctor/ look after the repository around them; devices/contract/ and what uses it need a compiler.
    rm -r ${D}${PTEST_PATH}/tests/house ${D}${PTEST_PATH}/tests/doctor ${D}${PTEST_PATH}/tests/devices/contract
    rm ${D}${PTEST_PATH}/tests/daemon/test_native_bursts.py
    # What the others read of the repository.
    install -d ${D}${PTEST_PATH}/service/share ${D}${PTEST_PATH}/service/src/pyaudiobus/engine
    ln -s ${datadir}/audiobus/demo ${D}${PTEST_PATH}/service/share/demo
    cp -r ${S}/share/completions ${S}/share/examples ${D}${PTEST_PATH}/service/share/
    cp -r ${S}/docs ${D}${PTEST_PATH}/service/
    install -m 0644 ${S}/src/pyaudiobus/engine/ring.h ${D}${PTEST_PATH}/service/src/pyaudiobus/engine/
}

# IMAGE_FEATURES bash-completion-pkgs and zsh-completion-pkgs bring these in.
PACKAGE_BEFORE_PN += "${PN}-zsh-completion"

FILES:${PN} += "\
    ${nonarch_base_libdir}/udev/rules.d \
    ${nonarch_libdir}/tmpfiles.d \
    ${systemd_system_unitdir} \
"
FILES:${PN}-zsh-completion += "${datadir}/zsh"
RDEPENDS:${PN} += "\
    python3-asyncio \
    python3-cffi \
    python3-compression \
    python3-core \
    python3-difflib \
    python3-fcntl \
    python3-html \
    python3-io \
    python3-json \
    python3-logging \
    python3-mmap \
    python3-msgspec \
    python3-pickle \
    python3-pyyaml \
    python3-resource \
"
RDEPENDS:${PN}-ptest += "\
    bash \
    openssl-bin \
    pyaudiobus-demo-media \
    python3-audio \
    python3-crypt \
    python3-hypothesis \
    python3-math \
    python3-multiprocessing \
    python3-mutagen \
    python3-pickle \
    python3-pytest-bdd \
    python3-shell \
    python3-terminal \
    python3-xml \
"
