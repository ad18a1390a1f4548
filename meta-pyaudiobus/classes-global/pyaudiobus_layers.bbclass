# Before bitbake says that a layer is not enabled, say what would enable it.

PYAUDIOBUS_LAYER_FOLDERS = "openembedded-layer=meta-oe meta-python=meta-python multimedia-layer=meta-multimedia"

python pyaudiobus_layers_eventhandler() {
    folders = dict(pair.split('=') for pair in d.getVar('PYAUDIOBUS_LAYER_FOLDERS').split())
    missing = [folders[layer] for layer in d.getVar('LAYERDEPENDS_pyaudiobus').split()
               if layer in folders and layer not in d.getVar('BBFILE_COLLECTIONS').split()]
    if missing:
        bb.fatal('meta-pyaudiobus needs %s of meta-openembedded. Add to conf/bblayers.conf: '
                 'BBLAYERS += "%s" (bitbake-layers add-layer does the same).'
                 % (' and '.join(missing), ' '.join('.../meta-openembedded/' + folder for folder in missing)))
}
addhandler pyaudiobus_layers_eventhandler
pyaudiobus_layers_eventhandler[eventmask] = "bb.event.ConfigParsed"
