"""Changing a workspace's policies: checked, kept, and written down in the audit."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import policies, policy_words
from bot.parsing import badge_key
from bot.tenure import Length, Policies
from storage import audit, badges, settings

ACTION = "anniversaries.policy"


def with_change(
    session: Connection, *, workspace_id: int, name: str, text: str | None
) -> tuple[Policies, Policies]:
    """The workspace's policies, and what they would be with one of them changed; writes nothing.

    `text` None: as where nothing was decided. Raises ValueError with a sentence.
    """
    return with_changes(session, workspace_id=workspace_id, changes={name: text})


def with_changes(
    session: Connection, *, workspace_id: int, changes: Mapping[str, str | None]
) -> tuple[Policies, Policies]:
    """The same with several of them changed, one after the other."""
    before = after = policies.load(session, workspace_id=workspace_id)
    for name, text in changes.items():
        if text is not None and policy_words.badge_named(name) and text.strip():
            text = _slug(session, workspace_id, text.strip())
        after = policy_words.changed(after, name, text)
    return before, after


def decide(
    session: Connection,
    *,
    workspace_id: int,
    name: str,
    text: str | None,
    now: datetime,
    actor_id: UUID | None = None,
) -> bool:
    """Change a policy, or say that it is so already (False); `actor_id` None: the command line.

    Raises ValueError with a sentence.
    """
    return decide_all(
        session, workspace_id=workspace_id, changes={name: text}, now=now, actor_id=actor_id
    )


def decide_all(
    session: Connection,
    *,
    workspace_id: int,
    changes: Mapping[str, str | None],
    now: datetime,
    actor_id: UUID | None = None,
) -> bool:
    """The same for several policies at once."""
    settings.lock(session, workspace_id=workspace_id)
    before, after = with_changes(session, workspace_id=workspace_id, changes=changes)
    if before == after:
        return False
    subject = ", ".join(name.strip() for name in changes)
    _keep(session, workspace_id, subject, before, after, now, actor_id)
    return True


def follow_badge(
    session: Connection,
    *,
    workspace_id: int,
    slug: str,
    renamed: str,
    now: datetime,
    actor_id: UUID | None,
) -> None:
    """Have milestones that earn the badge of a slug go on earning it now that it has another slug."""
    settings.lock(session, workspace_id=workspace_id)
    before = policies.load(session, workspace_id=workspace_id)
    after = policies.following(before, slug, renamed)
    if before != after:
        changed = ", ".join(difference(before, after))
        _keep(session, workspace_id, changed, before, after, now, actor_id)


def _keep(
    session: Connection,
    workspace_id: int,
    subject: str,
    before: Policies,
    after: Policies,
    now: datetime,
    actor_id: UUID | None,
) -> None:
    policies.save(session, workspace_id=workspace_id, policies=after, now=now)
    audit.note(
        session,
        workspace_id=workspace_id,
        action=ACTION,
        subject=subject,
        detail=json.dumps(difference(before, after), ensure_ascii=False),
        now=now,
        actor_id=actor_id,
    )


def difference(before: Policies, after: Policies) -> dict[str, dict[str, str | None]]:
    """What differs, by name: `from` and `to` in writing; None: there is no such length."""
    old, new = (
        {one.name: one for one in policy_words.entries(policies)} for policies in (before, after)
    )
    found: dict[str, dict[str, str | None]] = {}
    for name in {**old, **new}:
        was, is_ = old.get(name), new.get(name)
        # That a length comes or goes is said by the list of them; here, what was decided of it.
        one_side = was or is_ if was is None or is_ is None else None
        if (one_side and one_side.is_default) or (was and is_ and was.value == is_.value):
            continue
        found[name] = {"from": was.shown if was else None, "to": is_.shown if is_ else None}
    return found


def _slug(session: Connection, workspace_id: int, text: str) -> str:
    """The slug of a badge that is named by slug or name, and that Laurel may award by itself."""
    keys = sorted({text.casefold(), badge_key(text)})
    found = badges.matching(session, workspace_id=workspace_id, keys=keys)
    if not found:
        raise ValueError(f"There is no badge “{text}”; `/badges catalog` shows them.")
    if not found[0].active:
        raise ValueError(f"The badge “{found[0].slug}” is retired: nobody can receive it.")
    # One that is called after a length is earned by it unless a rule says otherwise.
    if found[0].private and Length.of_slug(found[0].slug) is None:
        raise ValueError(f"The badge “{found[0].slug}” is private: it is only awarded by hand.")
    return found[0].slug
