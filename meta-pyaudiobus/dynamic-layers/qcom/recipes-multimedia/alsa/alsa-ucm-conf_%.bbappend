# Nothing changes for anyone who did not ask for pyaudiobus.
require ${@bb.utils.contains('DISTRO_FEATURES', 'pyaudiobus', '${BPN}_pyaudiobus.inc', '', d)}
