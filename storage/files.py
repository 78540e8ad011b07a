"""Which pictures Slack has already, and having the others uploaded."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select

from storage.outbox import NewDelivery, enqueue, rearm
from storage.prepared import Query
from storage.tables import SlackFile, table_of
from storage.upsert import insert_for

UPLOAD_LANE = "files"
WORKED_ON = timedelta(minutes=1)  # how long Slack may take until it shows a file

_file = table_of(SlackFile)
_by_keys = Query(
    select(_file.c.key, _file.c.file_id).where(
        _file.c.workspace_id == bindparam("of_workspace"),
        _file.c.key.in_(bindparam("keys", expanding=True)),
    )
)


def file_ids(session: Connection, *, workspace_id: int, keys: Collection[str]) -> dict[str, str]:
    """Slack's file ids of those among these pictures that it has, by picture key."""
    rows = _by_keys.rows(session, {"of_workspace": workspace_id, "keys": sorted(set(keys))})
    return {row[0]: row[1] for row in rows}


def file_id(session: Connection, *, workspace_id: int, key: str) -> str | None:
    """Slack's file id of a picture, if Slack has it."""
    return file_ids(session, workspace_id=workspace_id, keys=[key]).get(key)


def save(session: Connection, *, workspace_id: int, key: str, file_id: str, now: datetime) -> None:
    """Note that Slack has a picture by this file id."""
    kept = insert_for(session, _file).values(
        workspace_id=workspace_id, key=key, file_id=file_id, uploaded_at=now
    )
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["workspace_id", "key"],
            set_={"file_id": kept.excluded.file_id, "uploaded_at": kept.excluded.uploaded_at},
        )
    )


def forget(session: Connection, *, workspace_id: int, keys: Collection[str]) -> None:
    """Slack has lost these pictures, or cannot show them: they are uploaded anew when needed."""
    session.execute(
        delete(_file).where(_file.c.workspace_id == workspace_id, _file.c.key.in_(list(keys)))
    )


def forget_refused(
    session: Connection, *, workspace_id: int, file_ids: Collection[str], now: datetime
) -> None:
    """Slack refused something that shows these files: they are lost, unless one of them is new.

    Slack does not say which of them it cannot show; it may only be working on the new one still.
    """
    shown = (_file.c.workspace_id == workspace_id, _file.c.file_id.in_(list(file_ids)))
    newest = session.execute(select(func.max(_file.c.uploaded_at)).where(*shown)).scalar()
    if newest is not None and newest <= now - WORKED_ON:
        session.execute(delete(_file).where(*shown))


def enqueue_uploads(
    session: Connection, *, workspace_id: int, keys: Collection[str], now: datetime
) -> int:
    """Have the pictures among these that Slack lacks uploaded, and return how many those are."""
    if not keys:
        return 0
    known = file_ids(session, workspace_id=workspace_id, keys=keys)
    missing = [key for key in dict.fromkeys(keys) if key not in known]
    if not missing:
        return 0
    uploads = [NewDelivery(UPLOAD_LANE, "upload", f"upload:{key}", subject=key) for key in missing]
    # One that was uploaded before and then forgotten has its delivery still.
    rearm(session, workspace_id=workspace_id, keys=[upload.key for upload in uploads], now=now)
    enqueue(session, workspace_id=workspace_id, deliveries=uploads, now=now)
    return len(missing)
