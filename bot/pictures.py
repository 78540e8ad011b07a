"""Pictures out of the database, and where Slack finds them: as its own file, or at a signed address.

A picture has a key: `card:<version>` and `tile:<version>` show a version of a badge, which never
changes; `design:<text>` and `image:<id>` show a picture that no badge need have yet;
`trophies:<content>` is a trophy case, named by what it shows. The address of a trophy case
says whose it is and who looks instead, so that another process can draw it.
"""

import hmac
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64Error
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, unquote
from uuid import UUID

from sqlalchemy import Connection

from bot.artwork import Design, Trophy, alt_text, trophy_case_key
from bot.artwork.trophies import SHOWN
from bot.deps import Clock, WorkspaceRef
from bot.messages.blocks import Block
from bot.messages.text import badge_alt_text
from storage import badges, files, holdings, workspaces
from storage.badges import BadgeRow
from storage.database import Database
from storage.holdings import Viewer

LINK_LIFE = timedelta(hours=24)
# How long no trophy case is uploaded after Slack did not show one.
REFUSAL_LIFE = timedelta(hours=1)
# Addresses made within an hour are the same, so that Slack's own cache of pictures is of use.
_LINK_STEP = 3600
_LONGEST_TOKEN = 600
_ROOM = 6 * 2**20  # bytes of cards and tiles kept


class Drawing(NamedTuple):
    """A picture to upload: a PNG, what to call the file, and what it shows in words."""

    content: bytes
    filename: str
    alt_text: str


@dataclass(frozen=True)
class Case:
    """A person's trophy case as one viewer sees it; `more` badges have no room in the picture."""

    person_id: UUID
    viewer: Viewer
    trophies: tuple[Trophy, ...]
    more: int
    badges: int
    awards: int

    @property
    def key(self) -> str:
        """The picture's key: equal for equal pictures."""
        return f"trophies:{trophy_case_key(self.trophies, self.more)}"

    @property
    def content(self) -> str:
        """What the picture shows, as its address names it."""
        return trophy_case_key(self.trophies, self.more)[:16]

    @property
    def alt_text(self) -> str:
        """What the picture shows, in words."""
        return alt_text(self.trophies, self.more)


def design_key(design: Design) -> str:
    """The key of a picture drawn from a design, which no badge need have yet."""
    return f"design:{quote(str(design))}"


def image_key(image_id: str) -> str:
    """The key of an uploaded picture, which no badge need have yet."""
    return f"image:{image_id}"


class Pictures:
    """Draws badges and trophy cases, remembers them, and signs their addresses; threads share one."""

    def __init__(self, database: Database, *, public_url: str, clock: Clock) -> None:
        self._database = database
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._recent = _Recent()
        self._making = threading.Lock()
        self._trophy_case: Callable[[Case], bytes] | None = None
        self._refused_at: datetime | None = None

    @property
    def has_addresses(self) -> bool:
        """Whether Slack can fetch pictures from us, so that nothing need be uploaded to it."""
        return bool(self._public_url)

    @property
    def worth_uploading(self) -> bool:
        """Whether Slack can be expected to show a trophy case that is uploaded for someone."""
        return self._refused_at is None or self._clock() >= self._refused_at + REFUSAL_LIFE

    def note_refusal(self) -> None:
        """Slack took a trophy case and then did not show it: for a while none is uploaded."""
        self._refused_at = self._clock()

    def source(self, session: Connection, workspace: WorkspaceRef, key: str) -> Block | None:
        """Where Slack finds a badge's card or tile, for `blocks.picture`; None: nowhere yet."""
        return self.sources(session, workspace, [key]).get(key)

    def sources(
        self, session: Connection, workspace: WorkspaceRef, keys: Collection[str]
    ) -> dict[str, Block]:
        """Where Slack finds these cards and tiles, by key; those it finds nowhere yet are missing."""
        known = files.file_ids(session, workspace_id=workspace.id, keys=keys) if keys else {}
        found: dict[str, Block] = {}
        for key in keys:
            if key in known:
                found[key] = {"slack_file": {"id": known[key]}}
            elif self._public_url:
                found[key] = {"image_url": self._address(workspace, key)}
        return found

    def case_file(self, session: Connection, workspace: WorkspaceRef, case: Case) -> Block | None:
        """Slack's own file of a trophy case, which lasts as no address does; None: there is none."""
        known = files.file_id(session, workspace_id=workspace.id, key=case.key)
        return {"slack_file": {"id": known}} if known is not None else None

    def case_source(self, session: Connection, workspace: WorkspaceRef, case: Case) -> Block | None:
        """Where Slack finds a trophy case; None: it has to be uploaded first."""
        known = self.case_file(session, workspace, case)
        if known is not None or not self._public_url:
            return known
        viewer = case.viewer.person_id
        seen_by = "public" if viewer is None else f"{viewer.hex}{'+' if case.viewer.admin else ''}"
        # The content is part of the address, or Slack would go on showing what it fetched before.
        key = f"trophies:{case.person_id.hex}:{seen_by}:{case.content}"
        return {"image_url": self._address(workspace, key)}

    def case(
        self,
        session: Connection,
        *,
        workspace_id: int,
        person_id: UUID,
        viewer: Viewer,
        now: datetime,
    ) -> Case:
        """The trophy case of a person as the viewer sees it; nothing is drawn yet."""
        showcase = holdings.showcase(
            session,
            workspace_id=workspace_id,
            recipient_id=person_id,
            viewer=viewer,
            now=now,
            limit=SHOWN,
        )
        versions = badges.of_versions(
            session,
            workspace_id=workspace_id,
            version_ids=[held.version_id for held in showcase.held],
        )
        trophies = tuple(
            self._trophy(workspace_id, versions[held.version_id], held.times)
            for held in showcase.held
        )
        more = showcase.badges - len(trophies)
        return Case(person_id, viewer, trophies, more, showcase.badges, showcase.awards)

    def draw_case(self, case: Case) -> Drawing:
        """Draw a trophy case, outside of any transaction; what was drawn lately is at hand."""
        return Drawing(self._drawer()(case), "trophy-case.png", case.alt_text)

    def draw(self, session: Connection, workspace: WorkspaceRef, key: str) -> Drawing:
        """Draw what a key names: a card, a tile, a design or an image. Raises KeyError where it is not."""
        return self._draw(session, workspace.id, key)

    def serve(self, token: str) -> tuple[bytes, str] | None:
        """A picture and its media type for the token in its address; None, never saying why not."""
        opened = self._database.read(lambda session: self._open(session, token))
        if opened is None:
            return None
        if isinstance(opened, Case):
            return self._drawer()(opened), "image/png"
        return opened.content, "image/png"

    def _open(self, session: Connection, token: str) -> Case | Drawing | None:
        unsigned = _unpack(token)
        if unsigned is None:
            return None
        signature, payload, workspace_id, expires, key = unsigned
        now = self._clock()
        workspace = workspaces.by_id(session, workspace_id=workspace_id)
        secret = workspace.link_key if workspace else ""
        if not hmac.compare_digest(signature, _signature(secret, payload)):
            return None
        if workspace is None or expires <= now.timestamp():
            return None
        kind, _, subject = key.partition(":")
        if kind != "trophies":
            try:
                return self._draw(session, workspace_id, key)
            except KeyError:
                return None  # the badge was deleted since
        person, seen_by, content = subject.split(":")
        viewer = Viewer(None)
        if seen_by != "public":
            viewer = Viewer(UUID(seen_by.rstrip("+")), admin=seen_by.endswith("+"))
        seen = partial(
            self.case, session, workspace_id=workspace_id, person_id=UUID(person), now=now
        )
        case = seen(viewer=viewer)
        if viewer.admin and case.content != content:
            # Who was a badge admin then may be none any more: what is new is not for them.
            case = seen(viewer=Viewer(viewer.person_id))
        return case

    def _address(self, workspace: WorkspaceRef, key: str) -> str:
        made = int(self._clock().timestamp()) // _LINK_STEP * _LINK_STEP
        expires = made + int(LINK_LIFE.total_seconds())
        payload = f"{workspace.id}.{expires}.{key}".encode()
        packed = urlsafe_b64encode(_signature(workspace.link_key, payload) + payload)
        return f"{self._public_url}/pictures/{packed.rstrip(b'=').decode()}.png"

    def _draw(self, session: Connection, workspace_id: int, key: str) -> Drawing:
        kind, _, subject = key.partition(":")
        if kind in ("design", "image"):
            return self._draw_preview(session, workspace_id, key)
        badge = badges.of_versions(session, workspace_id=workspace_id, version_ids=[UUID(subject)])[
            UUID(subject)
        ]
        content = self._recent.get((workspace_id, key))
        if content is None:
            original = _original(session, workspace_id, badge)
            content = self._recent.keep((workspace_id, key), _drawn(kind, badge, original))
        return Drawing(
            content, f"{badge.slug}-{kind}.png", badge_alt_text(badge, described=kind == "card")
        )

    def _draw_preview(self, session: Connection, workspace_id: int, key: str) -> Drawing:
        kind, _, subject = key.partition(":")
        design = Design.parse(unquote(subject)) if kind == "design" else None
        content = self._recent.get((workspace_id, key))
        if content is None:
            if design is None:
                stored = badges.image(session, workspace_id=workspace_id, image_id=subject)
                if stored is None:
                    raise KeyError(key)
                original = stored
            else:
                original = _designed(design)
            content = self._recent.keep((workspace_id, key), _tile(original))
        words = f"Drawn: {design.described}" if design else "The picture that was uploaded"
        return Drawing(content, f"{kind}-preview.png", words)

    def _trophy(self, workspace_id: int, badge: BadgeRow, times: int) -> Trophy:
        def image() -> bytes:
            return self._database.read(lambda session: _original(session, workspace_id, badge))

        return Trophy(
            badge.name,
            badge.image_id or f"generated:{badge.slug}:{badge.design or ''}",
            image,
            1 if badge.held_once else times,
        )

    def _drawer(self) -> Callable[[Case], bytes]:
        # Pillow is loaded with the first picture, so that commands without one start at once.
        with self._making:
            if self._trophy_case is None:
                from bot.artwork import TrophyCase

                cabinet = TrophyCase()
                self._trophy_case = lambda case: cabinet.draw(case.trophies, more=case.more)
            return self._trophy_case


class _Recent:
    """The cards and tiles used last, within a number of bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], bytes] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[int, str]) -> bytes | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def keep(self, key: tuple[int, str], content: bytes) -> bytes:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = content
                self._weight += len(content)
            while self._weight > _ROOM:
                _, dropped = self._kept.popitem(last=False)
                self._weight -= len(dropped)
        return content


def _original(session: Connection, workspace_id: int, badge: BadgeRow) -> bytes:
    """A badge's own picture: uploaded, put together, or made from its name."""
    if badge.image_id is not None:
        stored = badges.image(session, workspace_id=workspace_id, image_id=badge.image_id)
        if stored is not None:
            return stored
    if badge.design is not None:
        return _designed(Design.parse(badge.design))
    from bot.artwork import generated_badge

    return generated_badge(badge.name, seed=badge.slug)


def _designed(design: Design) -> bytes:
    from bot.artwork import drawn_badge

    return drawn_badge(design)


def _tile(original: bytes) -> bytes:
    from bot.artwork import badge_tile

    return badge_tile(original)


def _drawn(kind: str, badge: BadgeRow, original: bytes) -> bytes:
    from bot.artwork import badge_card

    if kind == "tile":
        return _tile(original)
    if kind == "card":
        return badge_card(
            original, name=badge.name, category=badge.category, description=badge.description
        )
    raise KeyError(kind)


def _signature(secret: str, payload: bytes) -> bytes:
    return hmac.new(secret.encode(), payload, sha256).digest()


def _unpack(token: str) -> tuple[bytes, bytes, int, int, str] | None:
    """Signature, what it signs, workspace, expiry (Unix seconds) and key of a token, unverified."""
    if len(token) > _LONGEST_TOKEN:
        return None
    try:
        packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        signature, payload = packed[:32], packed[32:]
        workspace_id, expires, key = payload.decode("ascii").split(".", 2)
        numbers = int(workspace_id[:10]), int(expires[:12])
    except (NotBase64Error, ValueError):
        return None
    return (signature, payload, *numbers, key) if numbers[0] < 2**31 else None
