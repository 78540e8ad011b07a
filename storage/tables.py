"""Every table of Laurel, declared once.

Each row belongs to a workspace, and `workspace_id` leads every primary key, foreign key and unique
constraint, so that the same schema can be spread by workspace over a distributed PostgreSQL.
"""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlmodel import Field, SQLModel

from storage import generations, guards
from storage.types import UtcDateTime

# Constraints have names, so that a migration can speak of them on every database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _moment(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=nullable))


def _text(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Text, nullable=nullable))


def _belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"])


class OAuthTables(NamedTuple):
    """What slack_sdk keeps of installations: tokens, who installed, and installations under way."""

    bots: Table
    installations: Table
    states: Table


class Workspace(SQLModel, table=True):
    """One Slack workspace, or one organisation where Laurel is installed for all of it."""

    __tablename__ = "workspace"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"),)

    id: int | None = Field(default=None, primary_key=True)
    enterprise_id: str = ""  # "" where there is none: NULLs would not be unique
    team_id: str  # "" where it is installed for a whole organisation
    name: str
    url: str
    bot_user_id: str
    bot_id: str
    link_key: str  # signs the addresses of pictures
    created_at: datetime = _moment()
    uninstalled_at: datetime | None = _moment(nullable=True)  # the app was removed there
    erased_at: datetime | None = _moment(nullable=True)  # all of it goes; this row is the last


class Person(SQLModel, table=True):
    """Someone who can be awarded, or could be once; exists before and without Slack."""

    __tablename__ = "person"

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str  # what colleagues read
    timezone: str | None = None  # IANA name
    locale: str | None = None  # BCP 47, as Slack has it: pt-PT
    active: bool = True
    guest: bool = False
    bot: bool = False
    slack_admin: bool = False
    # Of another workspace, met in a shared channel.
    stranger: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    left_at: datetime | None = _moment(nullable=True)  # when they were first seen deactivated
    erased_at: datetime | None = _moment(nullable=True)  # nothing is known of them any more
    updated_at: datetime = _moment()
    # Slack's `updated` with what it said last: seconds, 0 where it said none.
    slack_updated: int = Field(
        default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"}
    )


class PersonIdentity(SQLModel, table=True):
    """How the outside knows a person: a Slack id, an e-mail address, an employee number."""

    __tablename__ = "person_identity"
    __table_args__ = (
        _belongs_to("person", "person_id"),
        CheckConstraint("kind IN ('slack', 'email', 'employee')", name="kind"),
        # With its kind: SQLite would else look a person's Slack id up among all the Slack ids.
        Index("ix_person_identity_person", "workspace_id", "person_id", "kind", "value"),
    )

    workspace_id: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    person_id: UUID


class UserGroupMember(SQLModel, table=True):
    """A member of a Slack user group, kept in step with Slack."""

    __tablename__ = "user_group_member"
    __table_args__ = (_belongs_to("person", "person_id"),)

    workspace_id: int = Field(primary_key=True)
    group_id: str = Field(primary_key=True)  # Slack's S…
    person_id: UUID = Field(primary_key=True)


class Image(SQLModel, table=True):
    """A picture's bytes, named by what they are."""

    __tablename__ = "image"

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    id: str = Field(primary_key=True)  # SHA-256 of the bytes, hexadecimal
    media_type: str
    content: bytes


class Badge(SQLModel, table=True):
    """What can be earned. What it says and looks like is in its versions."""

    __tablename__ = "badge"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        Index(None, "workspace_id", "name_key"),
        CheckConstraint("kind IN ('flair', 'achievement')", name="kind"),
    )

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    id: UUID = Field(primary_key=True)
    slug: str
    name_key: str  # the name in the form in which typed names are compared
    version_id: UUID  # the current one; no foreign key, since a version names its badge already
    kind: str
    private: bool = False
    active: bool = True
    feed: bool = True
    feed_channel: str | None = None  # Slack's C…; None: as the workspace
    awarders: str | None = None  # None: as the workspace; else the grammar of LAUREL_AWARDERS
    # Flair only: whether one person can be given it again.
    repeats: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    recipient_limit: str | None = None  # at most so often a person: 2/month
    giver_limit: str | None = None  # at most so often by one giver: 5/week
    expiry: str | None = None  # 12m: months after it was awarded; 2027-01-31: on that day
    position: int = 0  # order within the catalogue
    created_at: datetime = _moment()


class BadgeVersion(SQLModel, table=True):
    """What a badge said and looked like from one edit to the next; never changes."""

    __tablename__ = "badge_version"
    __table_args__ = (
        _belongs_to("badge", "badge_id"),
        _belongs_to("image", "image_id"),
        UniqueConstraint("workspace_id", "badge_id", "number"),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    badge_id: UUID
    number: int
    name: str
    description: str = _text()
    criteria: str = _text()
    category: str
    image_id: str | None = None  # an uploaded picture
    design: str | None = None  # how it is drawn; None, and no picture: drawn from the name
    created_at: datetime = _moment()


class Generation(SQLModel, table=True):
    """How often what awards look up has changed, in `storage.generations`: the sum of a kind's rows."""

    __tablename__ = "generation"
    __table_args__ = (CheckConstraint("kind IN ('people', 'catalogue')", name="kind"),)

    # A workspace is erased by versions of Laurel, too, that do not know of this table.
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True, ondelete="CASCADE")
    kind: str = Field(primary_key=True)
    writer: int = Field(primary_key=True)  # which row of several; on SQLite there is one
    number: int


class SlackFile(SQLModel, table=True):
    """Which picture Slack has already, and by which file id."""

    __tablename__ = "slack_file"

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    key: str = Field(primary_key=True)  # card:<version>, tile:<version>, trophies:<content>
    file_id: str
    uploaded_at: datetime = _moment()


class Award(SQLModel, table=True):
    """One badge given to one person on one occasion."""

    __tablename__ = "award"
    __table_args__ = (
        _belongs_to("person", "recipient_id"),
        _belongs_to("badge", "badge_id"),
        _belongs_to("badge_version", "version_id"),
        UniqueConstraint("workspace_id", "code"),
        UniqueConstraint("workspace_id", "occasion_key"),
        UniqueConstraint("workspace_id", "held_key"),
        Index(None, "workspace_id", "batch_id"),
        # A profile is answered from this index alone, without touching the rows.
        Index(
            "ix_award_profile",
            "workspace_id",
            "recipient_id",
            "badge_id",
            "awarded_at",
            "private",
            "hidden",
            "giver_id",
            "expires_at",
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_award_latest", "workspace_id", "recipient_id", "awarded_at"),
        Index("ix_award_holders", "workspace_id", "badge_id", "awarded_at"),
        Index("ix_award_given", "workspace_id", "giver_id", "awarded_at"),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    code: str  # what people type: A-7K3QX9M
    batch_id: UUID  # the awards of one command
    recipient_id: UUID
    giver_id: UUID | None = None  # None: Laurel itself
    badge_id: UUID
    version_id: UUID
    reason: str = _text()
    private: bool = False
    quiet: bool = False  # no channel was to be told of it, when it was given
    hidden: bool = False  # by its recipient, from the own profile
    awarded_at: datetime = _moment()
    expires_at: datetime | None = _moment(nullable=True)
    revoked_at: datetime | None = _moment(nullable=True)
    revoked_by: UUID | None = None
    revoke_reason: str | None = _text(nullable=True)
    undone: bool = False  # revoked by Undo: as if it had not been
    occasion_key: str  # which occasion it is; twice the same is the same award
    held_key: str | None = None  # an achievement is held once; None for flair, and once revoked


class Bulk(SQLModel, table=True):
    """Awards to many at once: the plan, kept until each of its rows is awarded."""

    __tablename__ = "bulk"
    __table_args__ = (
        _belongs_to("person", "giver_id"),
        CheckConstraint("state IN ('planned', 'running', 'done', 'undone')", name="state"),
        Index(None, "workspace_id", "state"),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)  # of the batch that its awards are
    giver_id: UUID
    state: str = "planned"
    plan: str = _text()  # JSON: who is given which badge, and why
    total: int
    done: int = 0
    quiet: bool = False
    channel: str | None = None  # of the message that tells how far it is
    message_ts: str | None = None
    created_at: datetime = _moment()
    finished_at: datetime | None = _moment(nullable=True)


class Request(SQLModel, table=True):
    """Somebody asks for a badge, for themselves or for a colleague; whoever may award it decides."""

    __tablename__ = "request"
    __table_args__ = (
        _belongs_to("person", "asker_id"),
        _belongs_to("person", "recipient_id"),
        _belongs_to("person", "decided_by"),
        _belongs_to("badge", "badge_id"),
        _belongs_to("badge_version", "version_id"),
        CheckConstraint("state IN ('open', 'awarded', 'held', 'declined')", name="state"),
        # Nobody waits twice for the same.
        Index(
            "ix_request_once",
            "workspace_id",
            "asker_id",
            "recipient_id",
            "badge_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_request_open",
            "workspace_id",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_request_awaited",
            "workspace_id",
            "recipient_id",
            "badge_id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_request_answered",
            "workspace_id",
            "award_key",
            sqlite_where=text("award_key IS NOT NULL"),
            postgresql_where=text("award_key IS NOT NULL"),
        ),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    asker_id: UUID
    recipient_id: UUID  # the asker, or whom they suggest
    badge_id: UUID
    version_id: UUID  # what the badge said when it was asked for
    reason: str = _text()
    state: str = "open"  # held: the recipient came to hold it otherwise
    created_at: datetime = _moment()
    decided_by: UUID | None = None
    decided_at: datetime | None = _moment(nullable=True)
    answer: str = _text()  # what the decider had to say; "" for nothing
    award_key: str | None = None  # the occasion of the award that answered it


class Evidence(SQLModel, table=True):
    """What shows that an award was earned: here, the message it was given for."""

    __tablename__ = "evidence"
    __table_args__ = (
        _belongs_to("award", "award_id"),
        Index(None, "workspace_id", "award_id"),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    award_id: UUID
    url: str = _text()
    public: bool = False  # whether everyone in the workspace can open it
    created_at: datetime = _moment()


class Lane(SQLModel, table=True):
    """What Slack rate-limits together; leased by one worker at a time."""

    __tablename__ = "lane"

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    key: str = Field(primary_key=True)  # channel:<channel>, dm, files
    next_at: datetime = _moment()  # not before: Slack's rate, Retry-After, backoff
    leased_until: datetime | None = _moment(nullable=True)
    lease: UUID | None = None


_DONE = "(state = 'skipped' OR state = 'sent' AND kind NOT IN ('announce', 'notify'))"


class Delivery(SQLModel, table=True):
    """One thing to send: written with what it tells of, sent afterwards, in order within its lane."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "lane"], ["lane.workspace_id", "lane.key"]),
        UniqueConstraint("workspace_id", "key"),
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'skipped', 'dead')", name="state"),
        Index(
            "ix_delivery_due",
            "workspace_id",
            "lane",
            "id",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index(
            "ix_delivery_dead",
            "workspace_id",
            "id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        # What is cleared some day: by far the most are posts and direct messages, which stay.
        Index(
            "ix_delivery_done",
            "workspace_id",
            "sent_at",
            sqlite_where=text(_DONE),
            postgresql_where=text(_DONE),
        ),
        Index(None, "workspace_id", "batch_id"),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    lane: str
    kind: str  # announce, amend, answer, notify, remind, request, retract, upload, welcome
    key: str  # twice the same is the same delivery
    batch_id: UUID | None = None
    person_id: UUID | None = None
    # upload: the key of the picture; remind: the milestone; amend: the key of the message;
    # announce: the badges it tells of, or after a "!" does not, where they are not all.
    subject: str | None = None
    state: str = "pending"
    attempts: int = 0
    created_at: datetime = _moment()
    sent_at: datetime | None = _moment(nullable=True)
    channel: str | None = None  # where Slack put it
    message_ts: str | None = None
    error: str | None = _text(nullable=True)


class ServiceSpell(SQLModel, table=True):
    """One employment of a person, its last day included."""

    __tablename__ = "service_spell"
    __table_args__ = (
        _belongs_to("person", "person_id"),
        CheckConstraint("source IN ('hr', 'entry', 'slack', 'field')", name="source"),
        Index(None, "workspace_id", "person_id"),
        # Who is due is read from here: nobody whose next milestone is still to come.
        Index(
            "ix_service_spell_due",
            "workspace_id",
            "next_on",
            "id",
            sqlite_where=text("next_on IS NOT NULL"),
            postgresql_where=text("next_on IS NOT NULL"),
        ),
    )

    workspace_id: int = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    person_id: UUID
    started_on: date
    ended_on: date | None = None
    source: str  # where the dates come from
    entered_at: datetime = _moment()  # when they were entered as they are now
    removed_at: datetime | None = _moment(nullable=True)  # it was a mistake: it counts no more
    next_on: date | None = None  # the earliest day with a milestone that is not in the ledger


class Leave(SQLModel, table=True):
    """Days of a spell without service, the first and the last included."""

    __tablename__ = "leave"
    __table_args__ = (_belongs_to("service_spell", "spell_id"),)

    workspace_id: int = Field(primary_key=True)
    spell_id: UUID = Field(primary_key=True)
    first_on: date = Field(primary_key=True)
    last_on: date


class Employment(SQLModel, table=True):
    """What else HR says of a person."""

    __tablename__ = "employment"
    __table_args__ = (
        _belongs_to("person", "person_id"),
        _belongs_to("person", "manager_id"),
        Index(None, "workspace_id", "manager_id"),
    )

    workspace_id: int = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    manager_id: UUID | None = None
    country: str | None = None  # ISO 3166: PT, US-CA; whose public holidays count


class Milestone(SQLModel, table=True):
    """The ledger: each length that somebody completed, once a spell, and what became of it."""

    __tablename__ = "milestone"
    __table_args__ = (
        _belongs_to("service_spell", "spell_id"),
        _belongs_to("person", "person_id"),
        CheckConstraint(
            "state IN ('recorded', 'announced', 'told', 'silent', 'withdrawn')", name="state"
        ),
        Index(None, "workspace_id", "batch_id"),
    )

    workspace_id: int = Field(primary_key=True)
    spell_id: UUID = Field(primary_key=True)
    length: str = Field(primary_key=True)  # 30d, 6m, 5y
    person_id: UUID
    due_on: date
    celebrated_on: date
    moved: str = _text()  # why it is celebrated on another day; "" where it is not
    counted_from: date  # the start date, without the days that do not count
    source: str  # of the start date
    recorded_at: datetime = _moment()
    state: str  # recorded: it is still to be told of
    reason: str = _text()  # why nobody was told; what was corrected since
    belated: bool = False
    withdrawals: int = 0  # how often its day turned out to be wrong
    award_id: UUID | None = None
    batch_id: UUID | None = None  # what is told together
    told_at: datetime | None = _moment(nullable=True)
    channel: str | None = None  # of the feed post
    message_ts: str | None = None


class Preference(SQLModel, table=True):
    """What a person chose for themselves."""

    __tablename__ = "preference"
    __table_args__ = (_belongs_to("person", "person_id"),)

    workspace_id: int = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str = _text()


class Setting(SQLModel, table=True):
    """What an admin chose for the workspace, and what Laurel has to remember of itself."""

    __tablename__ = "setting"

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    key: str = Field(primary_key=True)
    value: str = _text()
    updated_at: datetime = _moment()


class AuditEntry(SQLModel, table=True):
    """Who did what when; rows are only ever added."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "workspace_id", "at"),)

    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    id: UUID = Field(primary_key=True)
    at: datetime = _moment()
    actor_id: UUID | None = None  # None: Laurel itself
    action: str
    subject: str
    detail: str = _text()


def oauth_tables(metadata: MetaData) -> OAuthTables:
    """The tables of slack_sdk's stores, as the library declares them; no row of ours refers to them."""
    installations = SQLAlchemyInstallationStore
    return OAuthTables(
        installations.build_bots_table(metadata, installations.default_bots_table_name),
        installations.build_installations_table(
            metadata, installations.default_installations_table_name
        ),
        SQLAlchemyOAuthStateStore.build_oauth_states_table(
            metadata, SQLAlchemyOAuthStateStore.default_table_name
        ),
    )


OAUTH = oauth_tables(SQLModel.metadata)

for statements in (guards.AUDIT, guards.AUDIT_UNLESS_ERASED):
    guards.guard(SQLModel.metadata.tables["audit_entry"], statements)
generations.count_in(SQLModel.metadata)


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model: statements on hot paths are built over it."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table
