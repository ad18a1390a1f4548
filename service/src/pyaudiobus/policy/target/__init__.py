"""Where does a stream play or record? A Choice holds a serial. The order is WirePlumber's, with the DSP in it."""
