"""The catalogue as a file, to be kept in git and shared: TOML, alone or in a zip with the pictures.

    read_entries(text) -> entries          the grammar, which assets/catalog.toml has, too
    opened(content, folder=…) -> Catalogue     entries and pictures, or FileRefusedError
    archived(entries, pictures) -> bytes       the other way round

`bot/catalogue_import.py` compares it with the database.
"""

from bot.catalogue_file.archive import Catalogue, archived, opened
from bot.catalogue_file.entries import BadgeEntry, read_entries, written

__all__ = ["BadgeEntry", "Catalogue", "archived", "opened", "read_entries", "written"]
