"""What people do: commands, posts, shortcuts, the Home tab, and clicks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.playground import inputs, rules
from bot.playground.outcome import CannotActError, Outcome
from bot.playground.reading import Reading
from bot.playground.responses import message_refusal, show_answer
from bot.playground.roster import Person, Place
from bot.playground.shapes import Channel, File, Json, Message, User, View
from bot.playground.targets import Target, find
from bot.playground.transports import Answer, Delivery
from bot.playground.typing_in import escaped


class Acting(Reading):
    """Acts outside modals; each returns what the person sees."""

    def acting_person(self, user: Person) -> User:
        """Return someone who can act: deactivated people cannot."""
        person = self.user(user)
        if person.deleted:
            raise CannotActError(f"{person.name} is deactivated")
        return person

    def _place(self, person: User, channel: Place | None) -> Channel:
        space = self.workspace
        if channel is None:
            joined = (c for c in space.channels.values() if person.id in c.members and not c.is_im)
            return next(joined, None) or space.direct_channel(person.id)
        place = self.channel(channel)
        if person.id not in place.members:
            if place.kind != "channels":
                raise CannotActError(f"{person.name} is not in {place.name or place.id}")
            place = space.put_channel(replace(place, members=place.members | {person.id}))
        if place.is_archived:
            raise CannotActError(f"{place.name} is archived")
        return place

    def command(
        self,
        user: Person,
        command: str,
        text: str = "",
        *,
        channel: Place | None = None,
        escape: bool = True,
        deliver_times: int = 1,
        at_once: bool = False,
    ) -> Outcome:
        """Type a slash command.

        With `escape`, names become mentions as Slack does it; else `text` arrives as it is.
        `deliver_times` sends the very same request again, one after the other or `at_once`.
        """
        space = self.workspace
        with space.lock:
            person = self.acting_person(user)
            place = self._place(person, channel)
            trigger = space.new_trigger(person.id)
            response_url = space.new_response_url(person.id, place.id)
            typed = escaped(space, text.strip()) if escape else text
        name = "privategroup" if place.is_private else place.name
        payload = {
            "token": "verification",
            "team_id": space.team_id,
            "team_domain": space.domain,
            "channel_id": place.id,
            "channel_name": "directmessage" if place.is_im else name,
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": typed,
            "api_app_id": space.app_id,
            "is_enterprise_install": str(self.oauth.whole_organisation).lower(),
            "response_url": response_url,
            "trigger_id": trigger,
        }
        if self.oauth.enterprise:
            payload["enterprise_id"], payload["enterprise_name"] = self.oauth.enterprise
        delivery = Delivery("slash_commands", command, payload)
        first, *repeats = self.deliver_many([delivery] * deliver_times, at_once=at_once)
        problem, message = self._command_answer(first, person, place)
        return Outcome(
            first.status,
            first.seconds,
            problem,
            trigger,
            response_url,
            view=self.view(person),
            message=message,
            answer=first,
            repeats=tuple(repeats),
        )

    def _command_answer(
        self, answer: Answer, person: User, place: Channel
    ) -> tuple[str, Message | None]:
        if not answer.ok or not answer.body.strip():
            return answer.problem, None
        payload = answer.json()
        if payload is None:
            payload = {"text": answer.body}
        if not any(payload.get(part) for part in ("text", "blocks", "attachments")):
            return "", None
        with self.workspace.lock:
            refusal = message_refusal(self.workspace, payload)
            if refusal:
                return refusal, None
            return "", show_answer(self.workspace, person.id, place.id, payload)

    def deliver_many(self, deliveries: list[Delivery], *, at_once: bool = False) -> list[Answer]:
        """Deliver several things, one after the other or at once, and return the answers."""
        if not at_once or len(deliveries) == 1:
            return [self.deliver(delivery) for delivery in deliveries]
        with ThreadPoolExecutor(len(deliveries)) as pool:
            return list(pool.map(self.deliver, deliveries))

    def post(
        self, user: Person, channel: Place, text: str, *, thread: Message | None = None
    ) -> Message:
        """Post a person's own message; names in it become mentions."""
        space = self.workspace
        with space.lock:
            person = self.acting_person(user)
            place = self._place(person, channel)
            message = space.add_message(
                place.id,
                person.id,
                escaped(space, text),
                thread_ts=thread.ts if thread else None,
            )
        kinds = {"channels": "channel", "groups": "group", "im": "im", "mpim": "mpim"}
        body = message.as_json()
        self.emit({**body, "channel": place.id, "channel_type": kinds[place.kind]})
        return message

    def drop_file(
        self, user: Person, name: str, content: bytes, text: str = "", *, place: Place | None = None
    ) -> Message:
        """Upload a file and share it in a conversation, by default the direct one with the app."""
        person = self.acting_person(user)
        return self.share(person, self.upload(person, name, content), text, place=place)

    def share(
        self, user: Person, file: File, text: str = "", *, place: Place | None = None
    ) -> Message:
        """Share a person's uploaded file in a conversation, by default the one with the app."""
        space = self.workspace
        with space.lock:
            person = self.acting_person(user)
            if file.user != person.id:
                raise CannotActError("That file is not theirs.")
            where = self._place(person, place) if place else space.direct_channel(person.id)
            shared = space.files[file.id] = replace(file, channels=(*file.channels, where.id))
            told = shared.as_json(at=self.clock.now())
            message = space.add_message(where.id, person.id, escaped(space, text), files=(told,))
        kinds = {"channels": "channel", "groups": "group", "im": "im", "mpim": "mpim"}
        about = {"subtype": "file_share", "channel": where.id, "channel_type": kinds[where.kind]}
        self.emit({**message.as_json(), **about})
        return message

    def message_shortcut(self, user: Person, callback_id: str, message: Message) -> Outcome:
        """Choose a shortcut in a message's menu."""
        space = self.workspace
        with space.lock:
            person = self.acting_person(user)
            place = self._place(person, message.channel)
            trigger = space.new_trigger(person.id)
            url = space.new_response_url(person.id, place.id, message)
            payload = {
                **self.about(person, "message_action", trigger),
                "callback_id": callback_id,
                "action_ts": space.new_ts(),
                "response_url": url,
                "message_ts": message.ts,
                "channel": {"id": place.id, "name": place.told_name},
                "message": message.as_json(),
            }
        return self.interact(person, payload, trigger)

    def global_shortcut(self, user: Person, callback_id: str) -> Outcome:
        """Choose a shortcut in the composer's menu."""
        with self.workspace.lock:
            person = self.acting_person(user)
            trigger = self.workspace.new_trigger(person.id)
            about = self.about(person, "shortcut", trigger)
            payload = {
                **about,
                "callback_id": callback_id,
                "action_ts": self.workspace.new_ts(),
            }
        return self.interact(person, payload, trigger)

    def open_home(self, user: Person, *, tab: str = "home") -> View | None:
        """Open the app's Home tab and return what it shows afterwards."""
        space = self.workspace
        with space.lock:
            person = self.acting_person(user)
            event: Json = {
                "type": "app_home_opened",
                "user": person.id,
                "channel": space.direct_channel(person.id).id,
                "tab": tab,
            }
            before = self.home(person)
            if before is not None:
                event["view"] = self.view_json(before)
        self.emit(event)
        return self.home(person)

    def click(
        self,
        user: Person,
        action_id: str | None = None,
        *,
        text: str | None = None,
        value: str | None = None,
        message: Message | str | None = None,
        ephemeral: Message | str | None = None,
        view: View | None = None,
        times: int = 1,
        at_once: bool = False,
    ) -> Outcome:
        """Click a button, found by its action id, its text or its value.

        Looked for where it is said to be, else in the top modal, then in the person's latest
        ephemeral messages, in messages, in the Home tab. `message` as a value may be out of date: that is a
        click on what an old screen shows.
        """
        with self.workspace.lock:
            person = self.acting_person(user)
            target = find(self, person, action_id, text, value, message or ephemeral, view)
        if target.element["type"] != "button":
            raise CannotActError(f"{action_id} is no button but a {target.element['type']}")
        pressed: Json = {
            key: target.element[key] for key in ("text", "value") if key in target.element
        }
        return self.act(person, target, pressed, times=times, at_once=at_once)

    def act(
        self, person: User, target: Target, done: Json, *, times: int = 1, at_once: bool = False
    ) -> Outcome:
        """Send what a person did with an element; `done` is its value."""
        space = self.workspace
        deliveries = []
        with space.lock:
            for _ in range(times):
                view_id = target.view.id if target.view else None
                trigger = space.new_trigger(person.id, view_id)
                payload = self.about(person, "block_actions", trigger)
                payload["actions"] = [
                    {
                        "type": target.element["type"],
                        "action_id": target.element["action_id"],
                        "block_id": target.block["block_id"],
                        "action_ts": space.new_ts(),
                        **done,
                    }
                ]
                payload |= self._where(person, target)
                deliveries.append(Delivery("interactive", "block_actions", payload))
        first, *repeats = self.deliver_many(deliveries, at_once=at_once)
        sent = deliveries[0].payload
        return Outcome(
            first.status,
            first.seconds,
            first.problem,
            sent["trigger_id"],
            sent.get("response_url", ""),
            view=self.view(person),
            answer=first,
            repeats=tuple(repeats),
        )

    def _where(self, person: User, target: Target) -> Json:
        if target.view is not None:
            view = target.view
            shown = self.view_json(view)
            container = {"type": "view", "view_id": view.id}
            return {"container": container, "view": shown, "state": shown["state"]}
        message = target.message
        if message is None:
            raise CannotActError("nothing to act on")
        place = self.channel(message.channel)
        where: Json = {
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": place.id,
                "is_ephemeral": bool(message.ephemeral_to),
            },
            "channel": {"id": place.id, "name": place.told_name},
            "state": {"values": target.values},
            "response_url": self.workspace.new_response_url(person.id, place.id, message),
        }
        if not message.ephemeral_to:
            where["message"] = message.as_json()
        return where

    def about(self, person: User, kind: str, trigger: str = "") -> Json:
        """Return the beginning of an interaction's payload."""
        space = self.workspace
        about: Json = {
            "type": kind,
            "token": "verification",
            "team": {"id": space.team_id, "domain": space.domain},
            **self.oauth.of_request(),
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": space.team_id,
            },
            "api_app_id": space.app_id,
        }
        if trigger:
            about["trigger_id"] = trigger
        return about

    def view_json(self, view: View) -> Json:
        """Return a view as payloads show it."""
        space = self.workspace
        return view.as_json(team=space.team_id, app=space.app_id, bot=space.bot_id)

    def interact(self, person: User, payload: Json, trigger: str) -> Outcome:
        """Send an interaction whose answer carries nothing."""
        answer = self.deliver(Delivery("interactive", payload["type"], payload))
        return Outcome(
            answer.status,
            answer.seconds,
            answer.problem,
            trigger,
            payload.get("response_url", ""),
            view=self.view(person),
            answer=answer,
        )

    def type_ahead(
        self,
        user: Person,
        action_id: str,
        text: str = "",
        *,
        view: View | None = None,
        message: Message | None = None,
    ) -> list[Json]:
        """Type in an external select and return the options the app offers."""
        with self.workspace.lock:
            person = self.acting_person(user)
            target = find(self, person, action_id, None, None, message, view)
            if len(text) < target.element.get("min_query_length", 3):
                return []
            payload = {
                **self.about(person, "block_suggestion"),
                "action_id": target.element["action_id"],
                "block_id": target.block["block_id"],
                "value": text,
                **self._where(person, target),
            }
            payload.pop("response_url", None)
        answer = self.deliver(Delivery("interactive", "block_suggestion", payload))
        offered = answer.json() if answer.ok else None
        if offered is None or rules.check_options(offered) is not None:
            return []
        return inputs.options_of(offered)
