require ${@bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', 'ffmpeg_pyaudiobus.inc', '', d)}
