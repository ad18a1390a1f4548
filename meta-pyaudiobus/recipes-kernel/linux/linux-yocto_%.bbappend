require ${@bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', 'linux-yocto_pyaudiobus.inc', '', d)}
