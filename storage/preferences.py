"""What people chose for themselves."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from storage.prepared import Query
from storage.tables import Preference, table_of
from storage.upsert import insert_for

NOTIFY = "notify"  # direct messages about badges: "on" or "off"
NEW_AWARDS = "new_awards"  # new awards on one's own profile: "shown" or "hidden"

_preference = table_of(Preference)
_chosen = Query(
    select(_preference.c.value).where(
        _preference.c.workspace_id == bindparam("workspace_id"),
        _preference.c.person_id == bindparam("person_id"),
        _preference.c.key == bindparam("key"),
    )
)
_choosers = Query(
    select(_preference.c.person_id).where(
        _preference.c.workspace_id == bindparam("workspace_id"),
        _preference.c.person_id.in_(bindparam("ids", expanding=True)),
        _preference.c.key == bindparam("key"),
        _preference.c.value == bindparam("value"),
    )
)


def chosen(session: Connection, *, workspace_id: int, person_id: UUID, key: str) -> str | None:
    """What a person chose, or None where they chose nothing."""
    values = {"workspace_id": workspace_id, "person_id": person_id, "key": key}
    for (value,) in _chosen.rows(session, values):
        return str(value)
    return None


def who_chose(
    session: Connection, *, workspace_id: int, ids: Collection[UUID], key: str, value: str
) -> frozenset[UUID]:
    """Those of these people who chose this."""
    if not ids:
        return frozenset()
    values = {"workspace_id": workspace_id, "ids": ids, "key": key, "value": value}
    return frozenset(row[0] for row in _choosers.rows(session, values))


def who_hide_new(
    session: Connection, *, workspace_id: int, ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those of these people whose new awards begin hidden on their profile."""
    return who_chose(session, workspace_id=workspace_id, ids=ids, key=NEW_AWARDS, value="hidden")


def save(session: Connection, *, workspace_id: int, person_id: UUID, key: str, value: str) -> None:
    """Keep what a person chose."""
    chosen = insert_for(session, _preference).values(
        workspace_id=workspace_id, person_id=person_id, key=key, value=value
    )
    session.execute(
        chosen.on_conflict_do_update(
            index_elements=["workspace_id", "person_id", "key"],
            set_={"value": chosen.excluded.value},
        )
    )
