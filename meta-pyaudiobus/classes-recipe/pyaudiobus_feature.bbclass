# Skips a recipe, with a sentence that names the setting, while the distro feature `pyaudiobus` is off: it would be built
# upon parts that this layer's bbappends add under that feature.

PYAUDIOBUS_FEATURE_OFF ?= "tinycompress would have no fcplay"

# nooelint: oelint.task.noanonpython
python () {
    if bb.utils.to_boolean(d.getVar('PARSE_ALL_RECIPES', False)):
        return
    if not bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', True, False, d):
        raise bb.parse.SkipRecipe(
            'the distro feature "pyaudiobus" is off, so %s. '
            'Add DISTRO_FEATURES:append = " pyaudiobus" to conf/local.conf or to the distribution.'
            % d.getVar('PYAUDIOBUS_FEATURE_OFF')
        )
}
