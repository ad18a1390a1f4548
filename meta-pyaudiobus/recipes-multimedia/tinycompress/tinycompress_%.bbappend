require ${@bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', 'tinycompress_pyaudiobus.inc', '', d)}
