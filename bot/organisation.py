"""The workspaces of an organisation: where it has Laurel for all, Slack wants them named one by one.

Which methods want that: https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
"""

from slack_sdk import WebClient

from bot.deps import WorkspaceRef

_PAGE = 1000


def teams_of(client: WebClient, workspace: WorkspaceRef) -> list[str]:
    """The `team_id`s to ask for one after the other, sorted; "" where there is none to name.

    Calls Slack for an organisation, without any scope; raises what slack_sdk raises.
    """
    if workspace.team_id:
        return [""]
    found: list[str] = []
    cursor = ""
    while True:
        page = client.auth_teams_list(limit=_PAGE, cursor=cursor)
        found += [str(team["id"]) for team in page["teams"]]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return sorted(found)
