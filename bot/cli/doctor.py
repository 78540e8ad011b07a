"""`laurel doctor`: everything that Laurel needs, and what to do about what is missing."""

import json
import logging
import sys
from dataclasses import asdict

from bot.access import slack_client
from bot.cli import DONE, FAILED
from bot.doctor import Doctor
from bot.finding import Finding
from bot.settings import Settings
from storage.database import Database

SIGNS = {"ok": "ok     ", "failed": "FAILED ", "hint": "hint   ", "skipped": "skipped"}


def run(settings: Settings, *, as_json: bool, pictures: bool = False) -> int:
    """Print what was found, each as soon as it is; 1 when something failed.

    With `pictures`, Slack is given one to see whether it takes it.
    """
    database = Database(settings.database_url, connections=1)
    doctor = Doctor(settings, database=database, client=slack_client(settings), upload=pictures)
    found: list[Finding] = []
    logging.disable(logging.CRITICAL)  # what goes wrong is among the findings
    try:
        for finding in doctor.examine():
            found.append(finding)
            if not as_json:
                print(f"{SIGNS[finding.state]}  {finding.check}: {finding.sentence}")
                sys.stdout.flush()
    finally:
        logging.disable(logging.NOTSET)
        database.close()
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    return FAILED if any(finding.state == "failed" for finding in found) else DONE
