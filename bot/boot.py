"""Bringing Laurel up: what must be there before it can answer, tried again until it is."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from bot import jobs, starters
from bot.authorization import OurWorkspace, reference
from bot.delivery import Courier, SlackTroubleError
from bot.deps import Deps, WorkspaceRef
from bot.outages import OUTAGES, reason
from bot.privacy.retention import clear_audit, forget_what_came_late, forget_who_left
from bot.rota import LOOK_EVERY, Duty, Rota
from bot.scheduler import Scheduler
from bot.socket_mode import Socket
from storage import migrate, workspaces
from storage.database import DatabaseUnavailableError, ping
from storage.migrate import RightsMissingError

_log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0  # seconds between two tries
OK = "ok"


@dataclass(frozen=True)
class Parts:
    """What a process does of all that Laurel does; several of each kind share one database."""

    web: bool = True  # answers Slack, and serves pictures
    worker: bool = True  # sends, and does what the clock says


EVERYTHING = Parts()


class Boot:
    """Runs the parts of Laurel, each once what it needs is there."""

    def __init__(
        self,
        *,
        deps: Deps,
        ours: OurWorkspace,
        meet: Callable[[], WorkspaceRef] | None,  # None: workspaces come by installing the app
        courier: Courier,
        scheduler: Scheduler,
        socket: Socket | None,
        parts: Parts = EVERYTHING,
    ) -> None:
        self._deps = deps
        self._ours = ours
        self._meet = meet
        self._courier = courier
        self._scheduler = scheduler
        self._socket = socket
        self._parts = parts
        self._migrated = False
        self._stopping = threading.Event()
        self.rota = self._make_rota()
        self._thread = threading.Thread(target=self._run, name="boot", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own; `readiness` says how far it came."""
        self._thread.start()

    def stop(self, *, within: float) -> bool:
        """End what runs, and tell whether it ended within so many seconds."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(within / 3)
        if self._socket is not None:
            self._socket.stop()
        done = self._courier.stop(within / 3)
        done = self._scheduler.stop(within=within / 6) and done
        return self.rota.stop(within=within / 6) and done

    def readiness(self) -> Mapping[str, str]:
        """For each thing that must be there: "ok", or what is wrong."""
        found = {"database": self._database(), "migrations": OK, "workspace": OK}
        if found["database"] != OK:
            found["migrations"] = "unknown"
        elif not self._is_migrated():
            found["migrations"] = (
                "The tables are not up to date yet: run `laurel db upgrade`, with the role that owns"
                " them."
            )
        if self._meet is not None and self._ours.workspace is None:
            found["workspace"] = "Slack has not said yet which workspace the token is for."
        if self._socket is not None:
            connected = self._socket.is_connected
            found["socket"] = OK if connected else "There is no connection to Slack just now."
        return found

    def prepare(self) -> WorkspaceRef | None:
        """Tables, and the workspace that there is a token for, with its catalogue.

        None: workspaces come by installing the app. Raises what the database and Slack raise.
        """
        if not self._migrated:
            migrate.upgrade(self._deps.database)
            self._migrated = True
        if self._meet is None:
            return None
        workspace = self._workspace(self._meet)
        badges = starters.starter_badges()
        added = self._deps.database.write(
            lambda session: starters.load_starters(
                session,
                workspace_id=workspace.id,
                starters=badges,
                now=self._deps.clock(),
                upload=not self._deps.settings.public_url,
            )
        )
        if added:
            _log.info("starter catalogue loaded", extra={"badges": added})
        return workspace

    def _run(self) -> None:
        wait = 1.0
        while not self._stopping.is_set():
            try:
                self.prepare()
            except OUTAGES as outage:
                error = reason(outage, database=self._deps.database.url)
                _log.error("not ready yet", extra={"error": error, "next_try_seconds": wait})
            except Exception:
                _log.exception("not ready yet", extra={"next_try_seconds": wait})
            else:
                self._start_parts()
                return
            self._stopping.wait(wait)
            wait = min(LONGEST_WAIT, wait * 2)

    def _start_parts(self) -> None:
        if self._stopping.is_set():
            return
        if self._socket is not None:
            self._socket.start()
        if self._parts.worker:
            self._courier.start()
            self._scheduler.every(LOOK_EVERY, "rota", self.rota.look)
            self._scheduler.start()
        workspace = self._ours.workspace
        _log.info("ready", extra={"workspace": workspace.team_id if workspace else "by installing"})

    def _make_rota(self) -> Rota:
        """What is done by the clock in each workspace, at an hour when most of it sleeps."""
        deps, stopping = self._deps, self._stopping
        return Rota(
            deps,
            served=self.served,
            arrive=jobs.arrival(deps, stopping),
            go_on=lambda workspace: jobs.resume_bulk(deps, workspace),
            clock=lambda: datetime.now(UTC),
            stopping=stopping,
            duties=(
                Duty("anniversaries", partial(jobs.celebrate, deps), minute="*/15", at_once=True),
                Duty(
                    "profiles",
                    lambda workspace: jobs.read_profiles(deps, workspace, stopping),
                    hour="0",
                    minute="40",
                ),
                Duty(
                    "people",
                    lambda workspace: jobs.sync_people(deps, workspace, stopping),
                    hour="3",
                    minute="10",
                ),
                Duty("house", partial(jobs.keep_house, deps), hour="4", minute="20"),
                Duty("retention", partial(forget_who_left, deps), hour="4", minute="50"),
                Duty("erased", partial(forget_what_came_late, deps), minute="*/5"),
                Duty("audit", partial(clear_audit, deps), hour="5", minute="20"),
            ),
        )

    def served(self, session: Connection) -> list[WorkspaceRef]:
        """The workspaces where the app is: all of them, or the one that the token is for."""
        found = [reference(row) for row in workspaces.installed(session)]
        if self._meet is None:
            return found
        ours = self._ours.workspace
        return [one for one in found if ours is not None and one.id == ours.id]

    def _workspace(self, meet: Callable[[], WorkspaceRef]) -> WorkspaceRef:
        """Whose token this is: asked of Slack, or remembered while Slack is away."""
        try:
            return meet()
        except SlackTroubleError as problem:
            known = self._deps.database.read(workspaces.every)
            if len(known) != 1:
                raise
            _log.warning(
                "Slack did not answer; going on with the workspace as last seen",
                extra={"error": reason(problem)},
            )
            workspace = reference(known[0])
            self._ours.meet(workspace)
            return workspace

    def _database(self) -> str:
        try:
            self._deps.database.read(ping)
        except DatabaseUnavailableError:
            return "The database does not answer."
        return OK

    def _is_migrated(self) -> bool:
        if not self._migrated:
            try:
                self._migrated = migrate.is_current(self._deps.database)
            except RightsMissingError:
                return False
        return self._migrated
