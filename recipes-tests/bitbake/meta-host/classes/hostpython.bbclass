# Gives recipes the Python of HOST_PYTHON, with its build tools, where python3-native would be: the same version as the
# target's, so that extensions get the target's name and ABI.

HOST_PYTHON ?= ""

python link_host_python() {
    import pathlib

    tools = pathlib.Path(d.getVar('STAGING_BINDIR_NATIVE')) / 'python3-native'
    tools.mkdir(parents=True, exist_ok=True)
    for tool in pathlib.Path(d.getVar('HOST_PYTHON'), 'bin').iterdir():
        link = tools / tool.name
        link.unlink(missing_ok=True)
        link.symlink_to(tool)
}
link_host_python[vardepsexclude] += "HOST_PYTHON"
do_prepare_recipe_sysroot[postfuncs] += "link_host_python"
