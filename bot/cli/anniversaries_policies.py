"""`laurel anniversaries policies`: what a workspace decided about anniversaries, seen and changed."""

import json
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, TextIO

from bot import deciding, policies, policy_words
from bot.cli import DONE, FAILED, USED_WRONGLY, complain
from bot.cli.database import using_database
from bot.cli.people import Bar
from bot.cli.workspace import chosen_workspace
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.messages.policy_changes import TITLES, change_words, together_words
from bot.policy_preview import Change, Preview, Told, preview
from bot.policy_words import Entry
from bot.settings import Settings
from bot.tenure import Policies
from storage.database import Database

SHOWN = 20  # of each list
_MOST_VALUE = 500  # characters, of a name or value that is shown
_WIDTH = 96


@dataclass(frozen=True)
class Request:
    """What was typed; `value` None: unset."""

    what: Literal["show", "set", "unset"] = "show"
    name: str = ""
    value: str | None = None
    only_preview: bool = False
    sure: bool = False
    as_json: bool = False
    team: str = ""  # Slack's id of the workspace, where there are several


def run(
    settings: Settings,
    request: Request,
    *,
    now: datetime | None = None,
    ask: Callable[[str], str] | None = None,
) -> int:
    """Show the policies, or change one; asks first where somebody sits at a terminal (`ask`)."""
    moment = now or datetime.now(UTC)

    def work(database: Database) -> int:
        workspace = chosen_workspace(database, settings, request.team)
        if isinstance(workspace, str):
            complain(workspace)
            return USED_WRONGLY if request.team else FAILED
        if request.what == "show":
            return _show(database, workspace, as_json=request.as_json)
        return _change(database, workspace, settings, request, moment, ask)

    return using_database(settings, work, connections=2)


# -- seeing --------------------------------------------------------------------------------------


def _show(database: Database, workspace: WorkspaceRef, *, as_json: bool) -> int:
    entries = policy_words.entries(
        database.read(lambda session: policies.load(session, workspace_id=workspace.id))
    )
    if as_json:
        print(json.dumps([_as_json(one) for one in entries], indent=2, ensure_ascii=False))
        return DONE
    lines = []
    for one in entries:
        if not one.about_length:
            said = textwrap.fill(one.sentence, _WIDTH, initial_indent="  ", subsequent_indent="  ")
            lines += [_line(one, 16), said]
    own = [one for one in entries if one.about_length]
    if own:
        lines += ["", "Of each length:"]
        meanings = {one.name.rpartition(".")[2]: one.sentence for one in own}
        lines += [f"  {name:<8} {sentence}" for name, sentence in meanings.items()]
        lines += [_line(one, 18) for one in own]
    # All at once, so that a reader that stops early (`| head`) breaks nothing.
    print("\n".join([*lines, "", _HOW]))
    return DONE


_HOW = "Change one with `laurel anniversaries policies set NAME VALUE`; --preview only shows."


def _line(one: Entry, width: int) -> str:
    default = "the default" if one.is_default else f"default: {one.default_shown}"
    shown = visible(policy_words.explained(one.name, one.shown), _MOST_VALUE)
    return f"{one.name:<{width}} {shown}  ({default})"


def _as_json(one: Entry) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "default": one.default,
        "is_default": one.is_default,
        "about": one.sentence,
    }


# -- changing ------------------------------------------------------------------------------------


def _change(
    database: Database,
    workspace: WorkspaceRef,
    settings: Settings,
    request: Request,
    now: datetime,
    ask: Callable[[str], str] | None,
) -> int:
    try:
        before, after = database.read(
            lambda session: deciding.with_change(
                session, workspace_id=workspace.id, name=request.name, text=request.value
            )
        )
    except ValueError as problem:
        complain(visible(str(problem), 2 * _MOST_VALUE))
        return USED_WRONGLY
    if before == after:
        return _report(request, before, after, None, "as it was")
    with Bar(sys.stderr, "Comparing") as bar:
        seen = preview(
            database,
            workspace=workspace,
            settings=settings,
            before=before,
            after=after,
            now=now,
            progress=bar.show,
        )
    asks = not (request.only_preview or request.sure) and (ask is not None or _at_a_terminal())
    if asks or not request.as_json:
        out = sys.stderr if request.as_json else sys.stdout
        _tell_difference(before, after, out)
        _tell(seen, now.date(), out)
    if request.only_preview:
        return _report(request, before, after, seen, "preview")
    if asks and not _agreed(ask):
        return _report(request, before, after, seen, "declined")
    try:
        database.write(
            lambda session: deciding.decide(
                session, workspace_id=workspace.id, name=request.name, text=request.value, now=now
            )
        )
    except ValueError as problem:
        complain(f"Meanwhile something else changed, so nothing was: {problem}")
        return FAILED
    return _report(request, before, after, seen, "changed")


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _agreed(ask: Callable[[str], str] | None) -> bool:
    if ask is not None:
        answer = ask(_QUESTION)
    else:
        print(_QUESTION, end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
    return answer.strip().casefold() in ("y", "yes")


_QUESTION = "Change it? [y/N] "
_ENDINGS = {
    "as it was": "It is so already: nothing to change.",
    "preview": "Nothing was changed: this was a preview.",
    "declined": "Nothing was changed.",
    "changed": "Changed; it holds from the next run on, and what was recorded stays as it is.",
}


def _report(
    request: Request, before: Policies, after: Policies, seen: Preview | None, result: str
) -> int:
    if not request.as_json:
        print(_ENDINGS[result])
        return DONE
    said = {
        "result": result,
        "policies": deciding.difference(before, after),
        "until": seen.until.isoformat() if seen else None,
        "celebrations": [_change_as_json(one) for one in seen.changes] if seen else [],
        "digests": [
            {"day": one.day.isoformat(), "posts": one.count, "digest": one.digest}
            for one in (seen.together if seen else ())
        ],
    }
    print(json.dumps(said, indent=2, ensure_ascii=False))
    return DONE


def _change_as_json(change: Change) -> dict[str, Any]:
    def side(told: Told | None) -> dict[str, Any] | None:
        if told is None:
            return None
        return {
            "day": told.day.isoformat(),
            "hour": told.hour,
            "told": told.place,
            "badge": told.badge or None,
            "message": told.message or None,
        }

    return {
        "what": change.kind,
        "name": change.name,
        "length": str(change.length),
        "before": side(change.before),
        "after": side(change.after),
    }


def _tell_difference(before: Policies, after: Policies, out: TextIO) -> None:
    for name, said in deciding.difference(before, after).items():
        old, new = (
            visible(policy_words.explained(name, one) if one else "—", _MOST_VALUE)
            for one in (said["from"], said["to"])
        )
        print(f"{name}: {old} → {new}", file=out)


def _tell(seen: Preview, today: date, out: TextIO) -> None:
    def in_words(day: date) -> str:
        """`Fri 27 Feb`; with its year where that is another."""
        return f"{day:%a} {day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")

    until = in_words(seen.until)
    if not seen.changes:
        print(f"No celebration until {until} moves, is added or dropped.", file=out)
    else:
        print(f"Celebrations until {until}:", file=out)
    for kind, title in TITLES.items():
        found = seen.of(kind)
        if found:
            print(f"{title}: {len(found):,}", file=out)
            for one in found[:SHOWN]:
                print(f"  {change_words(one, in_words, visible, policy_words.OWN_WORDS)}", file=out)
            _more(len(found), out)
    if seen.together:
        print(f"Digests: {len(seen.together):,}", file=out)
        for hour in seen.together[:SHOWN]:
            print(f"  {together_words(hour, in_words)}", file=out)
        _more(len(seen.together), out)


def _more(count: int, out: TextIO) -> None:
    if count > SHOWN:
        print(f"  … and {count - SHOWN:,} more", file=out)
