"""What somebody was called in what others wrote, said otherwise."""

import re
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, or_, select, update

# Latin, Greek and Cyrillic letters, with their accents, and digits.
_LETTER = "[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u052f\u1e00-\u1fff]"


def without(said: str, called: Sequence[str], instead: str) -> str:
    """What is said with another word wherever it has one of these names as whole words.

    Where a name begins or ends with a letter of Latin, Greek or Cyrillic, no other such letter or digit
    may go on there: “Maria Silva” is not in “Maria Silvano”, nor “@maria” in “@maria_santos”. Other
    scripts put no spaces between words, or write particles onto names, and are found anywhere.
    """
    if not called:
        return said
    return re.sub("|".join(map(_whole, called)), lambda _found: instead, said)


def _whole(name: str) -> str:
    before = f"(?<!{_LETTER})" if re.match(_LETTER, name[:1]) else ""
    # An underscore alone is Slack's mark for italics.
    after = f"(?!_?{_LETTER})" if re.match(_LETTER, name[-1:]) else ""
    return before + re.escape(name) + after


def may_have(column: ColumnElement[str], called: Sequence[str]) -> ColumnElement[bool]:
    """Whether a text may have one of these names; `without` knows."""
    return or_(False, *(column.contains(words, autoescape=True) for words in called))


def replace_in(
    session: Connection,
    *,
    workspace_id: int,
    columns: Sequence[Column[str]],
    which: ColumnElement[bool],
    otherwise: Callable[[str], str],
) -> list[UUID]:
    """Say otherwise what these columns of a table's rows say; which rows that changed.

    The rows are held until the transaction ends: nobody writes the names anew meanwhile.
    """
    table = columns[0].table
    found = select(table.c.id, *columns).where(table.c.workspace_id == workspace_id, which)
    changed = []
    for id_, *said in session.execute(found.with_for_update()).all():
        new = {
            column.name: other
            for column, text in zip(columns, said, strict=True)
            if text and (other := otherwise(text)) != text
        }
        if new:
            one = table.c.workspace_id == workspace_id, table.c.id == id_
            session.execute(update(table).where(*one).values(new))
            changed.append(id_)
    return changed
