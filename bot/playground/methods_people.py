"""Web API methods about people, user groups, the team and the app itself."""

from bot.playground.conversations import page
from bot.playground.shapes import Json, User
from bot.playground.webapi import Call, SlackRefusalError


def _user_json(call: Call, user: User) -> Json:
    return call.core.user_json(
        user,
        locale=call.flag("include_locale"),
        email="users:read.email" in call.grant.scopes,
    )


def _user(call: Call) -> User:
    user = call.space.users.get(str(call.need("user")))
    if user is None:
        raise SlackRefusalError("user_not_found")
    return user


def list_users(call: Call) -> Json:
    """users.list: deactivated people, guests and bots too; without a limit, all or an error."""
    users = [user for user in call.space.users.values() if call.is_about(*user.teams)]
    if not call.args.get("limit") and len(users) > 5000:
        raise SlackRefusalError("limit_required")
    part, metadata = page(call, users, default=5000, most=1000 if call.args.get("limit") else 5000)
    return {
        "members": [_user_json(call, user) for user in part],
        "cache_ts": call.space.seconds(),
        "response_metadata": metadata,
    }


def user_info(call: Call) -> Json:
    """users.info."""
    return {"user": _user_json(call, _user(call))}


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail."""
    wanted = str(call.need("email")).lower()
    for user in call.space.users.values():
        if user.email.lower() == wanted and not user.deleted:
            return {"user": _user_json(call, user)}
    raise SlackRefusalError("users_not_found")


def user_profile(call: Call) -> Json:
    """users.profile.get, with the custom fields by their ids."""
    ref = call.args.get("user") or call.space.bot_user
    user = call.space.users.get(str(ref))
    if user is None:
        raise SlackRefusalError("user_not_found")
    profile = user.profile(with_email="users:read.email" in call.grant.scopes)
    labels = call.flag("include_labels")
    profile["fields"] = {}
    for key, value in user.profile_fields.items():
        profile["fields"][key] = {"value": value, "alt": ""}
        if labels:
            profile["fields"][key]["label"] = call.space.profile_fields[key]["label"]
    return {"profile": profile}


def team_profile(call: Call) -> Json:
    """team.profile.get: what the custom profile fields are."""
    return {"profile": {"fields": list(call.space.profile_fields.values()), "sections": []}}


def list_groups(call: Call) -> Json:
    """usergroups.list."""
    everything = call.flag("include_disabled")
    return {
        "usergroups": [
            group.as_json(users=call.flag("include_users"), count=call.flag("include_count"))
            for group in call.space.groups.values()
            if call.is_about(group.team)
            if everything or not group.deleted_at
        ]
    }


def group_members(call: Call) -> Json:
    """usergroups.users.list."""
    group = call.space.groups.get(str(call.need("usergroup")))
    if (
        group is None
        or not call.is_about(group.team)
        or (group.deleted_at and not call.flag("include_disabled"))
    ):
        raise SlackRefusalError("no_such_subteam")
    return {"users": list(group.members)}


def auth_test(call: Call) -> Json:
    """auth.test."""
    space = call.space
    return {
        "url": space.site,
        "team": space.team_name,
        "user": space.users[space.bot_user].name,
        "team_id": space.team_id,
        "user_id": space.bot_user,
        "bot_id": space.bot_id,
        "is_enterprise_install": call.grant.organisation,
    }


def list_teams(call: Call) -> Json:
    """auth.teams.list: the workspaces that the token is for."""
    teams = [{"id": key, "name": name} for key, name in call.core.teams().items()]
    part, metadata = page(call, teams if call.grant.organisation else teams[:1])
    return {"teams": part, "response_metadata": metadata}


def bot_info(call: Call) -> Json:
    """bots.info."""
    space = call.space
    if call.args.get("bot", space.bot_id) != space.bot_id:
        raise SlackRefusalError("bot_not_found")
    return {
        "bot": {
            "id": space.bot_id,
            "deleted": False,
            "name": space.app_name,
            "updated": 0,
            "app_id": space.app_id,
            "user_id": space.bot_user,
            "icons": {},
        }
    }


def team_info(call: Call) -> Json:
    """team.info."""
    space = call.space
    return {
        "team": {
            "id": space.team_id,
            "name": space.team_name,
            "url": space.site,
            "domain": space.domain,
            "email_domain": "",
            "icon": {"image_default": True},
        }
    }


def open_connection(call: Call) -> Json:
    """apps.connections.open: the URL of one websocket, on this machine."""
    space = call.space
    host = space.base_url.replace("http://", "ws://", 1)
    ticket = call.core.sockets.new_ticket()
    return {"url": f"{host}/link/?ticket={ticket}&app_id={space.app_id}"}


def api_test(call: Call) -> Json:
    """api.test: gives back what it was sent, and fails on request."""
    sent = {key: value for key, value in call.args.items() if key != "token"}
    if "error" in sent:
        raise SlackRefusalError(str(sent["error"]), args=sent)
    return {"args": sent} if sent else {}
