"""`laurel manifest`: the Slack app manifest, to create the app from."""

import json
from collections.abc import Mapping
from pathlib import Path

from bot.cli import DONE, USED_WRONGLY, complain, read_settings
from bot.manifest import manifest


def run(environ: Mapping[str, str], env_file: Path, *, over_http: bool) -> int:
    """Print the manifest; Socket Mode unless HTTP is asked for or set up already."""
    settings = read_settings(environ, env_file)
    if settings is None:
        return USED_WRONGLY
    over_http = (
        over_http
        or settings.by_oauth
        or bool(settings.signing_secret and settings.public_url and not settings.app_token)
    )
    if over_http and not settings.public_url:
        complain(
            "LAUREL_PUBLIC_URL is not set: it is the address at which Slack calls Laurel, such"
            " as https://laurel.example.com."
        )
        return USED_WRONGLY
    found = manifest(
        public_url=settings.public_url, over_http=over_http, by_oauth=settings.by_oauth
    )
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return DONE
