"""What a file is by its first bytes, whatever its name says. Finding the audio in it is the walkers' business."""

from __future__ import annotations

from pyaudiobus.errors import MediaError

FLAC_MAGIC = b"fLaC"
OGG_CAPTURE = b"OggS"
_OTHERS = (
    b"RIFF", b"RF64", b"RIFX", b"FORM", b".snd", b"caff", b"MAC ", b"wvPk", b"TTA1", b"MPCK", b"MP+", b"OFR ",
    b"#!AMR", b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11", b"FLV\x01", b"\0\0\1\xba", b"\0\0\1\xb3", b"ADIF",
    b"DSD ", b"FRM8", b".RMF", b"\x0bw", b"tBaK", b"ID;P", b"MThd", b"IMPM",
)  # fmt: skip
"""What FFmpeg's demuxers know by a fixed beginning."""
_FOREIGN = {
    b"PK\3\4": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
    b"Salted__": "encrypted (openssl)",
    b"-----BEGIN PGP": "encrypted (PGP)",
    b"age-encryption.org": "encrypted (age)",
    b"AAXC": "encrypted (Audible)",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}
_TS_PACKET = 188
_TS_SYNC = 0x47


def is_left_to_ffmpeg(head: bytes) -> bool:
    """Tell a container that only FFmpeg opens, so that nobody looks for MP3 frames inside it."""
    if head.startswith(_OTHERS) or head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return True
    return len(head) > 2 * _TS_PACKET and all(head[at] == _TS_SYNC for at in (0, _TS_PACKET, 2 * _TS_PACKET))


def refuse_foreign(path: str, head: bytes) -> None:
    """Raise MediaError for what is plainly no audio."""
    lowered = head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic) or lowered.startswith(magic):
            raise MediaError(f"{path} is {kind}, not audio", advice="Check where the file came from.")


def refuse_zeros(path: str, head: bytes) -> None:
    """Raise MediaError for a file in which nobody found sound if it begins with nothing but zeros."""
    if not head.strip(b"\0"):
        raise MediaError(
            f"{path} begins with {len(head)} zero bytes and is no audio file",
            advice="Get the file again: a download or a copy that broke off looks like this.",
        )
