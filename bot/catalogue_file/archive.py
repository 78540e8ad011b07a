"""The file itself: a zip of `catalog.toml` and its pictures, or the TOML with pictures beside it.

Nothing of a zip is ever unpacked to a disk, and no more is read of a part of it than it may have.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from bot.catalogue_file.entries import MOST_BADGES, BadgeEntry, read_entries, written
from bot.hr_file.problems import refuse, visible

MOST_BYTES = 256 * 2**20
TOML = "catalog.toml"
_MOST_TEXT = 16 * 2**20
_MOST_PICTURE = 5 * 2**20 + 1  # one more than is taken, so that a larger one is refused as such
_MOST_PARTS = 2 * MOST_BADGES + 10
_MOST_DIRECTORY = 8 * 2**20  # bytes of a zip's list of parts
_TAIL = 66_000  # bytes in which a zip says where that list is
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # as early as a zip can say: equal catalogues are equal files


class Catalogue(NamedTuple):
    """What a file holds; `picture` reads one of its pictures by path, or raises FileRefusedError."""

    entries: tuple[BadgeEntry, ...]
    picture: Callable[[str], bytes]


def opened(content: bytes, *, folder: Path | None = None) -> Catalogue:
    """A catalogue of these bytes; pictures of a TOML file lie in its folder.

    Raises FileRefusedError with every reason.
    """
    if len(content) > MOST_BYTES:
        raise refuse(f"I take up to {MOST_BYTES // 2**20} MB at a time: please split the file.")
    if content.startswith((b"PK\3\4", b"PK\5\6")):
        return _from_zip(content)
    if len(content) > _MOST_TEXT:
        raise refuse("This is too much text for a catalogue: please split the file.")
    return Catalogue(read_entries(_decoded(content)), lambda path: _beside(folder, path))


def archived(entries: Iterable[BadgeEntry], pictures: Mapping[str, bytes]) -> bytes:
    """A zip of the entries and of the pictures by path; the same for the same, byte by byte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(TOML, _BEGINNING), written(entries), zipfile.ZIP_DEFLATED)
        for path, content in sorted(pictures.items()):
            # Pictures are compressed already.
            archive.writestr(zipfile.ZipInfo(path, _BEGINNING), content, zipfile.ZIP_STORED)
    return packed.getvalue()


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("This is not a text in UTF-8: please save it as such, or as a zip.") from error


def _beside(folder: Path | None, path: str) -> bytes:
    if folder is None:
        raise refuse(f"{visible(path, 100)} is not at hand: name the file, or use a zip.")
    place = (folder / path).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise refuse(f"{visible(path, 100)} leads out of the folder of the file.")
    try:
        with place.open("rb") as file:
            return file.read(_MOST_PICTURE)
    except OSError as error:
        raise refuse(f"{visible(path, 100)} cannot be read: {error.strerror}.") from error


def _from_zip(content: bytes) -> Catalogue:
    _check_directory(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
        raise refuse("This zip is damaged: please make it again.") from error
    strange = [name for name in names if _leads_out(name)]
    if strange:
        raise refuse(f"This zip has “{visible(strange[0])}” in it, which leads out of it.")
    if len(set(names)) != len(names):
        raise refuse("This zip has two parts of one name: please make it again.")
    if TOML not in names:
        raise refuse(f"This zip has no {TOML} at its top: please put it there.")
    known = frozenset(names)

    def picture(path: str) -> bytes:
        if path not in known:
            raise refuse(f"{visible(path, 100)} is not in the zip.")
        return _part(archive, path, _MOST_PICTURE)

    text = _part(archive, TOML, _MOST_TEXT + 1)
    if len(text) > _MOST_TEXT:
        raise refuse(f"{TOML} unpacks to more than a catalogue can be.")
    return Catalogue(read_entries(_decoded(text)), picture)


def _check_directory(content: bytes) -> None:
    """Refuse a list of parts that would take much memory only to be read."""
    at = content.rfind(b"PK\5\6", max(0, len(content) - _TAIL))
    if at < 0 or len(content) < at + 22:
        raise refuse("This zip is damaged: please make it again.")
    parts, length = struct.unpack_from("<HL", content, at + 10)
    if parts > _MOST_PARTS or length > _MOST_DIRECTORY or b"PK\6\7" in content[at - 20 : at]:
        raise refuse(f"This zip has too many parts: I take up to {_MOST_PARTS:,}.")


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _part(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most so many bytes of a part, whatever the zip says of its size."""
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse(f"{visible(name, 100)} is packed in a way that I do not read.")
    try:
        with archive.open(name) as part:
            return part.read(most)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError) as error:
        raise refuse(f"{visible(name, 100)} is damaged or locked in this zip.") from error
