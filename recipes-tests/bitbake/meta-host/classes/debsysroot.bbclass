# Puts Debian's arm64 libraries and headers (DEBIAN_SYSROOT) into each target recipe's sysroot, as if glibc, Python and
# alsa-lib had been built and staged.

DEBIAN_SYSROOT ?= ""

python link_debian_sysroot() {
    import pathlib
    import re
    import subprocess

    if d.getVar('CLASSOVERRIDE') != 'class-target':
        return
    source = d.getVar('DEBIAN_SYSROOT')
    target = pathlib.Path(d.getVar('STAGING_DIR_TARGET'))
    target.mkdir(parents=True, exist_ok=True)
    # Links, for there are thousands of files; a recipe's own come on top and replace them.
    subprocess.run(['cp', '--archive', '--link', '--no-clobber', f'{source}/.', str(target)], check=True)

    version = d.getVar('PYTHON_BASEVERSION') or '3.14'
    settings = target / 'usr/lib/python-sysconfigdata/_sysconfigdata.py'
    settings.parent.mkdir(exist_ok=True)
    text = (target / f'usr/lib/python{version}/_sysconfigdata__linux_aarch64-linux-gnu.py').read_text()
    settings.unlink(missing_ok=True)
    settings.write_text(re.sub(r"(?<=['\s])/usr/(?=include|lib)", f'{target}/usr/', text))
}
link_debian_sysroot[vardepsexclude] += "DEBIAN_SYSROOT"
do_prepare_recipe_sysroot[postfuncs] += "link_debian_sysroot"

PKG_CONFIG_LIBDIR:append:class-target = ":${DEBIAN_LIBDIR}/pkgconfig:${STAGING_DATADIR}/pkgconfig"
