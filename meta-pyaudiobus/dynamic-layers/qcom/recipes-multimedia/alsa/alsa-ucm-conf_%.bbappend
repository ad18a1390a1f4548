# Nothing changes for anyone who did not ask for pyaudiobus.
require ${@bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', 'alsa-ucm-conf_pyaudiobus.inc', '', d)}
