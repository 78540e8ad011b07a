"""Whose rows these are: the people of an HR file among those who are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz, process, utils
from sqlalchemy import Connection

from bot.hr_file import HrPerson, visible
from bot.hr_file.problems import Findings
from bot.people_import.plans import Stranger
from storage import directory
from storage.types import new_id

COMPARED = 20  # people not in Slack whose names are compared with everybody’s
NEAREST = 3
_ALIKE = 75  # of 100
# What the outside knows people by, in the order in which it counts, and what a row calls it.
KINDS = (("email", "email"), ("slack", "slack_id"), ("employee", "employee"))
WORDS = {"email": "e-mail address", "slack": "Slack id", "employee": "employee number"}


@dataclass(frozen=True)
class Matches:
    """The people of the file by their places in it; those not known yet have new ids."""

    ids: tuple[UUID, ...]
    is_new: tuple[bool, ...]
    known_by: Mapping[str, Mapping[str, UUID]]  # kind → value → whose
    managers: Mapping[str, UUID]


def match(session: Connection, *, workspace_id: int, people: Sequence[HrPerson]) -> Matches:
    """Find everybody by e-mail address, then by Slack id, then by employee number.

    Raises FileRefusedError with every line that fits two people, or one who was met before.
    """
    known_by = {
        kind: directory.by_identities(
            session,
            workspace_id=workspace_id,
            kind=kind,
            values=[value for one in people if (value := getattr(one, name))],
        )
        for kind, name in KINDS
    }
    findings = Findings()
    ids: list[UUID] = []
    is_new: list[bool] = []
    lines: dict[UUID, int] = {}
    for person in people:
        found = {
            kind: known_by[kind][value]
            for kind, name in KINDS
            if (value := getattr(person, name)) and value in known_by[kind]
        }
        known = next(iter(found.values()), None)
        if len(set(found.values())) > 1:
            findings.add(person.line, _torn(found))
        elif known in lines:
            findings.add(
                person.line, f"Laurel knows this as the same person as line {lines[known]:,}."
            )
        if known is not None:
            lines[known] = person.line
        ids.append(known or new_id())
        is_new.append(known is None)
    findings.settle()
    managers = _managers(session, workspace_id, people, ids)
    return Matches(tuple(ids), tuple(is_new), known_by, managers)


def _torn(found: dict[str, UUID]) -> str:
    first, first_id = next(iter(found.items()))
    other = next(kind for kind, person_id in found.items() if person_id != first_id)
    return f"Laurel knows the {WORDS[first]} and the {WORDS[other]} as those of two people."


def _managers(
    session: Connection, workspace_id: int, people: Sequence[HrPerson], ids: Sequence[UUID]
) -> dict[str, UUID]:
    """Whom managers’ e-mail addresses, Slack ids and employee numbers mean."""
    wanted = {person.manager for person in people if person.manager}
    found: dict[str, UUID] = {}
    for _kind, name in reversed(KINDS):
        for person, person_id in zip(people, ids, strict=True):
            if (value := getattr(person, name)) in wanted:
                found[value] = person_id
    for kind, _name in KINDS:
        left = sorted(wanted - found.keys())
        found |= directory.by_identities(session, workspace_id=workspace_id, kind=kind, values=left)
    return found


def with_nearest(
    session: Connection,
    *,
    workspace_id: int,
    strangers: Sequence[Stranger],
    matched: frozenset[UUID],
) -> list[Stranger]:
    """The same people, the first ones with names in Slack that look alike and nobody matched."""
    if not strangers:
        return []
    names = [
        name
        for person_id, name in directory.names_in_slack(session, workspace_id=workspace_id)
        if person_id not in matched
    ]
    plain = [utils.default_process(name) for name in names]
    told = []
    for stranger in strangers[:COMPARED]:
        near = process.extract(
            utils.default_process(stranger.name),
            plain,
            scorer=fuzz.token_sort_ratio,
            score_cutoff=_ALIKE,
            limit=NEAREST,
        )
        told.append(stranger._replace(nearest=tuple(visible(names[at]) for _, _, at in near)))
    return [*told, *strangers[COMPARED:]]
