"""The tables can be spread by workspace over a distributed PostgreSQL, as docs/scaling.md says how."""

import re
from pathlib import Path

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import SQLModel

from storage import tables, whole

GUIDE = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_whatever_is_unique_or_referred_to_is_so_within_a_workspace() -> None:
    for table in whole.every_table():
        first = [next(iter(table.primary_key.columns)).name]
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint | ForeignKeyConstraint):
                first.append(next(iter(constraint.columns)).name)
        first += [next(iter(index.columns)).name for index in table.indexes]
        assert set(first) == {"workspace_id"}, table.name


def test_the_guide_spreads_every_table_after_those_it_refers_to() -> None:
    spread = re.findall(r"create_(?:reference|distributed)_table\('(\w+)'", GUIDE)
    assert set(spread) == {"workspace"} | {table.name for table in whole.every_table()}
    for table in whole.every_table():
        for key in table.foreign_keys:
            there = key.column.table.name
            assert there == table.name or spread.index(there) < spread.index(table.name)
    for table in tables.OAUTH:
        assert f"`{table.name}`" in GUIDE
    assert "DELETE FROM generation;" in GUIDE  # which stays where it is, and empty
    everything = {"workspace", "generation", *spread, *(table.name for table in tables.OAUTH)}
    assert everything == set(SQLModel.metadata.tables)
