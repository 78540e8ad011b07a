"""People: the HR file, what is known of them, and their anniversaries."""

import argparse

from bot.cli.arguments.shared import (
    Chosen,
    Commands,
    add_json,
    add_one_of_all,
    add_workspace,
    add_yes,
    with_settings,
)
from bot.settings import Settings


def _people(commands: Commands) -> None:
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
    add_yes(imported)
    add_json(imported)
    imported.set_defaults(run=with_settings(_run_import))

    exported = what.add_parser("export", help="write everything known of somebody to a zip file")
    exported.add_argument("who", metavar="WHO", help="an e-mail address, Slack id, or number")
    exported.add_argument("file", metavar="FILE", help="the zip file to write")
    exported.set_defaults(run=with_settings(_run_person_export))

    erased = what.add_parser(
        "erase", help="forget who somebody was; their badges stay, as someone's"
    )
    erased.add_argument("who", metavar="WHO", help="an e-mail address, Slack id, or number")
    add_yes(erased)
    erased.set_defaults(run=with_settings(_run_erase))
    for one in (imported, exported, erased):
        add_workspace(one)


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


def _anniversaries(commands: Commands) -> None:
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
    add_yes(celebrated)
    add_json(celebrated)
    add_one_of_all(celebrated)
    celebrated.set_defaults(run=with_settings(_run_anniversaries))
    _policies(what)


def _run_anniversaries(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import anniversaries

    return anniversaries.run(
        settings,
        on=chosen.on,
        dry_run=chosen.dry_run,
        as_json=chosen.json,
        sure=chosen.yes,
        team=chosen.workspace,
    )


def _policies(what: Commands) -> None:
    policies = what.add_parser(
        "policies",
        help="which lengths of service are celebrated, on which days, and who is told",
        description="Without more: show them all. What was recorded is never changed by a policy.",
    )
    policies.set_defaults(run=with_settings(_run_policies))
    add_json(policies)
    add_workspace(policies)
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
        add_yes(one)
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


COMMANDS = (_people, _anniversaries)
