"""Does an idle device sleep? A Choice holds suspend; a Wait says until when it stays awake."""
