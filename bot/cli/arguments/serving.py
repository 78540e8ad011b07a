"""Serving, trying and checking Laurel, and what Slack is told of it."""

import os

from bot.cli.arguments.shared import ENVIRONMENT_FILE, Chosen, Commands, add_json, with_settings
from bot.settings import Settings


def _serve(commands: Commands) -> None:
    serve = commands.add_parser(
        "run",
        help="serve the workspace",
        description="Without an option this one process does everything; with PostgreSQL, any"
        " number of each kind share the work.",
    )
    serve.add_argument("--web", action="store_true", help="answer Slack, and serve pictures")
    serve.add_argument("--worker", action="store_true", help="send, and do what the clock says")
    serve.set_defaults(run=run)


def run(chosen: Chosen) -> int:
    """Serve the workspace: what `laurel` does without a command, too."""
    from bot.cli import run as serving

    return serving.run(os.environ, ENVIRONMENT_FILE, web=chosen.web, worker=chosen.worker)


def _playground(commands: Commands) -> None:
    playground = commands.add_parser(
        "playground", help="try Laurel in a made-up workspace on this machine"
    )
    playground.set_defaults(run=_run_playground)


def _run_playground(_chosen: Chosen) -> int:
    from bot.cli import run as serving

    return serving.play(os.environ, ENVIRONMENT_FILE)


def _doctor(commands: Commands) -> None:
    doctor = commands.add_parser("doctor", help="check everything, and say what to do")
    doctor.add_argument(
        "--pictures",
        action="store_true",
        help="also upload a test picture, see that Slack takes it, and delete it",
    )
    add_json(doctor)
    doctor.set_defaults(run=with_settings(_run_doctor))


def _run_doctor(settings: Settings, chosen: Chosen) -> int:
    from bot.cli import doctor

    return doctor.run(settings, as_json=chosen.json, pictures=chosen.pictures)


def _manifest(commands: Commands) -> None:
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


COMMANDS = (_serve, _playground, _doctor, _manifest)
