"""The table of Web API methods: who may call each, how often, with what.

Scopes and tiers are those of Slack's public method pages; where a scope depends on the kind of
conversation, the method asks for it itself.
"""

from bot.playground import conversations as talk
from bot.playground import methods_chat as chat
from bot.playground import methods_files as files
from bot.playground import methods_oauth as oauth
from bot.playground import methods_people as people
from bot.playground import methods_views as views
from bot.playground.webapi import Method

WRITE = ("chat:write",)
PEOPLE = ("users:read",)
CHANNEL = ("channel",)

METHODS: dict[str, Method] = {
    "api.test": Method(people.api_test, None, caller="none"),
    "apps.connections.open": Method(
        people.open_connection, None, ("connections:write",), caller="app"
    ),
    "auth.teams.list": Method(people.list_teams, 2),
    "auth.test": Method(people.auth_test, None),
    "bots.info": Method(people.bot_info, 3, PEOPLE),
    "chat.delete": Method(chat.delete, 3, WRITE, required=("channel", "ts")),
    "chat.getPermalink": Method(chat.permalink, None, required=("channel", "message_ts")),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, WRITE, required=("channel", "user")),
    "chat.postMessage": Method(chat.post_message, None, WRITE, required=CHANNEL),
    "chat.update": Method(chat.update, 3, WRITE, required=("channel", "ts")),
    "conversations.history": Method(chat.history, 3, required=CHANNEL),
    "conversations.info": Method(talk.info, 3, required=CHANNEL),
    "conversations.join": Method(talk.join, 3, ("channels:join",), required=CHANNEL),
    "conversations.list": Method(talk.list_channels, 2, of_team=True),
    "conversations.members": Method(talk.members, 4, required=CHANNEL),
    "conversations.open": Method(talk.open_conversation, 3, ("im:write",)),
    "conversations.replies": Method(chat.replies, 3, required=("channel", "ts")),
    "files.completeUploadExternal": Method(
        files.complete_upload, 4, ("files:write",), required=("files",)
    ),
    "files.delete": Method(files.delete_file, 3, ("files:write",), required=("file",)),
    "files.getUploadURLExternal": Method(
        files.upload_url, 4, ("files:write",), required=("filename", "length")
    ),
    "files.info": Method(files.file_info, 4, ("files:read",), required=("file",)),
    "oauth.v2.access": Method(oauth.access, 4, caller="none", required=("client_id",)),
    "reactions.add": Method(
        chat.add_reaction, 3, ("reactions:write",), required=("channel", "name", "timestamp")
    ),
    "team.info": Method(people.team_info, 3, ("team:read",)),
    "team.profile.get": Method(people.team_profile, 3, ("users.profile:read",)),
    "usergroups.list": Method(people.list_groups, 2, ("usergroups:read",), of_team=True),
    "usergroups.users.list": Method(
        people.group_members, 2, ("usergroups:read",), required=("usergroup",), of_team=True
    ),
    "users.conversations": Method(talk.users_conversations, 3, of_team=True),
    "users.info": Method(people.user_info, 4, PEOPLE, required=("user",)),
    "users.list": Method(people.list_users, 2, PEOPLE, of_team=True),
    "users.lookupByEmail": Method(
        people.lookup_by_email, 3, ("users:read.email",), required=("email",)
    ),
    "users.profile.get": Method(people.user_profile, 4, ("users.profile:read",)),
    "views.open": Method(views.open_view, 4, required=("trigger_id", "view")),
    "views.publish": Method(views.publish_view, 4, required=("user_id", "view")),
    "views.push": Method(views.push_view, 4, required=("trigger_id", "view")),
    "views.update": Method(views.update_view, 4, required=("view",)),
}
