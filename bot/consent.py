"""Who is told of a person's anniversaries: chosen ahead of time, by themselves."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot import policies
from bot.deps import WorkspaceRef
from bot.errors import NotPermittedError
from bot.profiles import Reader
from bot.tenure import Choice, Policies
from storage import audit, preferences, settings
from storage.tenure import CHOICE

ACTION = "anniversaries.default"


@dataclass(frozen=True)
class Consent:
    """What is told of a person's anniversaries; `chosen`: they said so, else it is everyone's default."""

    choice: Choice
    chosen: bool
    policies: Policies
    guest: bool
    messages: bool  # whether they want direct messages about badges at all


def of(session: Connection, workspace: WorkspaceRef, *, reader: Reader) -> Consent:
    """What somebody chose for themselves."""
    rules = policies.load(session, workspace_id=workspace.id)
    kept = preferences.chosen(
        session, workspace_id=workspace.id, person_id=reader.person.id, key=CHOICE
    )
    choice: Choice = rules.unless_chosen
    match kept:
        case "feed" | "dm" | "nothing":
            choice = kept
    messages = preferences.chosen(
        session, workspace_id=workspace.id, person_id=reader.person.id, key=preferences.NOTIFY
    )
    return Consent(choice, kept is not None, rules, reader.person.guest, messages != "off")


def rules_of(session: Connection, workspace: WorkspaceRef) -> Policies:
    """What the workspace decided."""
    return policies.load(session, workspace_id=workspace.id)


def choose(
    session: Connection, workspace: WorkspaceRef, *, reader: Reader, choice: Choice
) -> Consent:
    """Choose for oneself; it holds for what was not sent yet, too."""
    preferences.save(
        session,
        workspace_id=workspace.id,
        person_id=reader.person.id,
        key=CHOICE,
        value=choice,
    )
    return of(session, workspace, reader=reader)


def choose_for_everyone(
    session: Connection, workspace: WorkspaceRef, *, reader: Reader, choice: Choice, now: datetime
) -> Policies:
    """Choose for all who did not choose for themselves: "nothing" makes it opt-in.

    Raises NotPermittedError.
    """
    if not reader.viewer.admin:
        raise NotPermittedError(
            "What holds for everyone is for badge admins to say."
            " `/badges anniversaries` is about your own."
        )
    settings.lock(session, workspace_id=workspace.id)
    rules = policies.load(session, workspace_id=workspace.id)
    changed = replace(rules, unless_chosen=choice)
    policies.save(session, workspace_id=workspace.id, policies=changed, now=now)
    audit.note(
        session,
        workspace_id=workspace.id,
        action=ACTION,
        subject="everyone",
        detail=json.dumps({"from": rules.unless_chosen, "to": choice}),
        now=now,
        actor_id=reader.person.id,
    )
    return changed
