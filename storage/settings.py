"""What an admin chose for the workspace, what Laurel has to remember, and who is at something."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, or_, select, update

from storage.prepared import Query
from storage.questions import Question, ask
from storage.tables import Setting, Workspace, table_of
from storage.upsert import insert_for

_setting = table_of(Setting)
_workspace = table_of(Workspace)
_CLOCKS_DIFFER = timedelta(minutes=1)  # those of two machines, at most
_by_key = Query(
    select(_setting.c.value).where(
        _setting.c.workspace_id == bindparam("workspace_id"), _setting.c.key == bindparam("key")
    )
)


def kept(*, workspace_id: int, key: str) -> Question[str | None]:
    """Asks for what is kept under a key, or None."""
    values = {"workspace_id": workspace_id, "key": key}
    return Question(_by_key, values, lambda rows: rows[0][0] if rows else None)


def get(session: Connection, *, workspace_id: int, key: str) -> str | None:
    """What is kept under a key, or None."""
    return ask(session, kept(workspace_id=workspace_id, key=key))


def present(session: Connection, *, workspace_id: int, keys: Collection[str]) -> frozenset[str]:
    """Those of these keys under which something is kept."""
    if not keys:
        return frozenset()
    rows = session.execute(
        select(_setting.c.key).where(
            _setting.c.workspace_id == workspace_id, _setting.c.key.in_(list(keys))
        )
    )
    return frozenset(rows.scalars())


def lock(session: Connection, *, workspace_id: int) -> None:
    """Make others who lock a workspace's settings wait for the end of this transaction.

    For whoever reads what is kept, and then puts something in its place.
    """
    session.execute(
        select(_workspace.c.id)
        .where(_workspace.c.id == workspace_id)
        .with_for_update(key_share=True)
    )


def put(session: Connection, *, workspace_id: int, key: str, value: str, now: datetime) -> None:
    """Keep a value under a key, in place of the one before."""
    kept = insert_for(session, _setting).values(
        workspace_id=workspace_id, key=key, value=value, updated_at=now
    )
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["workspace_id", "key"],
            set_={"value": kept.excluded.value, "updated_at": kept.excluded.updated_at},
        )
    )


def remove(session: Connection, *, workspace_id: int, key: str) -> None:
    """Forget what is kept under a key."""
    session.execute(
        delete(_setting).where(_setting.c.workspace_id == workspace_id, _setting.c.key == key)
    )


def take_turn(
    session: Connection,
    *,
    workspace_id: int,
    key: str,
    holder: str,
    now: datetime,
    until: datetime,
) -> bool:
    """Be the only one at something until then; False when somebody else is.

    Taking it again prolongs it. A holder that died is relieved once its time is over; so is one whose
    time ends later than any can, unless the clock was set back since.
    """
    taken = session.execute(
        insert_for(session, _setting)
        .values(workspace_id=workspace_id, key=key, value=holder, updated_at=until)
        .on_conflict_do_nothing()
    )
    if taken.rowcount == 1:
        return True
    prolonged = session.execute(
        update(_setting)
        .where(
            and_(_setting.c.workspace_id == workspace_id, _setting.c.key == key),
            or_(
                _setting.c.value == holder,
                _setting.c.updated_at <= now,
                _setting.c.updated_at > until + _CLOCKS_DIFFER,
            ),
        )
        .values(value=holder, updated_at=until)
    )
    return prolonged.rowcount == 1


def end_turn(session: Connection, *, workspace_id: int, key: str, holder: str) -> None:
    """Let the next one have their turn."""
    session.execute(
        delete(_setting).where(
            _setting.c.workspace_id == workspace_id,
            _setting.c.key == key,
            _setting.c.value == holder,
        )
    )


def clear_turns(session: Connection, *, workspace_id: int, prefix: str, now: datetime) -> None:
    """Forget the turns under keys that begin so whose time is over."""
    session.execute(
        delete(_setting).where(
            _setting.c.workspace_id == workspace_id,
            _setting.c.key.startswith(prefix, autoescape=True),
            _setting.c.updated_at <= now,
        )
    )
