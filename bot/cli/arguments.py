"""What can be typed after `laurel`, and which module of `bot.cli` does it.

What a command needs is imported when it runs, so that `laurel --help` answers at once. A command is a
function here that adds its parser, and one that runs it.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import USED_WRONGLY, read_settings
from bot.settings import Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

ENVIRONMENT_FILE = Path(".env")

Chosen = argparse.Namespace
Run = Callable[[Chosen], int]  # returns the exit status


def parser() -> argparse.ArgumentParser:
    """Everything that can be typed; what is chosen has its `run`."""
    root = argparse.ArgumentParser(
        prog="laurel",
        description="Badges for workplaces, in Slack. Without a command: run.",
        epilog="Settings come from the environment and from .env; .env.example explains each.",
    )
    root.set_defaults(run=_run, web=False, worker=False)
    commands = root.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    serve = commands.add_parser(
        "run",
        help="serve the workspace",
        description="Without an option this one process does everything; with PostgreSQL, any"
        " number of each kind share the work.",
    )
    serve.add_argument("--web", action="store_true", help="answer Slack, and serve pictures")
    serve.add_argument("--worker", action="store_true", help="send, and do what the clock says")
    playground = commands.add_parser(
        "playground", help="try Laurel in a made-up workspace on this machine"
    )
    playground.set_defaults(run=_play)
    for add in (
        _doctor,
        _manifest,
        _db,
        _people,
        _catalog,
        _anniversaries,
        _deliveries,
        _audit,
        _workspaces,
    ):
        add(commands)
    return root


def _with_settings(run: Callable[[Settings, Chosen], int]) -> Run:
    """What needs settings that can be used."""

    def started(chosen: Chosen) -> int:
        settings = read_settings(os.environ, ENVIRONMENT_FILE)
        return USED_WRONGLY if settings is None else run(settings, chosen)

    return started


def _in_workspace(command: argparse.ArgumentParser) -> None:
    """Let a command be about one of several workspaces."""
    command.add_argument(
        "--workspace", default="", metavar="ID", help="Slack's id, where there are several"
    )


def _run(chosen: Chosen) -> int:
    from bot.cli import run

    return run.run(os.environ, ENVIRONMENT_FILE, web=chosen.web, worker=chosen.worker)


def _play(_chosen: Chosen) -> int:
    from bot.cli import run

    return run.play(os.environ, ENVIRONMENT_FILE)


def _doctor(commands: "Commands") -> None:
    doctor = commands.add_parser("doctor", help="check everything, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for scripts")
    doctor.set_defaults(run=_with_settings(_run_doctor))


def _run_doctor(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import doctor

    return doctor.run(settings, as_json=chosen.json)


def _manifest(commands: "Commands") -> None:
    manifest = commands.add_parser("manifest", help="print the Slack app manifest")
    manifest.add_argument(
        "--http",
        action="store_true",
        help="for Slack over HTTP at LAUREL_PUBLIC_URL, not Socket Mode",
    )
    manifest.set_defaults(run=_run_manifest)


def _run_manifest(chosen: Chosen) -> int:
    from bot.cli import manifest

    return manifest.run(os.environ, ENVIRONMENT_FILE, over_http=chosen.http)


def _db(commands: "Commands") -> None:
    database = commands.add_parser("db", help="look after the database")
    what = database.add_subparsers(dest="what", metavar="WHAT", required=True)
    upgrade = what.add_parser("upgrade", help="bring the tables up to date")
    upgrade.set_defaults(run=_with_settings(_run_upgrade))
    copied = what.add_parser("backup", help="copy the SQLite database, while it is in use")
    copied.add_argument("file", nargs="?", default="", metavar="FILE", help="else named by time")
    copied.set_defaults(run=_with_settings(_run_backup))
    restored = what.add_parser(
        "restore", help="put a backup in the SQLite database's place; Laurel must not run"
    )
    restored.add_argument("file", metavar="FILE", help="what `laurel db backup` wrote")
    restored.add_argument("--yes", action="store_true", help="do not ask")
    restored.set_defaults(run=_with_settings(_run_restore))


def _run_upgrade(settings: Settings, _chosen: Chosen) -> int:
    from bot.cli import db

    return db.upgrade(settings)


def _run_backup(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import db

    return db.back_up(settings, path=chosen.file)


def _run_restore(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import db

    return db.restore(settings, path=chosen.file, sure=chosen.yes)


def _people(commands: "Commands") -> None:
    people = commands.add_parser(
        "people", help="people: their start dates, and what is known of them"
    )
    what = people.add_subparsers(dest="what", metavar="WHAT", required=True)
    imported = what.add_parser(
        "import",
        help="import an HR file (CSV)",
        description="Columns are known by their names. A file with a mistake in it is refused as a"
        " whole; on a terminal you are asked before anything is written.",
    )
    imported.add_argument("file", metavar="FILE", help="a CSV file; - reads standard input")
    imported.add_argument("--dry-run", action="store_true", help="only show what would change")
    imported.add_argument(
        "--map",
        default="",
        metavar="FIELD=COLUMN,…",
        help="which column is which: email, slack, employee, name, first, last, start, end,"
        " leave_from, leave_to, manager, country",
    )
    imported.add_argument(
        "--date-format", choices=("dmy", "mdy", "ymd"), help="what 03/04/2020 means: day first, …"
    )
    imported.add_argument("--yes", action="store_true", help="do not ask")
    imported.add_argument("--json", action="store_true", help="for scripts")
    imported.set_defaults(run=_with_settings(_run_import))

    exported = what.add_parser("export", help="write everything known of somebody to a zip file")
    exported.add_argument("who", metavar="WHO", help="an e-mail address, Slack id, or number")
    exported.add_argument("file", metavar="FILE", help="the zip file to write")
    exported.set_defaults(run=_with_settings(_run_person_export))

    erased = what.add_parser(
        "erase", help="forget who somebody was; their badges stay, as someone's"
    )
    erased.add_argument("who", metavar="WHO", help="an e-mail address, Slack id, or number")
    erased.add_argument("--yes", action="store_true", help="do not ask")
    erased.set_defaults(run=_with_settings(_run_erase))
    for one in (imported, exported, erased):
        _in_workspace(one)


def _run_import(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import people

    return people.import_file(
        settings,
        people.Request(
            path=chosen.file,
            mapping=chosen.map,
            order=chosen.date_format,
            dry_run=chosen.dry_run,
            as_json=chosen.json,
            sure=chosen.yes,
            team=chosen.workspace,
        ),
    )


def _run_person_export(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import privacy

    return privacy.export(settings, who=chosen.who, path=chosen.file, team=chosen.workspace)


def _run_erase(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import privacy

    return privacy.erase(settings, who=chosen.who, sure=chosen.yes, team=chosen.workspace)


def _catalog(commands: "Commands") -> None:
    catalog = commands.add_parser("catalog", help="the badges, as a file to keep and to share")
    what = catalog.add_subparsers(dest="what", metavar="WHAT", required=True)
    exported = what.add_parser(
        "export",
        help="write every badge to a file",
        description="A .zip has the pictures in it, a .toml has them in a folder beside it.",
    )
    exported.add_argument(
        "file", nargs="?", default="", metavar="FILE", help="else standard output"
    )
    exported.set_defaults(run=_with_settings(_run_catalog_export))
    imported = what.add_parser(
        "import",
        help="make and change badges as a file says",
        description="Badges that are not in the file stay as they are. A file with a mistake in it"
        " is refused as a whole; on a terminal you are asked before anything is written.",
    )
    imported.add_argument("file", metavar="FILE", help="a .zip or .toml; - reads standard input")
    imported.add_argument("--dry-run", action="store_true", help="only show what would change")
    imported.add_argument("--yes", action="store_true", help="do not ask")
    imported.add_argument("--json", action="store_true", help="for scripts")
    imported.set_defaults(run=_with_settings(_run_catalog_import))
    for one in (exported, imported):
        _in_workspace(one)


def _run_catalog_export(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import catalog

    return catalog.export_file(settings, path=chosen.file, team=chosen.workspace)


def _run_catalog_import(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import catalog

    return catalog.import_file(
        settings,
        catalog.Request(
            path=chosen.file,
            dry_run=chosen.dry_run,
            as_json=chosen.json,
            sure=chosen.yes,
            team=chosen.workspace,
        ),
    )


def _anniversaries(commands: "Commands") -> None:
    anniversaries = commands.add_parser("anniversaries", help="what is celebrated, when and how")
    what = anniversaries.add_subparsers(dest="what", metavar="WHAT", required=True)
    celebrated = what.add_parser(
        "run",
        help="record and send at once what is celebrated on a day, and only that",
        description="Laurel does this by itself, at nine. Here it is done for one day, whatever the"
        " time; on a terminal you are asked where that day is not today.",
    )
    celebrated.add_argument("--on", metavar="DATE", help="like 2027-02-28; else today")
    celebrated.add_argument("--dry-run", action="store_true", help="only print what would happen")
    celebrated.add_argument("--yes", action="store_true", help="do not ask")
    celebrated.add_argument("--json", action="store_true", help="for scripts")
    celebrated.set_defaults(run=_with_settings(_run_anniversaries))
    _policies(what)


def _run_anniversaries(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import anniversaries

    return anniversaries.run(
        settings,
        on=chosen.on,
        dry_run=chosen.dry_run,
        as_json=chosen.json,
        sure=chosen.yes,
    )


def _policies(what: "Commands") -> None:
    policies = what.add_parser(
        "policies",
        help="which lengths of service are celebrated, on which days, and who is told",
        description="Without more: show them all. What was recorded is never changed by a policy.",
    )
    policies.set_defaults(run=_with_settings(_run_policies))
    policies.add_argument("--json", action="store_true", help="for scripts")
    _in_workspace(policies)
    how = policies.add_subparsers(dest="how", metavar="HOW")
    shown = how.add_parser("show", help="every policy, its default, and what it does")
    change = how.add_parser(
        "set",
        help="change one, having shown what that moves, adds or drops in the next eight weeks",
        description="On a terminal you are asked before anything is written.",
        epilog='Like: set weekend working_day_before; set lengths "30d, 90d, 6m, every year";'
        ' set 5y.message "Five years!"; set 90d.feed on',
    )
    change.add_argument("name", metavar="NAME", help="as `policies` lists them")
    change.add_argument("value", metavar="VALUE")
    unset = how.add_parser("unset", help="bring the default of one back")
    unset.add_argument("name", metavar="NAME")
    for one in (change, unset):
        one.add_argument("--preview", action="store_true", help="only show what would change")
        one.add_argument("--yes", action="store_true", help="do not ask")
    for one in (shown, change, unset):
        # They may stand after the last word, too, and must not undo what stood before it.
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        one.add_argument("--workspace", metavar="ID", default=argparse.SUPPRESS)


def _run_policies(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import anniversaries_policies

    return anniversaries_policies.run(
        settings,
        anniversaries_policies.Request(
            what=chosen.how or "show",
            name=getattr(chosen, "name", ""),
            value=getattr(chosen, "value", None),
            only_preview=getattr(chosen, "preview", False),
            sure=getattr(chosen, "yes", False),
            as_json=chosen.json,
            team=chosen.workspace,
        ),
    )


def _deliveries(commands: "Commands") -> None:
    deliveries = commands.add_parser("deliveries", help="what could not be sent to Slack")
    what = deliveries.add_subparsers(dest="what", metavar="WHAT", required=True)
    listed = what.add_parser("list", help="what waits, and what was given up, with the reason")
    listed.add_argument("--json", action="store_true", help="for scripts")
    retried = what.add_parser("retry", help="send what was given up again")
    retried.add_argument("ids", nargs="*", metavar="ID", help="these only; else all")
    retried.add_argument("--json", action="store_true", help="for scripts")
    listed.set_defaults(run=_with_settings(_run_list))
    retried.set_defaults(run=_with_settings(_run_retry))


def _run_list(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import deliveries

    return deliveries.show(settings, as_json=chosen.json)


def _run_retry(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import deliveries

    return deliveries.retry(settings, ids=chosen.ids, as_json=chosen.json)


def _audit(commands: "Commands") -> None:
    audit = commands.add_parser("audit", help="who did what when")
    what = audit.add_subparsers(dest="what", metavar="WHAT", required=True)
    exported = what.add_parser("export", help="write all of it, the oldest first")
    exported.add_argument(
        "file", nargs="?", default="", metavar="FILE", help="else standard output"
    )
    form = exported.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="for a spreadsheet; the default")
    form.add_argument("--json", action="store_true", help="for scripts; the default for FILE.json")
    _in_workspace(exported)
    exported.set_defaults(run=_with_settings(_run_audit_export))


def _run_audit_export(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import audit

    as_json = chosen.json or (chosen.file.endswith(".json") and not chosen.csv)
    return audit.export(
        settings,
        path=chosen.file,
        form="json" if as_json else "csv",
        team=chosen.workspace,
    )


def _workspaces(commands: "Commands") -> None:
    several = commands.add_parser("workspaces", help="the Slack workspaces that Laurel is in")
    what = several.add_subparsers(dest="what", metavar="WHAT", required=True)
    listed = what.add_parser("list", help="which there are, and how large")
    listed.add_argument("--json", action="store_true", help="for scripts")
    listed.set_defaults(run=_with_settings(_run_workspaces))
    exported = what.add_parser("export", help="write everything of one to a zip of JSON lines")
    exported.add_argument("id", metavar="ID", help="Slack's id of it: T…, or E… of an organisation")
    exported.add_argument("file", metavar="FILE", help="the zip file to write")
    exported.set_defaults(run=_with_settings(_run_workspace_export))
    erased = what.add_parser(
        "erase",
        help="erase one, its people, awards, audit and tokens",
        description="Where Laurel serves this workspace alone, stop it first. What was broken off"
        " is finished by running it again.",
    )
    erased.add_argument("id", metavar="ID", help="Slack's id of it: T…, or E… of an organisation")
    erased.add_argument("--yes", action="store_true", help="do not ask")
    erased.set_defaults(run=_with_settings(_run_workspace_erase))


def _run_workspaces(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import workspaces

    return workspaces.show(settings, as_json=chosen.json)


def _run_workspace_export(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import workspaces

    return workspaces.export(settings, team=chosen.id, path=chosen.file)


def _run_workspace_erase(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import workspaces

    return workspaces.erase(settings, team=chosen.id, sure=chosen.yes)
