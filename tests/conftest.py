"""How the tests run: with which fixtures, in which order, and how often garbage is collected."""

import gc
import importlib
import sys
from contextlib import suppress
from pathlib import Path

import pytest

# What every test may ask for.
FIXTURES = ("tests.databases", "tests.world")
LONGEST = (
    "playground_page/test_browser.py",
    "playground_page/test_travel.py",
    "shell/test_bad_days.py",
    "playground_page/test_studio.py",
    "playground_page/test_home.py",
    "playground_page/test_play.py",
    "hostile/test_payloads.py",
    "shell/test_migrations.py",
    "oauth/test_separation.py",
    "people_import/test_importing.py",
    "people_import/test_command_line.py",
    "privacy/test_no_trace.py",
    "privacy/test_privacy.py",
    "oauth/test_installing.py",
    "badges/test_profiles.py",
    "anniversaries/test_policies.py",
    "anniversaries_commands/test_asking_why.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Have the fixtures where tests run.

    The process that only hands tests out to others would take a second to import what they need.
    """
    hands_out = config.getoption("dist") != "no" and not config.getoption("collectonly")
    if not hands_out:
        for name in FIXTURES:
            config.pluginmanager.register(importlib.import_module(name), name)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have every process of pytest-xdist begin with other modules, and find the rest compiled.

    To rewrite the asserts of all of them takes longer than anything else before the first test.
    """
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    own, number = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    left_out = set(config.getini("norecursedirs"))
    found = sorted(path for folder in config.args for path in Path(folder).rglob("test_*.py"))
    for path in [path for path in found if left_out.isdisjoint(path.parts)][own::number]:
        name = ".".join(path.resolve().relative_to(config.rootpath).with_suffix("").parts)
        with suppress(Exception):  # pytest says what is wrong with it when it collects it
            importlib.import_module(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left alone with it at the end."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is there for good, and come by less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
