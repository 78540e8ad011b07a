"""Laurel in several workspaces: each a local Slack, all of them behind one Web API, over HTTP."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from sqlalchemy import Connection

from bot import people
from bot.app import Laurel, build
from bot.deps import WorkspaceRef, reference
from bot.playground import Engine, SignedHttp
from bot.pool import Inline
from bot.settings import Settings
from bot.slack_files import upload_picture
from storage import badges, files, workspaces
from storage.database import Database
from tests.cast import NOW
from tests.world import DOT

SECRET = "one-app-one-secret"


class Front(ThreadingHTTPServer):
    """Slack's one Web API: each request goes to the workspace whose token, or code, it has."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.engines: list[Engine] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """What `SLACK_API_URL` says."""
        return f"http://127.0.0.1:{self.server_address[1]}/api/"

    def engine_of(self, token: str, said: dict[str, list[str]]) -> Engine:
        """The workspace that a request is about; a token of nobody's is anybody's to refuse."""
        code, refresh = said.get("code", [""])[0], said.get("refresh_token", [""])[0]
        for engine in self.engines:
            if (
                token in engine.workspace.grants
                or code in engine.oauth.codes
                or refresh in engine.oauth.refresh_tokens
            ):
                return engine
        return self.engines[0]


class Handler(BaseHTTPRequestHandler):
    """Passes requests on as they are."""

    server: Front

    def do_POST(self) -> None:
        """One call of the Web API."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        form = "urlencoded" in (self.headers.get("content-type") or "")
        said = parse_qs(body.decode()) if form else {}
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        token = token or said.get("token", [""])[0]
        self.server.asked.append(self.path.removeprefix("/api/"))
        engine = self.server.engine_of(token, said)
        there = http.client.HTTPConnection(str(urlsplit(engine.url).netloc), timeout=10)
        there.request("POST", self.path, body, dict(self.headers.items()))
        answer = there.getresponse()
        content = answer.read()
        there.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Page:
    """What a browser was shown."""

    status: int
    text: str
    location: str
    cookie: str


@dataclass
class House:
    """One Laurel, served, and the workspaces that may install it."""

    laurel: Laurel
    front: Front
    port: int
    stack: ExitStack
    engines: dict[str, Engine] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """Laurel's."""
        return self.laurel.deps.database

    def workspace(self, name: str) -> Engine:
        """A workspace of this name, with its channel #kudos and ada, maria and tom."""
        number = len(self.engines) + 1
        engine = self.stack.enter_context(
            Engine(clock=lambda: NOW, app_name="Laurel", signing_secret=SECRET)
        )
        space = engine.workspace
        space.team_id, space.team_name, space.domain = f"T{number}{name.upper()}", name, name
        for bot in list(space.users.values()):
            space.put_user(replace(bot, team=space.team_id))
        for person, admin in (("ada", True), ("maria", False), ("tom", False)):
            engine.add_user(person, person.title(), id=f"U{number}{person.upper()}", is_admin=admin)
        engine.add_channel("kudos", members=["ada", "maria", "tom"])
        engine.connect(SignedHttp(f"http://127.0.0.1:{self.port}/slack/events"))
        space.grants.clear()  # nothing may be asked before it is installed
        self.engines[name] = engine
        self.front.engines.append(engine)
        return engine

    def get(self, path: str, cookie: str = "") -> Page:
        """Open a page of Laurel's."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        page = Page(
            answer.status,
            answer.read().decode(),
            answer.getheader("location") or "",
            (answer.getheader("set-cookie") or "").partition(";")[0],
        )
        connection.close()
        return page

    def install(self, engine: Engine, user: str = "ada") -> WorkspaceRef:
        """Have somebody install Laurel, as a browser does."""
        begun = self.get("/slack/install")
        state = parse_qs(urlsplit(begun.location).query)["state"][0]
        code = engine.agree(user)
        done = self.get(f"/slack/oauth_redirect?code={code}&state={state}", begun.cookie)
        assert done.status == 200, done.text
        assert "Laurel is here" in done.text
        workspace = self.row(engine)
        self._give_pictures(workspace)
        # Whoever is known need not be asked for: a command is done when it is answered.
        people.sync(self.laurel.deps, workspace, pause=lambda _seconds: False)
        return workspace

    def installed_on(self, day: str) -> None:
        """Have the present installations be of this day."""
        with self.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE slack_bots SET installed_at = ?", (f"{day} 00:00",))

    def _give_pictures(self, workspace: WorkspaceRef) -> None:
        """Let Slack have every picture already: drawing them takes long."""
        client = self.laurel.deps.slack(workspace)
        file_id = upload_picture(client, content=DOT, filename="dot.png", alt_text="A dot")

        def save(session: Connection) -> None:
            for badge in badges.catalogue(session, workspace_id=workspace.id):
                for kind in ("card", "tile"):
                    files.save(
                        session,
                        workspace_id=workspace.id,
                        key=f"{kind}:{badge.version_id}",
                        file_id=file_id,
                        now=NOW,
                    )

        self.database.write(save)

    def row(self, engine: Engine) -> WorkspaceRef:
        """The workspace as Laurel knows it."""
        whole = engine.oauth.whole_organisation
        row = self.database.read(
            lambda session: workspaces.by_team(
                session,
                team_id="" if whole else engine.workspace.team_id,
                enterprise_id=engine.oauth.enterprise[0] if engine.oauth.enterprise else "",
            )
        )
        assert row is not None
        return reference(row)

    def deliver(self) -> None:
        """Send everything, moving every workspace's time as its rates ask."""
        for _ in range(500):
            self.laurel.courier.run_due()
            due = self.laurel.courier.next_at()
            now = self.now()
            if due is None or due > now + timedelta(minutes=10):
                return
            self.advance(max(due - now, timedelta(0)))
        raise AssertionError("there is no end to it")

    def now(self) -> datetime:
        """The time, everywhere."""
        return next(iter(self.engines.values())).clock.now()

    def forget(self) -> None:
        """Let the seconds pass for which the process remembers workspaces and tokens."""
        self.laurel.forget()

    def advance(self, by: timedelta) -> None:
        """Let time pass everywhere."""
        for engine in self.engines.values():
            engine.advance(by)

    def feed(self, engine: Engine) -> list[str]:
        """What is read in #kudos."""
        return [message.reads() for message in engine.messages("kudos")]


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    """One Laurel for any number of workspaces, on SQLite."""
    front = Front()
    engines: dict[str, Engine] = {}

    def clock() -> datetime:
        return next(iter(engines.values())).clock.now() if engines else NOW

    settings = Settings(
        signing_secret=SECRET,
        client_id="1111.2222",
        client_secret="playground-client-secret",
        slack_api_url=front.url,
        feed_channel="kudos",
        public_url="https://laurel.example",
    )
    laurel = build(settings, clock=clock, database=sqlite_database, slow=Inline())
    server = uvicorn.Server(
        uvicorn.Config(
            laurel.web,
            port=0,
            http="httptools",
            loop="asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
        )
    )
    threads = [
        threading.Thread(target=server.run, daemon=True),
        threading.Thread(target=front.serve_forever, args=[0.05], daemon=True),
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < end, "the web server did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    with ExitStack() as stack:
        yield House(laurel, front, port, stack, engines)
    server.should_exit = True
    front.shutdown()
    front.server_close()
    for thread in threads:
        thread.join(30)
