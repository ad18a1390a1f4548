# Skips a recipe, with a sentence that names the setting, while the distro feature `pyaudiobus` is off: what the recipe
# puts together would lack the parts that this layer's bbappends add under that feature.

# nooelint: oelint.task.noanonpython
python () {
    if bb.utils.to_boolean(d.getVar('PARSE_ALL_RECIPES', False)):
        return
    if not bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', True, False, d):
        raise bb.parse.SkipRecipe(
            'the distro feature "pyaudiobus" is off, so tinycompress would have no fcplay. '
            'Add DISTRO_FEATURES:append = " pyaudiobus" to conf/local.conf or to the distribution.'
        )
}
