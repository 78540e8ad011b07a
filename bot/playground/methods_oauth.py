"""The Web API method with which an app is given its tokens."""

import secrets

from bot.playground.shapes import Json
from bot.playground.webapi import Call, SlackRefusalError
from bot.playground.workspace import ALL_SCOPES, Grant

TOKEN_LIFE = 43_200  # seconds: https://docs.slack.dev/authentication/using-token-rotation


def access(call: Call) -> Json:
    """oauth.v2.access: a code, or a refresh token, for a bot token."""
    oauth, space = call.core.oauth, call.space
    if call.need("client_id") != oauth.client_id:
        raise SlackRefusalError("invalid_client_id")
    if call.args.get("client_secret") != oauth.client_secret:
        raise SlackRefusalError("bad_client_secret")
    if call.args.get("grant_type") == "refresh_token":
        if call.args.get("refresh_token") not in oauth.refresh_tokens:
            raise SlackRefusalError("invalid_refresh_token")
        oauth.refresh_tokens.discard(str(call.args["refresh_token"]))
        installer = ""
    else:
        installer = oauth.codes.pop(str(call.need("code")), "")
        if not installer:
            raise SlackRefusalError("invalid_code")
    token = f"xoxb-{secrets.token_hex(12)}"
    whole = oauth.whole_organisation
    space.grants[token] = Grant("bot", set(ALL_SCOPES.split()), organisation=whole)
    space.bot_token = token
    answer: Json = {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(sorted(ALL_SCOPES.split())),
        "bot_user_id": space.bot_user,
        "app_id": space.app_id,
        "team": None if whole else {"id": space.team_id, "name": space.team_name},
        **oauth.of_request(),
    }
    if installer:
        answer["authed_user"] = {"id": installer}
    if oauth.rotates:
        refresh = f"xoxe-1-{secrets.token_hex(12)}"
        oauth.refresh_tokens.add(refresh)
        answer |= {"refresh_token": refresh, "expires_in": TOKEN_LIFE}
    return answer
