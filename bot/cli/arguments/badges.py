"""The badges and what was done about them, as files."""

from bot.cli.arguments.shared import (
    Chosen,
    Commands,
    add_json,
    add_output,
    add_workspace,
    add_yes,
    with_settings,
)
from bot.settings import Settings


def _catalog(commands: Commands) -> None:
    catalog = commands.add_parser("catalog", help="the badges, as a file to keep and to share")
    what = catalog.add_subparsers(dest="what", metavar="WHAT", required=True)
    exported = what.add_parser(
        "export",
        help="write every badge to a file",
        description="A .zip has the pictures in it, a .toml has them in a folder beside it.",
    )
    add_output(exported)
    exported.set_defaults(run=with_settings(_run_catalog_export))
    imported = what.add_parser(
        "import",
        help="make and change badges as a file says",
        description="Badges that are not in the file stay as they are. A file with a mistake in it"
        " is refused as a whole; on a terminal you are asked before anything is written.",
    )
    imported.add_argument("file", metavar="FILE", help="a .zip or .toml; - reads standard input")
    imported.add_argument("--dry-run", action="store_true", help="only show what would change")
    add_yes(imported)
    add_json(imported)
    imported.set_defaults(run=with_settings(_run_catalog_import))
    for one in (exported, imported):
        add_workspace(one)


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


def _audit(commands: Commands) -> None:
    audit = commands.add_parser("audit", help="who did what when")
    what = audit.add_subparsers(dest="what", metavar="WHAT", required=True)
    exported = what.add_parser("export", help="write all of it, the oldest first")
    add_output(exported)
    form = exported.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="for a spreadsheet; the default")
    form.add_argument("--json", action="store_true", help="for scripts; the default for FILE.json")
    add_workspace(exported)
    exported.set_defaults(run=with_settings(_run_audit_export))


def _run_audit_export(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import audit

    as_json = chosen.json or (chosen.file.endswith(".json") and not chosen.csv)
    return audit.export(
        settings,
        path=chosen.file,
        form="json" if as_json else "csv",
        team=chosen.workspace,
    )


COMMANDS = (_catalog, _audit)
