"""What awards look up, kept from one transaction to the next for as long as it stays true.

The database counts what changes of it (`storage.generations`). Whoever answers from here has the counts
looked at in the same transaction: where one has grown, the transaction runs anew, and looks everything up.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from storage import badges, people, settings
from storage.badges import BadgeRow
from storage.database import TransactionConflictError, is_again
from storage.lines import line_of
from storage.people import PersonRow
from storage.prepared import Query, Row
from storage.questions import Later, Question, ask, ask_together
from storage.tables import Generation, table_of

_MOST_PEOPLE = 2_000  # of a workspace, about
_MOST_WORKSPACES = 50
_generation = table_of(Generation)
_counted = (
    select(_generation.c.kind, func.sum(_generation.c.number))
    .where(_generation.c.workspace_id == bindparam("workspace_id"))
    .group_by(_generation.c.kind)
)
_now = Query(_counted)
# A transaction that has changed something may be rolled back, and what it read with it.
_unless_changed = Query(_counted.where(func.pg_current_xact_id_if_assigned().is_(None)))


class Generations(NamedTuple):
    """How often the people and the catalogue of a workspace have changed."""

    people: int
    catalogue: int


class Wanted(NamedTuple):
    """What an award has to know: people by Slack id, badges by key or by id, and a setting."""

    slack_ids: Sequence[str]
    badge_keys: Sequence[str]
    badge_ids: Sequence[UUID]
    setting: str


class Found(NamedTuple):
    """Which of it there is."""

    people: dict[str, PersonRow]
    badges: list[BadgeRow]
    setting: str | None


class _Catalogue(NamedTuple):
    by_key: dict[str, list[BadgeRow]]
    by_id: dict[UUID, BadgeRow]

    @classmethod
    def of(cls, every: Collection[BadgeRow]) -> "_Catalogue":
        by_key: dict[str, list[BadgeRow]] = {}
        for badge in every:
            for key in {badge.slug, badge.name_key}:
                by_key.setdefault(key, []).append(badge)
        return cls(by_key, {badge.id: badge for badge in every})

    def find(self, wanted: Wanted) -> list[BadgeRow]:
        if wanted.badge_ids:
            return [self.by_id[one] for one in wanted.badge_ids if one in self.by_id]
        found = [badge for key in wanted.badge_keys for badge in self.by_key.get(key, ())]
        return list({badge.id: badge for badge in found}.values())


@dataclass
class _Kept:
    """What is known of a workspace as of two counts; `check` has them looked at."""

    as_of: Generations
    check: Later[Generations | None]
    catalogue: _Catalogue | None  # None: it is large, and not kept
    settings: dict[str, str | None] = field(default_factory=dict)
    people: dict[str, PersonRow] = field(default_factory=dict)


class Memory:
    """What one process remembers of each workspace; any thread may ask."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}

    def look_up(self, session: Connection, wanted: Wanted, *, workspace_id: int) -> Found:
        """Find it, in memory or in the database.

        The rest of the transaction may raise TransactionConflictError, so that it runs anew, until a
        statement has run after this one: what it was told from memory was true no more.
        """
        kept = self._kept.get(workspace_id)
        if kept is not None and not is_again(session):
            known = {one: kept.people[one] for one in wanted.slack_ids if one in kept.people}
            if len(known) == len(set(wanted.slack_ids)) and wanted.setting in kept.settings:
                kept.check.ask(session)
                found = (
                    ask(session, _badges_of(wanted, workspace_id))
                    if kept.catalogue is None
                    else kept.catalogue.find(wanted)
                )
                return Found(known, found, kept.settings[wanted.setting])
        return self._read(session, workspace_id, wanted, kept)

    def _read(
        self, session: Connection, workspace_id: int, wanted: Wanted, kept: _Kept | None
    ) -> Found:
        counts = _unless_changed if session.dialect.name == "postgresql" else _now
        as_of, setting, known, found = ask_together(
            session,
            # Before the rest: what is read may be younger than what it is taken for, never older.
            Question(counts, {"workspace_id": workspace_id}, _generations),
            settings.kept(workspace_id=workspace_id, key=wanted.setting),
            people.of_slack_ids(workspace_id=workspace_id, slack_ids=wanted.slack_ids),
            _badges_of(wanted, workspace_id),
        )
        if as_of is not None and not line_of(session).has_changed():
            if kept is None or kept.as_of.catalogue != as_of.catalogue:
                few = badges.few(session, workspace_id=workspace_id)
                catalogue = None if few is None else _Catalogue.of(few)
                kept = self._new(workspace_id, as_of, catalogue)
            elif kept.as_of != as_of or len(kept.people) > _MOST_PEOPLE:
                kept = self._new(workspace_id, as_of, kept.catalogue)
            kept.settings[wanted.setting] = setting
            kept.people.update(known)
            self._kept[workspace_id] = kept
            for oldest in list(self._kept)[:-_MOST_WORKSPACES]:
                self._kept.pop(oldest, None)
        return Found(known, found, setting)

    def _new(self, workspace_id: int, as_of: Generations, catalogue: _Catalogue | None) -> _Kept:
        def compare(found: Generations | None) -> None:
            if found != as_of:
                if self._kept.get(workspace_id) is kept:
                    del self._kept[workspace_id]
                raise TransactionConflictError("something was changed since it was looked up")

        check = Later(Question(_now, {"workspace_id": workspace_id}, _generations), compare)
        kept = _Kept(as_of, check, catalogue)
        return kept


def _badges_of(wanted: Wanted, workspace_id: int) -> Question[list[BadgeRow]]:
    ids = wanted.badge_ids
    if not ids:
        return badges.of_keys(workspace_id=workspace_id, keys=wanted.badge_keys)
    found = badges.of_ids(workspace_id=workspace_id, ids=ids)
    return found.then(lambda rows: [badge for one in ids for badge in rows if badge.id == one])


def _generations(rows: list[Row]) -> Generations | None:
    counts = {kind: int(number) for kind, number in rows}
    return Generations(counts.get("people", 0), counts.get("catalogue", 0)) if counts else None
