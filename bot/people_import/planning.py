"""Comparing an HR file with the database: what would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from bot import policies
from bot.hr_file import HrFile, HrPerson, visible
from bot.hr_file.problems import Findings
from bot.people_import.matching import KINDS, WORDS, Matches, match, with_nearest
from bot.people_import.plans import Adjusted, Plan, Started, Stranger
from bot.people_import.spells import SOURCE, Pairing, Reconciled, is_the_same, reconcile
from storage import directory, employment, tenure
from storage.directory import Known, NewIdentity, NewPerson, chunks
from storage.employment import EmploymentRow
from storage.tenure import NewSpell, SpellRow
from storage.types import new_id

Progress = Callable[[float], object]
_FEW = 3


def make_plan(
    session: Connection,
    *,
    workspace_id: int,
    file: HrFile,
    progress: Progress = lambda _done: None,
    lock: bool = False,
) -> Plan:
    """What importing a file would change; `lock`: nobody else enters dates meanwhile.

    Raises FileRefusedError where it contradicts what is known, with every line that does.
    """
    if lock:
        tenure.lock_all(session, workspace_id=workspace_id)
    matches = match(session, workspace_id=workspace_id, people=file.people)
    sources = policies.load(session, workspace_id=workspace_id).sources
    comparison = _Comparison(workspace_id, file, matches, sources)
    done = 0
    for chunk in chunks(range(len(file.people))):
        comparison.compare(session, chunk)
        done += len(chunk)
        progress(done / len(file.people))
    plan = comparison.finish()
    plan.strangers = with_nearest(
        session,
        workspace_id=workspace_id,
        strangers=plan.strangers,
        matched=frozenset(matches.ids),
    )
    return plan


@dataclass
class _Comparison:
    """Makes the plan, a chunk of the file at a time."""

    workspace_id: int
    file: HrFile
    matches: Matches
    sources: Sequence[str]
    plan: Plan = field(default_factory=Plan)
    findings: Findings = field(default_factory=Findings)
    lost_managers: dict[str, int] = field(default_factory=dict)

    def compare(self, session: Connection, places: Sequence[int]) -> None:
        """Compare the people at these places of the file."""
        ids = [self.matches.ids[place] for place in places if not self.matches.is_new[place]]
        known = directory.known(session, workspace_id=self.workspace_id, person_ids=ids)
        spells = tenure.of_people(session, workspace_id=self.workspace_id, person_ids=ids)
        employed = self._employed(session, ids)
        for place in places:
            person_id, person = self.matches.ids[place], self.file.people[place]
            before = known.get(person_id)
            if before and before.slack_id and person.slack_id not in ("", before.slack_id):
                self.findings.add(
                    person.line,
                    f"Laurel knows this person in Slack as {before.slack_id}, not as"
                    f" {person.slack_id}.",
                )
                continue
            name = visible(person.name or (before.name if before else _fallback(person)))
            differs = self._identify(person, person_id, before)
            differs += self._employ(person, person_id, employed.get(person_id))
            self._serve(person, person_id, name, spells.get(person_id, ()), differs)

    def finish(self) -> Plan:
        """The plan, once everybody was compared. Raises FileRefusedError."""
        self.findings.settle()
        plan = self.plan
        plan.people = len(self.file.people)
        plan.notes = list(self.file.notes)
        if lost := list(self.lost_managers.items()):
            shown = ", ".join(f"{manager} (line {line:,})" for manager, line in lost[:_FEW])
            more = f" and {len(lost) - _FEW:,} more" if len(lost) > _FEW else ""
            plan.notes.append(f"Managers whom nobody is known by, left out: {shown}{more}.")
        return plan

    def _employed(self, session: Connection, ids: Sequence[UUID]) -> Mapping[UUID, EmploymentRow]:
        if not self.file.fields & {"manager", "country"}:
            return {}
        return employment.of_people(session, workspace_id=self.workspace_id, person_ids=ids)

    def _identify(self, person: HrPerson, person_id: UUID, before: Known | None) -> list[str]:
        """Have somebody known by what the file says; what of that is more than was known."""
        writes = self.plan.writes
        if before is None:
            self._meet(person, person_id)
            return []
        if not (before.slack_id or person.slack_id):
            self._note_stranger(person, before.name)
        differs = []
        for kind, name in KINDS:
            if (value := getattr(person, name)) and value not in self.matches.known_by[kind]:
                writes.identities.append(NewIdentity(kind, value, person_id))
                differs.append(WORDS[kind])
        # What Slack says of a name goes before what HR says.
        if not before.slack_id and person.name not in ("", before.name):
            writes.names.append(NewPerson(person_id, person.name))
            differs.append("name")
        return differs

    def _meet(self, person: HrPerson, person_id: UUID) -> None:
        writes = self.plan.writes
        writes.people.append(NewPerson(person_id, person.name or _fallback(person)))
        for kind, name in KINDS:
            if value := getattr(person, name):
                writes.identities.append(NewIdentity(kind, value, person_id))
        if not person.slack_id:
            self._note_stranger(person, _fallback(person))

    def _note_stranger(self, person: HrPerson, otherwise: str) -> None:
        name = visible(person.name or otherwise)
        self.plan.strangers.append(Stranger(person.line, name, visible(person.email)))

    def _employ(self, person: HrPerson, person_id: UUID, before: EmploymentRow | None) -> list[str]:
        """Note manager and country; which of them is another than was known."""
        known = before or EmploymentRow()
        manager, country = known.manager_id, person.country or known.country
        if "manager" in self.file.fields:
            found = self.matches.managers.get(person.manager)
            if person.manager and found is None:
                self.lost_managers.setdefault(visible(person.manager), person.line)
            elif found != person_id:
                manager = found
        now = EmploymentRow(manager, country)
        if now == known:
            return []
        self.plan.writes.employment[person_id] = now
        named = zip(("manager", "country"), now, known, strict=True)
        return [name for name, new, old in named if new != old]

    def _serve(
        self,
        person: HrPerson,
        person_id: UUID,
        name: str,
        before: Sequence[SpellRow],
        differs: list[str],
    ) -> None:
        """Note what becomes of somebody’s employments."""
        plan, writes = self.plan, self.plan.writes
        if not differs and is_the_same(before, person.spells):  # as nearly everybody’s, mostly
            plan.unchanged += 1
            return
        found = reconcile(before, person.spells, sources=self.sources, fields=self.file.fields)
        for spell in found.added:
            spell_id = new_id()
            writes.added.append(NewSpell(spell_id, person_id, spell.start, spell.end))
            if spell.leave:
                writes.leave[spell_id] = spell.leave
        writes.removed += [row.id for row in found.removed]
        if before and (found.added or found.removed):
            writes.settled.add(person_id)
        for pair in found.paired:
            differs += self._renew(pair)
        plan.trusted += [_started(pair, name) for pair in found.trusted if pair.dates_change]
        if self._tell(found, name):
            return
        if found.removed:
            differs.append("an employment that is gone")
        if differs:
            plan.adjusted.append(Adjusted(person.line, name, tuple(dict.fromkeys(differs))))
        else:
            plan.unchanged += 1

    def _renew(self, pair: Pairing) -> list[str]:
        """Note what changes of a known employment; what that is, its beginning and end apart."""
        writes, known, spell = self.plan.writes, pair.before, pair.after
        dated = pair.dates_change or known.source != SOURCE
        if dated:
            writes.changed.append(NewSpell(known.id, known.person_id, spell.start, spell.end))
        leave = tuple(tuple(pause) for pause in spell.leave)
        paused = "leave_from" in self.file.fields and leave != known.leave
        if paused:
            writes.leave[known.id] = spell.leave
        if dated or paused:
            writes.settled.add(known.person_id)
        differs = ["leave"] if paused else []
        if known.ended_on != spell.end:
            differs.append("last day")
        return differs or (["where the start date is from"] if dated else [])

    def _tell(self, found: Reconciled, name: str) -> bool:
        """Note what people should read before it is done; whether there was any."""
        plan = self.plan
        changed = [pair for pair in found.paired if pair.before.started_on != pair.after.start]
        ended = [
            pair
            for pair in found.paired
            if pair.before.ended_on is None and pair.after.end is not None
        ]
        plan.changed += [_started(pair, name) for pair in changed]
        plan.ended += [_started(pair, name) for pair in ended]
        if found.added:
            latest = found.added[-1]
            plan.new.append(Started(latest.line, name, latest.start, end=latest.end))
        return bool(changed or ended or found.added)


def _started(pair: Pairing, name: str) -> Started:
    spell = pair.after
    return Started(spell.line, name, spell.start, pair.before.started_on, spell.end)


def _fallback(person: HrPerson) -> str:
    """What to call somebody of whom the file tells no name."""
    local = person.email.partition("@")[0].replace(".", " ").replace("_", " ").strip()
    return local.title() or person.slack_id or person.employee
