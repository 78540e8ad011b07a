"""Looking after what is kept: the database, deliveries, workspaces."""

from bot.cli.arguments.shared import (
    Chosen,
    Commands,
    add_json,
    add_one_of_all,
    add_yes,
    with_settings,
)
from bot.settings import Settings


def _db(commands: Commands) -> None:
    database = commands.add_parser("db", help="look after the database")
    what = database.add_subparsers(dest="what", metavar="WHAT", required=True)
    upgrade = what.add_parser("upgrade", help="bring the tables up to date")
    upgrade.set_defaults(run=with_settings(_run_upgrade))
    copied = what.add_parser("backup", help="copy the SQLite database, while it is in use")
    copied.add_argument("file", nargs="?", default="", metavar="FILE", help="else named by time")
    copied.set_defaults(run=with_settings(_run_backup))
    restored = what.add_parser(
        "restore", help="put a backup in the SQLite database's place; Laurel must not run"
    )
    restored.add_argument("file", metavar="FILE", help="what `laurel db backup` wrote")
    add_yes(restored)
    restored.set_defaults(run=with_settings(_run_restore))
    by_others = what.add_parser(
        "restored",
        help="after pg_restore, before Laurel starts: have nothing sent that was sent since",
    )
    by_others.set_defaults(run=with_settings(_run_restored))


def _run_upgrade(settings: Settings, _chosen: Chosen) -> int:
    from bot.cli import db

    return db.upgrade(settings)


def _run_backup(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import db

    return db.back_up(settings, path=chosen.file)


def _run_restore(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import db

    return db.restore(settings, path=chosen.file, sure=chosen.yes)


def _run_restored(settings: Settings, _chosen: Chosen) -> int:
    from bot.cli import db

    return db.restored(settings)


def _deliveries(commands: Commands) -> None:
    deliveries = commands.add_parser("deliveries", help="what could not be sent to Slack")
    what = deliveries.add_subparsers(dest="what", metavar="WHAT", required=True)
    listed = what.add_parser("list", help="what waits, and what was given up, with the reason")
    add_json(listed)
    retried = what.add_parser("retry", help="send what was given up again")
    retried.add_argument("ids", nargs="*", metavar="ID", help="these only; else all")
    add_json(retried)
    for one in (listed, retried):
        add_one_of_all(one)
    listed.set_defaults(run=with_settings(_run_list))
    retried.set_defaults(run=with_settings(_run_retry))


def _run_list(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import deliveries

    return deliveries.show(settings, as_json=chosen.json, team=chosen.workspace)


def _run_retry(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import deliveries

    return deliveries.retry(settings, ids=chosen.ids, as_json=chosen.json, team=chosen.workspace)


def _workspaces(commands: Commands) -> None:
    several = commands.add_parser("workspaces", help="the Slack workspaces that Laurel is in")
    what = several.add_subparsers(dest="what", metavar="WHAT", required=True)
    listed = what.add_parser("list", help="which there are, and how large")
    add_json(listed)
    listed.set_defaults(run=with_settings(_run_workspaces))
    exported = what.add_parser("export", help="write everything of one to a zip of JSON lines")
    exported.add_argument("id", metavar="ID", help="Slack's id of it: T…, or E… of an organisation")
    exported.add_argument("file", metavar="FILE", help="the zip file to write")
    exported.set_defaults(run=with_settings(_run_workspace_export))
    erased = what.add_parser(
        "erase",
        help="erase one, its people, awards, audit and tokens",
        description="Where Laurel serves this workspace alone, stop it first. What was broken off"
        " is finished by running it again.",
    )
    erased.add_argument("id", metavar="ID", help="Slack's id of it: T…, or E… of an organisation")
    add_yes(erased)
    erased.set_defaults(run=with_settings(_run_workspace_erase))


def _run_workspaces(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import workspaces

    return workspaces.show(settings, as_json=chosen.json)


def _run_workspace_export(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import workspaces

    return workspaces.export(settings, team=chosen.id, path=chosen.file)


def _run_workspace_erase(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import workspaces

    return workspaces.erase(settings, team=chosen.id, sure=chosen.yes)


COMMANDS = (_db, _deliveries, _workspaces)
