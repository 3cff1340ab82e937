"""What a file is, by its content: neither its name nor what the browser says is believed."""

import re
import struct
import unicodedata
import zipfile
import zlib
from typing import IO

from chassis.errors import Invalid
from gateway.http import UnsupportedMedia

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
IMAGES = frozenset((JPEG, PNG, WEBP))
SUFFIXES = {JPEG: ".jpg", PNG: ".png", WEBP: ".webp", PDF: ".pdf", XLSX: ".xlsx", DOCX: ".docx"}

_UNPACKED_LIMIT = 200 * 1024 * 1024
_RATIO_LIMIT = 200
_ENTRIES_LIMIT = 2000
_NAME_LIMIT = 100
_PIECE = 256 * 1024
_LOCAL = struct.Struct("<4s5H3I2H")
"""The header before each entry of an archive."""
_UNSAFE = re.compile(r'[<>:"|?*;%\\/]+')


def media_type(file: IO[bytes]) -> str:
    """The media type; UnsupportedMedia for kinds that are not accepted, Invalid for a file that is two
    things at once or unpacks to more than it should."""
    file.seek(0)
    head = file.read(32)
    if head.startswith(b"PK\x03\x04"):
        return _office(file)
    kind = _by_magic(head)
    if kind is None:
        raise UnsupportedMedia("FILE_TYPE_REFUSED")
    file.seek(0)
    if zipfile.is_zipfile(file):  # a picture or PDF with an archive behind it
        raise Invalid("FILE_SUSPICIOUS")
    return kind


def _by_magic(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    return PDF if head.startswith(b"%PDF-") else None


def _office(file: IO[bytes]) -> str:
    """A workbook or document. The directory of the archive says what is in it; that it says the truth about
    sizes is found by unpacking into nothing, and no further than it says."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Invalid("FILE_SUSPICIOUS") from None
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    bomb = unpacked > _UNPACKED_LIMIT or unpacked > max(packed, 1) * _RATIO_LIMIT
    climbs = any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names)
    encrypted = any(entry.flag_bits & 0x1 for entry in entries)
    if bomb or climbs or encrypted or len(entries) > _ENTRIES_LIMIT or len(names) != len(entries):
        raise Invalid("FILE_SUSPICIOUS")
    if any(_larger_than_said(file, entry) for entry in entries):
        raise Invalid("FILE_SUSPICIOUS")
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        raise UnsupportedMedia("FILE_TYPE_REFUSED")
    if "xl/workbook.xml" in names:
        return XLSX
    if "word/document.xml" in names:
        return DOCX
    raise UnsupportedMedia("FILE_TYPE_REFUSED")


def _larger_than_said(file: IO[bytes], entry: zipfile.ZipInfo) -> bool:
    """Whether an entry unpacks to something else than the directory says, or cannot be unpacked at all."""
    file.seek(entry.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return True
    _, _, _, method, *_, name_size, extra_size = _LOCAL.unpack(head)
    if method != entry.compress_type:
        return True
    if method == zipfile.ZIP_STORED:
        return entry.file_size != entry.compress_size
    file.seek(name_size + extra_size, 1)
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    left, size = entry.compress_size, 0
    try:
        while left > 0 and not unpack.eof:
            packed = file.read(min(_PIECE, left))
            if not packed:
                return True
            left -= len(packed)
            while packed and not unpack.eof:
                size += len(unpack.decompress(packed, _PIECE))
                if size > entry.file_size:
                    return True
                packed = unpack.unconsumed_tail
    except zlib.error:
        return True
    return size != entry.file_size or not unpack.eof


def clean_name(name: str, kind: str) -> str:
    """A name that is safe to store, show and save under, with the suffix that its content has."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(character if character.isprintable() else " " for character in last)
    stem = re.sub(r"\s+", " ", _UNSAFE.sub("_", shown)).strip(" .")
    suffix = SUFFIXES[kind]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", stem).strip(" .")[: _NAME_LIMIT - len(suffix)].rstrip(" .")
    return (stem or "file") + suffix
