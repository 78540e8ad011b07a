"""`laurel anniversaries policies`: what was decided is shown, foreseen and changed."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import __main__ as command_line
from bot import deciding, policies, policy_words
from bot.cli import anniversaries_policies
from bot.cli.anniversaries_policies import Request
from bot.deps import reference
from bot.policy_preview import preview
from bot.settings import Settings
from bot.tenure import Length, Policies, Rule
from storage import migrate, nearing, tenure, workspaces
from storage.database import Database
from storage.tables import AuditEntry, Badge, table_of
from storage.workspaces import WorkspaceRow
from tests.anniversaries.conftest import Company, at

NOON = at("2026-02-16T12:00")
DOCS = Path(__file__).parents[2] / "docs" / "anniversaries.md"


@pytest.fixture
def acme(migrated_sqlite: Path, tmp_path: Path) -> Company:
    """Acme in a file of its own: five years on a Sunday, 90 days too, and a start on 29 February."""
    shutil.copy(migrated_sqlite, tmp_path / "acme.db")
    url = f"sqlite:///{tmp_path}/acme.db"
    database = Database(url)
    company = Company(database, reference(_met(database, "T1", "Acme")), NOON)
    company.settings = Settings(database_url=url, feed_channel="kudos")
    _staff(company)
    return company


def _staff(company: Company) -> None:
    company.now = NOON
    company.hire("maria", "tom", "lucia", timezone="Europe/Lisbon")
    company.began("2026-01-01")
    company.enter("maria", "2021-03-01")
    company.enter("tom", "2025-12-01")
    company.enter("lucia", "2024-02-29")
    company.run()


def _met(database: Database, team: str, name: str) -> WorkspaceRow:
    return database.write(
        lambda session: workspaces.save(
            session, team_id=team, name=name, url="", bot_user_id="U0", bot_id="B0", now=NOON
        )
    )


def _set(acme: Company, name: str, value: str | None, **how: object) -> int:
    what = "unset" if value is None else "set"
    request = replace(Request(what, name, value), **how)  # type: ignore[arg-type]
    return anniversaries_policies.run(acme.settings, request, now=NOON)


def _decided(acme: Company) -> Policies:
    return acme.database.read(
        lambda session: policies.load(session, workspace_id=acme.workspace.id)
    )


def _audit(acme: Company) -> list[tuple[str, str, str]]:
    entry = table_of(AuditEntry)
    columns = entry.c.action, entry.c.subject, entry.c.detail
    rows = acme.database.read(lambda session: session.execute(select(*columns)).all())
    return [(row[0], row[1], row[2]) for row in rows if row[0] == deciding.ACTION]


Said = pytest.CaptureFixture[str]


# -- seeing --------------------------------------------------------------------------------------


def test_each_policy_is_shown_with_its_default_and_a_sentence(acme: Company, capsys: Said) -> None:
    _set(acme, "weekend", "next working day")
    capsys.readouterr()
    assert anniversaries_policies.run(acme.settings, Request(), now=NOON) == 0
    said = capsys.readouterr().out
    assert "weekend          next_working_day  (default: on_the_day)\n  What falls on a" in said
    assert "hour             9  (the default)\n  The hour of the day" in said
    assert "30d.feed           off  (the default)" in said


@pytest.mark.parametrize(
    "typed",
    [
        "field, hr, slack, entry",
        "a profile field, the HR file, Slack’s own start date, what is entered in Slack",
        "Profile field, HR file, Slack's own date, entered in Slack",
    ],
)
def test_sources_are_typed_as_codes_or_words_and_shown_as_both(
    acme: Company, capsys: Said, typed: str
) -> None:
    assert _set(acme, "sources", typed) == 0
    said = capsys.readouterr().out
    assert "→ field (a profile field), hr (the HR file), slack (Slack’s own start date), " in said
    assert _decided(acme).sources == ("field", "hr", "slack", "entry")
    anniversaries_policies.run(acme.settings, Request(), now=NOON)
    assert "sources          field (a profile field), hr (the HR file)," in capsys.readouterr().out


def test_a_message_that_is_taken_back_is_in_laurels_own_words(acme: Company, capsys: Said) -> None:
    _set(acme, "every-year.message", "Five years, and the coffee is still yours.")
    capsys.readouterr()
    _set(acme, "every-year.message", None)
    said = capsys.readouterr().out
    assert (
        "every-year.message: Five years, and the coffee is still yours. → Laurel's own words"
        in said
    )
    assert "Maria, 5 years: with Laurel's own words" in said


def test_nothing_that_is_kept_has_no_name_and_no_documentation() -> None:
    named = {one.name for one in policy_words.entries(Policies()) if not one.about_length}
    kept = (
        set(vars(Policies())) - {"rules", "calendar"} | {"lengths"} | set(vars(Policies().calendar))
    )
    documented = DOCS.read_text(encoding="utf-8").split("| --- | --- | --- |")[1]
    assert named == kept
    for one in policy_words.entries(Policies()):
        if not one.about_length:
            row = next(row for row in documented.splitlines() if row.startswith(f"| `{one.name}`"))
            assert row.endswith(f"| `{one.default_shown}` |")


def test_scripts_read_the_policies_as_json(acme: Company, capsys: Said) -> None:
    anniversaries_policies.run(acme.settings, Request(as_json=True), now=NOON)
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["holidays"]["value"] is False
    assert found["lengths"]["default"] == ["30d", "90d", "6m", "every year"]
    assert found["every-year.feed"]["is_default"] is True


# -- what would change ---------------------------------------------------------------------------


def test_a_preview_names_the_days_that_move_and_changes_nothing(
    acme: Company, capsys: Said
) -> None:
    assert _set(acme, "weekend", "working-day-before", only_preview=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "weekend: on_the_day → working_day_before",
        "Celebrations until Mon 13 Apr:",
        "Moved: 3",
        "  Fri 27 Feb instead of Sat 28 Feb: Lucia, 2 years",
        "  Fri 27 Feb instead of Sun 1 Mar: Maria, 5 years",
        "  Fri 27 Feb instead of Sun 1 Mar: Tom, 90 days",
        "Nothing was changed: this was a preview.",
    ]
    assert _decided(acme) == Policies()
    assert _audit(acme) == []


def test_29_february_moves_who_began_then_and_nobody_else(acme: Company, capsys: Said) -> None:
    _set(acme, "leap_day", "1 March", only_preview=True)
    said = capsys.readouterr().out
    assert "Moved: 1\n  Sun 1 Mar instead of Sat 28 Feb: Lucia, 2 years\n" in said


def test_other_lengths_drop_some_add_some_and_find_some_that_are_past(
    acme: Company, capsys: Said
) -> None:
    _set(acme, "lengths", "30 days, 75d, 100d, 6m, every year", only_preview=True)
    said = capsys.readouterr().out
    assert "Added: 1\n  Wed 11 Mar: Tom, 100 days: direct message\n" in said
    assert "Dropped: 1\n  Sun 1 Mar: Tom, 90 days\n" in said
    assert "told of belatedly at the next run: 1\n  Sat 14 Feb: Tom, 75 days: direct mess" in said
    assert "without a word: 4\n" in said


def test_who_is_told_is_foreseen_too(acme: Company, capsys: Said) -> None:
    _set(acme, "90d.feed", "on", only_preview=True)
    _set(acme, "hour", "15:00", only_preview=True)
    _set(acme, "unless_chosen", "nothing", only_preview=True)
    said = capsys.readouterr().out
    where = "#kudos and direct message"
    assert f"  Sun 1 Mar: Tom, 90 days: {where} instead of direct message\n" in said
    assert "  Sun 1 Mar: Tom, 90 days: 15:00 Europe/Lisbon instead of 09:00 Europe/Lisbon" in said
    assert (
        f"  Sun 1 Mar: Maria, 5 years: nobody is told (did not ask to be told) instead of {where}\n"
        in said
    )


def test_what_moves_nothing_says_so(acme: Company, capsys: Said) -> None:
    assert _set(acme, "digest_above", "10") == 0
    assert "No celebration until Mon 13 Apr moves, is added or dropped." in capsys.readouterr().out
    assert _decided(acme).digest_above == 10


def test_a_preview_says_which_posts_become_a_digest_and_which_digest_posts(
    acme: Company, capsys: Said
) -> None:
    acme.hire("ana", "rui", timezone="Europe/Lisbon")
    acme.enter("ana", "2022-03-01")
    acme.enter("rui", "2023-03-01")
    acme.run()
    _set(acme, "digest_above", "2", sure=True)
    assert "Digests: 1\n  Sun 1 Mar: 3 posts become one digest\n" in capsys.readouterr().out
    _set(acme, "digest_above", "2", only_preview=True)
    assert "Digests" not in capsys.readouterr().out
    _set(acme, "digest_above", "3", only_preview=True, as_json=True)
    assert json.loads(capsys.readouterr().out)["digests"] == [
        {"day": "2026-03-01", "posts": 3, "digest": False}
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weekend", "working_day_before"),
        ("lengths", "45d, 75d, 100d, every year"),
        ("leap_day", "1_march"),
        ("quiet", "02-20..03-10"),
        ("hour", "15"),
    ],
)
def test_what_was_foreseen_is_what_happens(
    database: Database, workspace: WorkspaceRow, name: str, value: str
) -> None:
    company = Company(database, reference(workspace), NOON)
    _staff(company)
    after = policy_words.changed(Policies(), name, value)
    seen = preview(
        database,
        workspace=company.workspace,
        settings=company.settings,
        before=Policies(),
        after=after,
        now=NOON,
    )
    foreseen = {
        (change.name, str(change.length)): str(change.after.day)
        for change in seen.changes
        if change.after is not None
    }
    assert foreseen
    database.write(
        lambda session: deciding.decide(
            session, workspace_id=company.workspace.id, name=name, text=value, now=NOON
        )
    )
    company.run()
    company.run("2026-04-14T12:00")
    ledger = {
        (company.people[who].name, length): day
        for who in company.people
        for length, day, _state, _reason in company.lines(who)
    }
    assert {key: ledger.get(key) for key in foreseen} == foreseen
    dropped = [one for one in seen.changes if one.after is None]
    assert not {(one.name, str(one.length)) for one in dropped} & set(ledger)


# -- changing ------------------------------------------------------------------------------------


def test_a_change_is_kept_audited_and_looked_at_by_the_next_run(
    acme: Company, capsys: Said
) -> None:
    assert _set(acme, "lengths", "75d, every year") == 0
    assert "Changed; it holds from the next run on" in capsys.readouterr().out
    assert [str(rule.length) for rule in _decided(acme).rules] == ["75d", "1y"]
    said = {"lengths": {"from": "30d, 90d, 6m, every year", "to": "75d, every year"}}
    assert [(one[:2], json.loads(one[2])) for one in _audit(acme)] == [
        (("anniversaries.policy", "lengths"), said)
    ]
    acme.run()
    assert ("75d", "2026-02-14", "recorded", "") in acme.lines("tom")


def test_a_message_for_one_length_has_nobody_looked_at_again(acme: Company) -> None:
    assert _set(acme, "5y.message", "Five years!\nThank you.") == 0
    rule = _decided(acme).rule_for(Length(5, "y"))
    assert rule == Rule(Length(5, "y"), feed=True, message="Five years!\nThank you.")
    other = _decided(acme).rule_for(Length(6, "y"))
    assert other is not None
    assert other.message == ""
    near = acme.database.read(
        lambda session: nearing.near(
            session, workspace_id=acme.workspace.id, until=tenure.LOOK_NOW, limit=9
        )
    )
    assert near == []
    assert _set(acme, "5y.message", None) == 0
    assert _decided(acme) == Policies()


def test_a_badge_is_named_by_slug_or_name_and_has_to_be_there(acme: Company, capsys: Said) -> None:
    assert _set(acme, "5y.badge", "10 Years") == 0
    rule = _decided(acme).rule_for(Length(5, "y"))
    assert rule is not None
    assert rule.badge == "10-years"
    assert _set(acme, "5y.badge", "founders-circle") == 2
    assert "There is no badge “founders-circle”" in capsys.readouterr().err
    badge = table_of(Badge)
    acme.database.write(
        lambda session: session.execute(
            badge.update()
            .where(badge.c.slug == "20-years")
            .values(slug="long-service", private=True)
        )
    )
    assert _set(acme, "5y.badge", "long-service") == 2
    assert "only awarded by hand" in capsys.readouterr().err


def test_a_badge_that_laurel_made_for_a_length_can_be_named(acme: Company) -> None:
    badge = table_of(Badge)
    acme.database.write(
        lambda session: session.execute(
            badge.update().where(badge.c.slug == "20-years").values(private=True)
        )
    )
    assert _set(acme, "20y.badge", "20-years") == 0


def test_the_same_again_changes_nothing_and_is_not_audited(acme: Company, capsys: Said) -> None:
    assert _set(acme, "guests", "no") == 0
    assert capsys.readouterr().out == "It is so already: nothing to change.\n"
    assert _audit(acme) == []


def test_unset_brings_the_default_back(acme: Company) -> None:
    _set(acme, "quiet", "12-24..01-01, 2026-05-04")
    assert [str(one) for one in _decided(acme).calendar.quiet] == ["12-24..01-01", "2026-05-04"]
    _set(acme, "holidays", "on")
    assert _set(acme, "quiet", None) == 0
    assert _decided(acme).calendar.quiet == ()
    assert _decided(acme).calendar.holidays


@pytest.mark.parametrize(("answer", "hour"), [("n", 9), ("", 9), ("Yes", 8)])
def test_on_a_terminal_it_asks_first(acme: Company, capsys: Said, answer: str, hour: int) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(capsys.readouterr().out)
        return answer

    request = Request("set", "hour", "8")
    assert anniversaries_policies.run(acme.settings, request, now=NOON, ask=ask) == 0
    assert len(asked) == 1
    assert "08:00 Europe/Lisbon instead of 09:00 Europe/Lisbon" in asked[0]
    assert _decided(acme).hour == hour


def test_who_is_sure_is_not_asked(acme: Company) -> None:
    def never(question: str) -> str:
        raise AssertionError(question)

    for request in (
        Request("set", "hour", "8", only_preview=True),
        Request("set", "hour", "8", sure=True),
    ):
        assert anniversaries_policies.run(acme.settings, request, now=NOON, ask=never) == 0
    assert _decided(acme).hour == 8


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("weekends", "x", "There is no policy “weekends”. Did you mean weekend?"),
        ("weekend", "never", "“weekend” is one of on_the_day, working_day_before,"),
        ("hour", "25", "Please give a number from 0 to 23, not “25”."),
        ("hour", "nine", "Please give a number from 0 to 23, not “nine”."),
        ("guests", "maybe", "“guests” is on or off, not “maybe”."),
        ("90d.feed", "maybe", "“feed” is on or off, not “maybe”."),
        ("quiet", "13-24", "“13-24” is no day or range of days:"),
        ("sources", "hr, slack", "Sources are hr (the HR file), entry (what is entered in Slack),"),
        ("sources", "hr, hr, slack, field", "Sources are hr (the HR file),"),
        ("sources", "hr, entry, slack, my diary", "Sources are hr (the HR file),"),
        ("lengths", "soon", "“soon” is no length:"),
        ("lengths", "30d, 30 days", "30 days is there twice."),
        ("lengths", "every day", "“Every 1 day” is too often:"),
        ("lengths", "9999y", "9,999 years is too long: at most 100 years."),
        ("45d.message", "Hooray", "45d is no milestone here: they are 30d, 90d, 6m, every year."),
        ("5y.message", " ", "A message has words;"),
        ("5y.message", "x" * 501, "A message has at most 500 characters; this one has 501."),
        ("5y.message", "\x1b[2J", "A message is plain text,"),
        ("5y.colour", "red", "There is no policy “5y.colour”."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        policy_words.changed(Policies(), name, value)


def test_a_refusal_exits_2_and_changes_nothing(acme: Company, capsys: Said) -> None:
    assert _set(acme, "hour", "25", sure=True) == 2
    said = capsys.readouterr()
    assert said.err == "Please give a number from 0 to 23, not “25”.\n"
    assert said.out == ""
    assert _decided(acme) == Policies()


def test_scripts_read_what_changed_as_json(acme: Company, capsys: Said) -> None:
    assert _set(acme, "weekend", "next_working_day", as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["result"] == "changed"
    assert said["policies"] == {"weekend": {"from": "on_the_day", "to": "next_working_day"}}
    maria = next(one for one in said["celebrations"] if one["name"] == "Maria")
    assert (maria["what"], maria["before"]["day"], maria["after"]["day"]) == (
        "moved",
        "2026-03-01",
        "2026-03-02",
    )


def test_of_several_workspaces_one_has_to_be_named(acme: Company, capsys: Said) -> None:
    _met(acme.database, "T2", "Globex")
    assert _set(acme, "hour", "8") == 1
    assert "say which by --workspace. They are T1 (Acme), T2 (Globex)." in capsys.readouterr().err
    assert _set(acme, "hour", "8", team="T3") == 2
    assert _set(acme, "hour", "8", team="T2") == 0
    assert _decided(acme).hour == 9


@pytest.mark.parametrize(
    "typed",
    [
        ["set", "hour", "8", "--json"],
        ["--json", "set", "hour", "8"],
        ["--json"],
        ["show", "--json"],
        ["unset", "hour", "--preview", "--json"],
    ],
)
def test_json_may_stand_before_or_after(
    acme: Company, capsys: Said, monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", acme.settings.database_url)
    assert command_line.main(["anniversaries", "policies", *typed]) == 0
    json.loads(capsys.readouterr().out)


def test_before_laurel_met_its_workspace_it_says_so(tmp_path: Path, capsys: Said) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    database = Database(url)
    migrate.upgrade(database)
    database.close()
    assert anniversaries_policies.run(Settings(database_url=url), Request(), now=NOON) == 1
    assert "run `laurel run` once before" in capsys.readouterr().err


# -- writing and reading -------------------------------------------------------------------------

rules = st.builds(
    Rule,
    st.builds(Length, st.sampled_from([1, 2, 3, 6]), st.sampled_from("my")),
    every=st.booleans(),
    feed=st.booleans(),
    message=st.sampled_from(["", "Hooray"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=6, unique_by=lambda rule: (rule.length, rule.every)))
def test_what_is_shown_can_be_typed_again(kept: list[Rule]) -> None:
    decided = policy_words.changed(
        replace(Policies(), rules=tuple(kept)),
        "lengths",
        ", ".join(f"{'every ' if rule.every else ''}{rule.length}" for rule in kept),
    )
    for one in policy_words.entries(decided):
        if one.shown != "Laurel's own words" and not one.name.endswith(".badge"):
            again = policy_words.changed(decided, one.name, one.shown)
            assert again == decided, one
