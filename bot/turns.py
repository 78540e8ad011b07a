"""Taking turns: one process at a time is at something, and relieved if it dies."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.deps import Deps, WorkspaceRef
from storage import settings

LASTS = timedelta(minutes=10)  # unless it is kept


@dataclass(frozen=True)
class Turn:
    """Somebody's turn at something."""

    deps: Deps
    workspace: WorkspaceRef
    key: str
    holder: str
    lasts: timedelta = LASTS

    def keep(self) -> bool:
        """Have it last from now on again; False when it is somebody else's by now."""
        now = self.deps.clock()
        return self.deps.database.write(
            lambda session: settings.take_turn(
                session,
                workspace_id=self.workspace.id,
                key=self.key,
                holder=self.holder,
                now=now,
                until=now + self.lasts,
            )
        )

    def end(self) -> None:
        """Let the next one have their turn."""
        self.deps.database.write(
            lambda session: settings.end_turn(
                session, workspace_id=self.workspace.id, key=self.key, holder=self.holder
            )
        )


@contextmanager
def turn(
    deps: Deps, workspace: WorkspaceRef, key: str, *, lasts: timedelta = LASTS
) -> Iterator[Turn | None]:
    """The turn at what this key names, to be had within; None: another process is at it."""
    taken = Turn(deps, workspace, key, secrets.token_hex(8), lasts)
    if not taken.keep():
        yield None
        return
    try:
        yield taken
    finally:
        taken.end()
