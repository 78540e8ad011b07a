"""Taking turns: one process at a time is at something, and relieved within seconds if it dies."""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.deps import Clock, WorkspaceRef
from storage import settings
from storage.database import Database, DatabaseUnavailableError

_log = logging.getLogger(__name__)

# A turn lasts so long after its holder was last heard of, and is renewed three times as often.
LEASE = timedelta(seconds=9)
RENEW_EVERY = 3.0  # seconds
# Nobody sits on a turn for longer than this while all there is to do is wait.
LONGEST_WAIT = timedelta(minutes=5)


class Timed(Protocol):
    """What taking turns needs; `Deps` has it."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...


@dataclass(frozen=True)
class Turn:
    """Somebody's turn at something."""

    deps: Timed
    workspace: WorkspaceRef
    key: str
    holder: str
    _lost: threading.Event = field(default_factory=threading.Event)

    def keep(self) -> bool:
        """Have it last from now on again; False when it is somebody else's by now."""
        now = self.deps.clock()
        ours = not self._lost.is_set() and self.deps.database.write(
            lambda session: settings.take_turn(
                session,
                workspace_id=self.workspace.id,
                key=self.key,
                holder=self.holder,
                now=now,
                until=now + LEASE,
            )
        )
        if not ours:
            # Once lost it is lost: what it was about may have been finished by another since.
            self._lost.set()
        return ours

    def keep_until(self, over: threading.Event) -> None:
        """Keep it, in this thread, until it is over or lost."""
        while not over.wait(RENEW_EVERY):
            try:
                if not self.keep():
                    _log.warning("a turn was lost", extra={"turn": self.key})
                    return
            except DatabaseUnavailableError as problem:
                _log.warning(
                    "a turn could not be kept", extra={"turn": self.key, "error": str(problem)}
                )

    def end(self) -> None:
        """Let the next one have their turn."""
        self.deps.database.write(
            lambda session: settings.end_turn(
                session, workspace_id=self.workspace.id, key=self.key, holder=self.holder
            )
        )


@contextmanager
def turn(deps: Timed, workspace: WorkspaceRef, key: str) -> Iterator[Turn | None]:
    """The turn at what this key names, kept while within; None: another process is at it."""
    taken = Turn(deps, workspace, key, secrets.token_hex(8))
    if not taken.keep():
        yield None
        return
    over = threading.Event()
    keeper = threading.Thread(target=taken.keep_until, args=[over], name="turn-keeper", daemon=True)
    keeper.start()
    try:
        yield taken
    finally:
        over.set()
        keeper.join()  # or it might take back what is ended here
        taken.end()
