"""What a file's bytes are: which encoding, or no text at all."""

import codecs
import re
from typing import BinaryIO, NamedTuple

from bot.hr_file.problems import refuse

_HEAD = 65_536
_CHUNK = 1 << 20
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # in Windows-1252
_AS_CSV = "save it as CSV (in Excel: File, Save As, “CSV UTF-8”), and import that"
# How the files begin that are handed in instead of a CSV.
_OTHERS = (
    (b"PK\x03\x04", f"This is an Excel workbook or another zip file, not a CSV: {_AS_CSV}."),
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel workbook (.xls), not a CSV: {_AS_CSV}."),
    (b"%PDF", "This is a PDF, not a CSV: export the list from the HR system as CSV."),
    (b"\x1f\x8b", "This file is compressed: unpack it, and import the CSV in it."),
    (b"{\\rtf", f"This is a text document, not a CSV: {_AS_CSV}."),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml|meta|head)", re.IGNORECASE)


class Encoding(NamedTuple):
    """How bytes are read as text; `guessed`: nothing in the file says so."""

    name: str  # for people
    codec: str  # for Python
    skip: int = 0  # bytes of a byte order mark
    guessed: bool = False


def detect(stream: BinaryIO) -> Encoding:
    """Find out a file's encoding, leaving the stream behind its byte order mark.

    Raises FileRefusedError for what is no text.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    found = _marked(head)
    if found is None:
        _refuse_other_files(head)
        found = _wide(head)
    if found is None:
        if len(_BINARY.findall(head)) * 100 > len(head):
            raise refuse("This is not a text file: export the list from the HR system as CSV.")
        found = _narrow(stream)
    stream.seek(found.skip)
    return found


def _marked(head: bytes) -> Encoding | None:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Encoding("UTF-32", _endian("utf-32", head.startswith(codecs.BOM_UTF32_LE)), 4)
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("UTF-8", "utf-8", 3)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("UTF-16", _endian("utf-16", head.startswith(codecs.BOM_UTF16_LE)), 2)
    return None


def _endian(codec: str, little: bool) -> str:
    return f"{codec}-{'le' if little else 'be'}"


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 without a mark: every second byte of a Latin text is zero, and no other."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    for zeros, others, little in ((odd, even, True), (even, odd, False)):
        if zeros * 10 > pairs * 4 and others * 50 < pairs:
            return Encoding("UTF-16", _endian("utf-16", little), guessed=True)
    return None


def _refuse_other_files(head: bytes) -> None:
    for beginning, sentence in _OTHERS:
        if head.startswith(beginning):
            raise refuse(sentence)
    if _MARKUP.match(head):
        raise refuse(f"This is a web page or XML, whatever its name says: {_AS_CSV}.")


def _narrow(stream: BinaryIO) -> Encoding:
    """UTF-8 if all of the file is, else what Western European Windows writes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    line, beyond_ascii, undefined = 1, False, False
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as problem:
            line += problem.object[: problem.start].count(b"\n")
            _refuse_broken_utf8(problem.object, line, beyond_ascii)
            break
        if not chunk:
            return Encoding("UTF-8", "utf-8")
        line += chunk.count(b"\n")
        beyond_ascii = beyond_ascii or not text.isascii()
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        undefined = undefined or _UNDEFINED.search(chunk) is not None
    if undefined:
        return Encoding("Latin-1", "latin-1", guessed=True)
    return Encoding("Windows-1252 (Latin-1)", "cp1252", guessed=True)


def _refuse_broken_utf8(around: bytes, line: int, beyond_ascii: bool) -> None:
    # Mostly UTF-8 with a damaged place: read as anything else, every accent would turn out wrong.
    text = around[:_CHUNK].decode("utf-8", errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    whole = sum(1 for letter in text if letter > "\x7f") - broken
    if whole > broken or (beyond_ascii and whole == broken):
        raise refuse(
            "The file is UTF-8, but not from here on: save it anew as UTF-8, and look at the"
            " names on this line.",
            line=line,
        )
