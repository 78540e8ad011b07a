"""What people type after a slash, and what Laurel understands."""

import re
from contextlib import suppress
from html import escape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.parsing import (
    AWARD_CODE,
    TYPO_CUTOFF,
    ParseProblem,
    badge_key,
    badge_keys,
    decode,
    first_word,
    flag_in,
    names_a_badge,
    nearest,
    parse_award,
    parse_code,
    split_badges,
    typed,
)
from bot.parsing.wording import without_invisible

MARIA = "<@U0MARIA|maria>"
TOM = "<@W0TOM>"
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

CATALOG = {
    "ping-pong-champion": "ping-pong-champion",
    "ping-pong champion": "ping-pong-champion",
    "team": "team",
    "team-player": "team-player",
    "team player": "team-player",
    "10-years": "10-years",
    "10 years!": "10-years",
    "people's choice": "peoples-choice",
    "red, white & blue": "colours",
    "ping": "ping",
    "hide": "hide",
    "hide and seek": "hide-and-seek",
    "r&d star": "rd-star",
    "and so on": "and-so-on",
    "звезда команды": "star",
    "スーパースター": "superstar",
}
NAMES = [
    ("ping-pong-champion", "Ping-Pong Champion"),
    ("team-player", "Team Player"),
    ("customer-hero", "Customer Hero"),
    ("event-speaker", "Event Speaker"),
    ("first-course", "First Course"),
    ("superstar", "スーパースター"),
]


def refusal(text: str) -> str:
    with pytest.raises(ParseProblem) as caught:
        parse_award(text)
    assert str(caught.value) == caught.value.sentence
    return caught.value.sentence


# Entities and markup


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("R&amp;D", "R&D"),
        ("R&D", "R&D"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;", "&amp;"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("I <3 you", "I <3 you"),
        ("&copy; &quot;", "&copy; &quot;"),
        ("", ""),
    ],
)
def test_entities_are_decoded_exactly_once(sent: str, read: str) -> None:
    assert decode(sent) == read


@given(st.text())
def test_decoding_undoes_encoding(text: str) -> None:
    assert decode(escape(text, quote=False)) == text


def test_a_typed_mention_that_slack_encoded_is_text() -> None:
    award = parse_award(f"{MARIA} team &lt;@U1&gt; &lt;!channel&gt;")
    assert award.people == ("U0MARIA",)
    assert award.rest == "team <@U1> <!channel>"
    assert parse_award("&lt;@U1&gt; team").people == ()


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("team thanks to <@U2|tom>", "team thanks to @tom"),
        ("team thanks to <@U2>", "team thanks to @U2"),
        ("team in <#C1|general>", "team in #general"),
        ("team <!here> <!channel|@channel>", "team @here @channel"),
        ("team <!subteam^S1|@design>", "team @design"),
        ("team <!subteam^S1>", "team @subteam"),
        ("team see <https://a.example/x?a=1&amp;b=2>", "team see https://a.example/x?a=1&b=2"),
        ("team see <http://a.example|a.example>", "team see http://a.example"),
        ("team see <http://a.example|our page>", "team see our page (http://a.example)"),
        ("team <mailto:m@a.example|m@a.example>", "team m@a.example"),
        ("team <@U2|R&amp;D>", "team @R&D"),
        ("team I <3 you, 1 < 2 > 0", "team I <3 you, 1 < 2 > 0"),
        ("team I &lt;3 you", "team I <3 you"),
    ],
)
def test_markup_in_the_reason_becomes_readable_text(sent: str, read: str) -> None:
    award = parse_award(f"{MARIA} {sent}")
    assert award.people == ("U0MARIA",)
    assert award.groups == ()
    assert award.rest == read


# Recipients


@pytest.mark.parametrize(
    ("text", "people", "groups", "rest"),
    [
        (f"{MARIA} team", ("U0MARIA",), (), "team"),
        (f"{MARIA} {TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA}{TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA},{TOM}, team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA} and {TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA}, And {TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA} &amp; {TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA} & {TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA} + {TOM} team", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{TOM} {MARIA} {TOM} team", ("W0TOM", "U0MARIA"), (), "team"),
        (f"{MARIA} <!subteam^S1|@design> team", ("U0MARIA",), ("S1",), "team"),
        ("<!subteam^S1> <!subteam^S1> team", (), ("S1",), "team"),
        (f"{MARIA}: team", ("U0MARIA",), (), "team"),
        (f"{MARIA} :tada: team", ("U0MARIA",), (), ":tada: team"),
        (f"{MARIA} — team", ("U0MARIA",), (), "team"),
        (f"\u200e {MARIA}\u200f\u00a0{TOM}\tteam", ("U0MARIA", "W0TOM"), (), "team"),
        (f"{MARIA} and team", ("U0MARIA",), (), "and team"),
        (f"{MARIA} team {TOM}", ("U0MARIA",), (), "team @W0TOM"),
        (f"team {MARIA} {TOM}", (), (), "team @maria @W0TOM"),
        (f"{MARIA} team thanks @tom", ("U0MARIA",), (), "team thanks @tom"),
        (f"{MARIA}", ("U0MARIA",), (), ""),
        ("", (), (), ""),
        (" \n\u200b\u00a0", (), (), ""),
        ("<@u1> <@U1 team", (), (), "<@u1> <@U1 team"),
    ],
)
def test_recipients_are_the_mentions_before_the_badge(
    text: str, people: tuple[str, ...], groups: tuple[str, ...], rest: str
) -> None:
    award = parse_award(text)
    assert (award.people, award.groups, award.rest) == (people, groups, rest)
    assert not award.private
    assert not award.quiet


@pytest.mark.parametrize("name", ["@maria", "＠maria", "@мария", "@maria,", "@", "@ maria"])
def test_a_name_that_is_no_link_gets_what_to_do(name: str) -> None:
    for text in (f"{name} team", f"{MARIA} and {name} team", f"{TOM} --quiet {name} team"):
        sentence = refusal(text)
        assert f"“{name.strip(',')[:1]}" in sentence
        assert "so nothing was awarded. Pick the name from the list" in sentence
        assert "Escape channels, users, and links" in sentence


@pytest.mark.parametrize(
    "crowd",
    ["<!channel>", "<!here|here>", "<!everyone>", "@channel", "@Here", "@everyone"],
)
def test_a_badge_for_everybody_is_refused(crowd: str) -> None:
    for text in (f"{crowd} team great", f"{MARIA} {crowd} team great"):
        assert "so nothing was awarded" in refusal(text)
        assert "user group" in refusal(text)


def test_a_channel_as_recipient_is_refused() -> None:
    assert "channel cannot hold a badge, so nothing was" in refusal("<#C123|general> team")
    assert "channel cannot hold a badge" in refusal(f"{MARIA} <#C123> team")


def test_200_mentions_are_200_people() -> None:
    text = " ".join(f"<@U{n}|name {n}>" for n in range(200)) + " team " + "x" * 4000
    award = parse_award(text)
    assert award.people == tuple(f"U{n}" for n in range(200))
    assert len(award.rest) == len("team ") + 4000


# Flags

DASHES = ["--", "—", "–", "-–", "–-", "——", "‑‑", "－－", "‐‐", "―", "−−", "---", "-—"]


@pytest.mark.parametrize("dash", DASHES)
@pytest.mark.parametrize("place", ["{f} {m} team well done", "{m} {f} {t} team well done"])
def test_every_dash_a_keyboard_makes_begins_a_flag(dash: str, place: str) -> None:
    award = parse_award(place.format(f=f"{dash}Private", m=MARIA, t=TOM))
    assert award.private
    assert not award.quiet
    assert award.rest == "team well done"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"{MARIA} team --quiet well done", "team well done"),
        (f"{MARIA} team well done --quiet", "team well done"),
        (f"{MARIA} team well —QUIET done", "team well done"),
        (f"{MARIA},--quiet,team", "team"),
        (f"{MARIA} team, --quiet, well done", "team, well done"),
        (f"{MARIA} team well done --quiet.", "team well done"),
        (f"{MARIA} team\n--quiet\nwell done", "team\n\nwell done"),
        (f"{MARIA} --quiet --quiet team", "team"),
        (f"{MARIA} team \u200e--qui\u200bet\u00a0done", "team done"),
        (f"{MARIA} ｑｕｉｅｔ －－ｑｕｉｅｔ", "ｑｕｉｅｔ"),
    ],
)
def test_a_flag_counts_wherever_it_stands(text: str, rest: str) -> None:
    award = parse_award(text)
    assert award.quiet
    assert not award.private
    assert award.rest == rest


def test_both_flags_go_together() -> None:
    award = parse_award(f"—private {MARIA} team –quiet")
    assert award.private
    assert award.quiet


@pytest.mark.parametrize(
    "quoted", ['"use --private here"', "“—private or not”", "„so -privat”", "«a --quiet»", '"--x"']
)
def test_a_flag_among_words_in_double_quotes_is_text(quoted: str) -> None:
    award = parse_award(f"{MARIA} team {quoted} she said")
    assert not award.private
    assert not award.quiet
    assert award.rest == f"team {quoted} she said"


def test_a_flag_after_an_unclosed_quote_still_counts() -> None:
    assert parse_award(f'{MARIA} team "great --private').private
    assert parse_award(f'{MARIA} team 6" tall --private 5"').private
    assert parse_award(f'{MARIA} "team" --private "great"').private


@pytest.mark.parametrize(
    "typo",
    [
        "-private",
        "-privat",
        "--privat",
        "--pirvate",
        "—priv",
        "-p",
        "--p",
        "private--",
        "private—",
        "-- private",
        "— private",
        "- private",
        "--privately",
        "_-private",
        "__private",
        "/private",
        "(--private)",
        "final!--private",
        "team,--private",
        "--private=yes",
        "--no-private",
        "--prívate",
        "--secret",
        "-secret",
        "-hidden,",
        "--privé",
        "-Privé",
        "'--privat'",
        "(--secret).",
        "-- rivate",
        "x--private",
        '"--private',
        "'--private'",
    ],
)
def test_what_is_nearly_private_is_refused_and_never_published(typo: str) -> None:
    for text in (f"{MARIA} team {typo} well done", f"{MARIA} team well done {typo}"):
        sentence = refusal(text)
        assert "looks like `--private`, so I awarded nothing" in sentence


@pytest.mark.parametrize(
    "quoted",
    ['"--private"', "“—private”", "„--privat”", '"-p"', '" --secret "', '"--quiet —private"'],
)
def test_quotes_around_nothing_but_a_flag_come_near_it(quoted: str) -> None:
    for text in (f"{MARIA} {quoted} team", f"{MARIA} team great {quoted}."):
        sentence = refusal(text)
        assert f"“{quoted}” looks like `--private`, so I awarded nothing" in sentence
        assert "Write `--private` without the quotes, or drop the dash." in sentence
    assert flag_in(f"great {quoted}") == (quoted, "private")


@pytest.mark.parametrize("typo", ["-private", "—privat", "--pirvate", "-p", "-- private"])
def test_a_near_miss_before_the_badge_is_refused_too(typo: str) -> None:
    for text in (f"{typo} {MARIA} team", f"{MARIA},{typo},{TOM} team", f"{MARIA} {typo}"):
        assert "looks like `--private`" in refusal(text)


@pytest.mark.parametrize(
    "typo", ["-quiet", "--quite", "--quit", "—qiet", "-q", "--silent", "_-quiet", "– quiet"]
)
def test_what_is_nearly_quiet_is_refused_too(typo: str) -> None:
    for text in (f"{MARIA} team {typo} great", f"{MARIA} team well done {typo}"):
        sentence = refusal(text)
        assert "looks like `--quiet`, so I awarded nothing" in sentence


@pytest.mark.parametrize("flag", ["--foo", "-x", "—team-player", "--help", "-great"])
def test_an_unknown_flag_before_the_badge_is_refused_with_the_flags_there_are(flag: str) -> None:
    sentence = refusal(f"{MARIA} {flag} team")
    assert flag in sentence
    assert "`--private`" in sentence
    assert "`--quiet`" in sentence
    assert "nothing was awarded" in sentence


@pytest.mark.parametrize(
    "flag", ["--pvt", "--anonymous", "--public,", "--dry-run", "--verbose=yes", "---x", "--тихо"]
)
def test_an_unknown_flag_behind_the_badge_is_refused_and_a_space_makes_it_text(flag: str) -> None:
    for text in (f"{MARIA} team {flag} great", f"{MARIA} team great\n{flag}"):
        sentence = refusal(text)
        assert f"I don’t know the flag “{flag}”, so nothing was awarded" in sentence
        assert "`--private` (keeps" in sentence
        assert "`--quiet` (awards" in sentence
        assert "With a space behind the dashes it is part of the reason." in sentence
    spaced = flag.replace("--", "-- ", 1)
    assert parse_award(f"{MARIA} team great {spaced}").rest == f"team great {spaced}"
    assert flag_in(f"great {flag}") is None


@pytest.mark.parametrize(
    "reason",
    [
        "-great work",
        "— well done",
        "won 10-0, 3–1 and -5",
        "so -- well done",
        "thanks for the private lessons",
        "quite a quiet hero",
        "great — quite a feat",
        "a semi-private public-private thing",
        "ends with a dash -",
        "~/.config a_b x=y a+b",
        "final—what a final",
        "-5 degrees, --5 at night",
        "it’s 5--6 people",
        "https://x.example/--y",
        ":-) :-p >:-(",
        "great -- really",
        "great —really",
        "well-known",
        "a -b option?",
        "thanks <@U2|tom>--really",
        "a *bold* (-: move",
    ],
)
def test_other_dashes_in_the_reason_are_text(reason: str) -> None:
    award = parse_award(f"{MARIA} team {reason}")
    assert award.rest == f"team {reason.replace('<@U2|tom>', '@tom')}"
    assert not award.private
    assert not award.quiet


def test_a_label_never_sets_a_flag() -> None:
    award = parse_award(f"{MARIA} team with <@U2|Eve --private> <http://a.example|--quiet>")
    assert not award.private
    assert not award.quiet
    assert award.people == ("U0MARIA",)


# The reason's characters


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("well\u200b do\u2060ne\ufeff", "well done"),
        ("well\u00a0\u3000done", "well done"),
        ("one\r\ntwo\n\n\n\nthree", "one\ntwo\n\nthree"),
        ("one \n two\t\tthree", "one\ntwo three"),
        ("bell\x07 null\x00 esc\x1b half\ud83d", "bell null esc half"),
        ("\u202eevil\u202c \u2067rtl\u2069", "evil rtl"),
        ("👨‍👩‍👧 :tada: 🎉", "👨‍👩‍👧 :tada: 🎉"),
        ("می‌خواهم שלום", "می‌خواهم שלום"),
        ("“curly” it’s", "“curly” it’s"),
    ],
)
def test_the_reason_keeps_what_people_see(typed: str, kept: str) -> None:
    assert parse_award(f"{MARIA} team {typed}").rest == f"team {kept}"


# Badges


@pytest.mark.parametrize(
    ("rest", "badges", "reason"),
    [
        ("ping-pong-champion Great final!", "ping-pong-champion", "Great final!"),
        ("PING-PONG-Champion Great final!", "ping-pong-champion", "Great final!"),
        ("ping–pong—champion Great", "ping-pong-champion", "Great"),
        ("ping‑pong‑champion", "ping-pong-champion", ""),
        ('"Ping-Pong Champion" Great', "ping-pong-champion", "Great"),
        ("“ping-pong  champion” Great", "ping-pong-champion", "Great"),
        ("„Team Player“ Great", "team-player", "Great"),
        ("« Team Player » Great", "team-player", "Great"),
        ("‘Team Player’ Great", "team-player", "Great"),
        ("'People’s Choice' wow", "peoples-choice", "wow"),
        ("People's choice wow", "peoples-choice", "wow"),
        ("'team' and 'x' are words", "team", "and 'x' are words"),
        ("team player nice", "team-player", "nice"),
        ("team players nice", "team", "players nice"),
        ("team nice", "team", "nice"),
        ("team\nplayer nice", "team-player", "nice"),
        ("team-player: nice", "team-player", "nice"),
        ("team-player – nice", "team-player", "nice"),
        ("team-player - nice", "team-player", "nice"),
        ("team-player—nice", "team-player", "nice"),
        ("team-player -- nice", "team-player", "nice"),
        ("team-player!", "team-player", ""),
        ("team-player! Nice", "team-player", "Nice"),
        ("team-player. Nice", "team-player", "Nice"),
        ("team-player... Nice", "team-player", "Nice"),
        ("team-player, nice", "team-player", "nice"),
        ("team-player -great", "team-player", "-great"),
        ("team-player -5 points", "team-player", "-5 points"),
        ("team-player :tada: nice", "team-player", ":tada: nice"),
        ("team-player:tada:", "team-player", ":tada:"),
        ("team-player🎉", "team-player", "🎉"),
        ("team-player :)", "team-player", ":)"),
        ("10 years! wow", "10-years", "wow"),
        ("10-years wow", "10-years", "wow"),
        ("red, white & blue wow", "colours", "wow"),
        ("Звезда команды молодец", "star", "молодец"),
        ("スーパースター すごい", "superstar", "すごい"),
        ("ping-pong-champion, team-player", "ping-pong-champion team-player", ""),
        ("ping-pong-champion,team-player wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion , team player wow", "ping-pong-champion team-player", "wow"),
        ('"Ping-Pong Champion", "Team Player" wow', "ping-pong-champion team-player", "wow"),
        ("team-player, Team Player, team-player wow", "team-player", "wow"),
        ("ping-pong-champion, what a final!", "ping-pong-champion", "what a final!"),
        ("team-player,", "team-player", ""),
        ("ping-pong-champion and team-player wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion AND Team Player, wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion & team-player wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion + team-player wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion; team-player; wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion;team-player wow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion\nteam-player\nwow", "ping-pong-champion team-player", "wow"),
        ("ping-pong-champion\n\nand team-player wow", "ping-pong-champion team-player", "wow"),
        ("ping, 10-years, and team-player wow", "ping 10-years team-player", "wow"),
        ("ping,10 years! and team player: wow", "ping 10-years team-player", "wow"),
        ('"Ping" and "Team Player" wow', "ping team-player", "wow"),
        ('"Ping" “Team Player” wow', "ping team-player", "wow"),
        ('"Ping" "Team Player", wow', "ping team-player", "wow"),
        ('"Ping" "wow"', "ping", '"wow"'),
        ('ping "Team Player" wow', "ping", '"Team Player" wow'),
        ("team-player and a half", "team-player", "and a half"),
        ("team-player & friends", "team-player", "& friends"),
        ("team-player; wow", "team-player", "wow"),
        ("team-player\nwow", "team-player", "wow"),
        ("team-player, and what a final!", "team-player", "and what a final!"),
        ("team-player and", "team-player", "and"),
        ("team-player and team player wow", "team-player", "wow"),
        ("team-player and hide and seek and ping wow", "team-player hide-and-seek ping", "wow"),
        ("hide and seek wow", "hide-and-seek", "wow"),
        ("hide and ping wow", "hide ping", "wow"),
        ("R&D Star & ping wow", "rd-star ping", "wow"),
        ("ping & R&D Star, and so on wow", "ping rd-star and-so-on", "wow"),
        ("ping, andy wow", "ping", "andy wow"),
    ],
)
def test_the_longest_badge_wins_and_the_rest_is_the_reason(
    rest: str, badges: str, reason: str
) -> None:
    found = split_badges(rest, CATALOG, lambda _words: [])
    assert (" ".join(found.badges), found.reason, found.unknown) == (badges, reason, None)
    queried = {key: CATALOG[key] for key in badge_keys(rest) if key in CATALOG}
    assert split_badges(rest, queried, lambda _words: []) == found


@pytest.mark.parametrize(
    ("rest", "unknown"),
    [
        ("ping-pong-champoin Great final", "ping-pong-champoin Great final"),
        ("team-players", "team-players"),
        ("teams are great", "teams are great"),
        ('"Team Plyer" great', "Team Plyer"),
        ("one two three four five six", "one two three four five"),
        ("whatever, team-player", "whatever"),
        ('ping-pong-champion, "Team Plyer" great', "Team Plyer"),
        ("ping-pong-champion, team-plyer great", "team-plyer"),
        ("ping-pong-champion, Custmer Hero great", "Custmer Hero"),
        ("ping-pong-champion, and Custmer Hero great", "Custmer Hero"),
        ("ping and team-player, custmer-hero great", "custmer-hero"),
    ],
)
def test_words_that_should_be_a_badge_and_are_none_are_told(rest: str, unknown: str) -> None:
    def near(words: str) -> list[str]:
        return nearest(words, NAMES, cutoff=TYPO_CUTOFF)

    assert split_badges(rest, CATALOG, near).unknown == unknown


def test_nothing_at_all_is_no_unknown_badge() -> None:
    found = split_badges("", CATALOG)
    assert (found.badges, found.reason, found.unknown) == ((), "", None)


def test_more_badges_than_anybody_means_are_refused() -> None:
    with pytest.raises(ParseProblem, match="nothing was awarded"):
        split_badges("team," * 30 + "team", CATALOG)
    twenty = {f"badge-{n}": n for n in range(20)}
    assert split_badges(" and ".join(twenty) + " and more", twenty).reason == "and more"


def test_one_query_finds_every_badge_of_a_list() -> None:
    keys = badge_keys("Ping-Pong Champion, “Team  Player”, first-course for all you did, really")
    assert {"ping-pong champion", "team player", "first-course"} <= set(keys)
    assert badge_keys("") == ()
    slugs = [f"badge-{n}" for n in range(20)]
    for joint in (", ", " and ", " & ", "\n"):
        assert set(slugs) <= set(badge_keys(joint.join(slugs) + " thank you all so much"))


def test_a_long_reason_full_of_joints_hides_no_badge() -> None:
    reason = "for tea and cake, and you, me & us; " * 12
    keys = badge_keys(f"Team Player of the Year and Star of the whole Month {reason}")
    assert {"team player of the year", "star of the whole month"} <= set(keys)
    name = "the one who knows all there is of rest and play"
    assert name in badge_keys(f"{name} {reason}")


@given(st.text(alphabet="ab-, \"“'’.!\n", max_size=400) | st.text(max_size=200))
@QUICK
def test_the_keys_of_any_text_are_few_and_normal(rest: str) -> None:
    keys = badge_keys(rest)
    assert len(keys) == len(set(keys)) <= 64
    assert all(key == badge_key(key) != "" for key in keys)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ping-Pong Champion", "  ping‑pong   CHAMPION "),
        ("People's Choice", "people’s choice"),
        ("“Team Player”", "team player"),
        ("Straße", "STRASSE"),
        ("ＴＥＡＭ", "team"),
        ("A -- B", "a — b"),
        ("Café", "cafe\u0301"),
        ("Te\u200bam\u00a0Player", "team player"),
        ("❤️ Hero", "❤ hero"),
    ],
)
def test_names_are_compared_as_people_read_them(one: str, other: str) -> None:
    assert badge_key(one) == badge_key(other)


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    assert badge_key(badge_key(name)) == badge_key(name)


WORDS = st.sampled_from(["a", "b", "ab", "a-b", "b-a", "B", "ba-", "and", "R&D"])
SOME_NAME = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


JOINTS = (", and ", ", And ", ", ", " and ", " AND ", " & ", " + ", "; ", "\n")
JOINED = re.compile(r"\s*(?:[,&+;]|\n)\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)


@given(
    st.lists(SOME_NAME, max_size=6),
    st.lists(st.tuples(WORDS, st.sampled_from([" ", "! ", ": ", *JOINTS])), max_size=7),
)
@settings(max_examples=300, deadline=None)
@example(["a", "b"], [("b", " & "), ("and", " "), ("a", " ")])
def test_the_badges_found_are_those_of_an_obvious_search(
    names: list[str], words: list[tuple[str, str]]
) -> None:
    rest = "".join(word + gap for word, gap in words).strip()
    known = {badge_key(name): badge_key(name) for name in names}

    def longest(start: int) -> tuple[str, int] | None:
        found = None
        for end in range(start + 1, len(rest) + 1):
            ends_here = re.match(r"\Z|[ !:\n,;]|-(?:\Z|[ !:\n,;])", rest[end:])
            if ends_here and rest[end - 1] not in " \n" and badge_key(rest[start:end]) in known:
                found = badge_key(rest[start:end]), end
        return found

    def listed(start: int) -> list[str]:
        found = longest(start)
        if found is None:
            return []
        behind = [at for at in range(found[1], len(rest)) if JOINED.fullmatch(rest, found[1], at)]
        further = [more for one in behind if (more := listed(one))]
        return [found[0], *further[0]] if further else [found[0]]

    split = split_badges(rest, known)
    assert split.badges == tuple(dict.fromkeys(listed(0)))
    assert (split.unknown is None) == bool(split.badges or not rest)
    queried = {key: known[key] for key in badge_keys(rest) if key in known}
    assert split_badges(rest, queried) == split


# Did you mean


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("ping-pong-champoin Great final", "ping-pong-champion"),
        ("pingpong champion", "ping-pong-champion"),
        ("Teamplayer", "team-player"),
        ("custmer hero for all", "customer-hero"),
        ("スーパスター", "superstar"),
    ],
)
def test_a_typo_finds_the_badge_that_was_meant(wanted: str, first: str) -> None:
    assert nearest(wanted, NAMES)[0] == first


def test_nonsense_resembles_no_badge() -> None:
    assert nearest("xyzzy", NAMES) == []
    assert nearest("", NAMES) == []
    assert nearest("—", NAMES) == []


def test_at_most_the_nearest_three_are_named() -> None:
    names = [(f"course-step-{n}", f"Course Step {n}") for n in range(10)]
    assert len(nearest("course-step", names)) == 3
    assert nearest("course-step-7x", names)[0] == "course-step-7"
    assert len(nearest("course-step", names, limit=1)) == 1


# Award ids


@pytest.mark.parametrize(
    "typed",
    ["A-7K3QX91", "a-7k3qx91", "A7K3QX91", "A–7K3QX91", "a—7k3qxi1", "A-7K3QX9l", "`A-7K3QX91`:"],
)
def test_award_ids_are_understood_as_people_type_them(typed: str) -> None:
    code = "A-7K3QX11" if "xi" in typed else "A-7K3QX91"
    assert parse_code(typed) == (code, "")
    assert parse_code(f"  {typed} wrong R&amp;D\u200b person") == (code, "wrong R&D person")
    assert AWARD_CODE.fullmatch(code)


# The first and the last of what nobody sees, by their numbers.
BLANKS = """0034f-0034f 0115f-01160 017b4-017b5 02800-02800 03164-03164 0ffa0-0ffa0 0fff0-0fff8
1bca0-1bca3 1d173-1d17a e0001-e0041"""


@pytest.mark.parametrize(
    "blank",
    [chr(code) for run in BLANKS.split() for code in (int(run[:5], 16), int(run[-5:], 16))],
)
def test_a_name_is_no_other_one_for_a_letter_that_nobody_sees(blank: str) -> None:
    assert badge_key(f"Team{blank} Player{blank}") == "team player"
    assert typed(f"{blank}Ünder{blank}") == "Ünder"


def test_words_in_braille_stay_apart() -> None:
    assert typed("\u281b\u2817\u2800\u281e") == "\u281b\u2817 \u281e"


def test_the_flag_of_a_country_within_another_stays_whole() -> None:
    wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    assert without_invisible(f"Go {wales}!\u200b") == f"Go {wales}!"
    assert without_invisible(wales[:-1]) == wales[0]


@pytest.mark.parametrize("tags", ["gbxyz", "gbengx", "us", ""])
def test_tags_behind_a_black_flag_that_are_no_flag_are_left_out(tags: str) -> None:
    spelt = "".join(chr(0xE0000 + ord(letter)) for letter in tags)
    assert without_invisible(f"\U0001f3f4{spelt}\U000e007f Pirate") == "\U0001f3f4 Pirate"


@pytest.mark.parametrize("mark", ["\u180b", "\u180d", "\u180f", "\ufe0f", "\U000e0100"])
def test_what_only_picks_a_letters_shape_makes_no_other_name(mark: str) -> None:
    assert badge_key(f"Team{mark} Player") == "team player"
    assert without_invisible(f"Team{mark}") == f"Team{mark}"


@pytest.mark.parametrize("blank", ["", "\u2800", "\ufe0f", "\u180b", "\u200d\u0301", " \u3164\n"])
def test_a_badge_is_called_by_something_that_shows(blank: str) -> None:
    assert not names_a_badge(blank)
    assert names_a_badge(f"{blank}\U0001fae9")  # newer than many a list of characters


def test_the_letter_o_is_a_zero() -> None:
    assert parse_code("A-OoK3QX9")[0] == "A-00K3QX9"


@pytest.mark.parametrize(
    "typed", ["", "  ", "A-7K3QX9", "A-7K3QX9U", "A-7K3QX9M2", "7K3QX9M", "B-7K3QX9M", "<@U1>"]
)
def test_what_is_no_award_id_gets_an_example(typed: str) -> None:
    with pytest.raises(ParseProblem) as caught:
        parse_code(typed)
    assert "A-7K3QX9M" in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("Revoke A-7K3QX9M by  mistake ", "revoke", "A-7K3QX9M by  mistake"),
        ("HELP", "help", ""),
        ("\u200b help\nme", "help", "me"),
        ("", "", ""),
        (" \u00a0", "", ""),
        ("<@U1|maria> R&amp;D", "<@u1|maria>", "R&amp;D"),
    ],
)
def test_the_first_word_is_a_sub_command_in_any_case(text: str, word: str, rest: str) -> None:
    assert first_word(text) == (word, rest)


# Whatever is typed

MARKUP = [MARIA, TOM, "<#C1|c>", "<!here>", "--private", "—quiet", ":tada:", "&lt;", "&amp;"]
PIECES = st.sampled_from([*MARKUP, *"-—, \n\"“'<>@:&aU1|\u200d"])
ANYTHING = st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_typed_raises_anything_but_a_sentence(text: str) -> None:
    for read in (parse_code, lambda text: split_badges(parse_award(text).rest, CATALOG)):
        with suppress(ParseProblem):
            read(text)
    word, rest = first_word(text)
    assert len(word.split()) <= 1
    assert nearest(text, NAMES) == nearest(text, NAMES, limit=3)[:3]
    assert rest == rest.strip()


@given(ANYTHING)
@QUICK
def test_people_in_the_reason_never_become_recipients(text: str) -> None:
    try:
        award = parse_award(f"{MARIA} team {text} {TOM} <!subteam^S9>")
    except ParseProblem:
        return
    assert award.people == ("U0MARIA",)
    assert award.groups == ()


@given(st.lists(st.text(alphabet="abcäшع.!?’()/&", min_size=1, max_size=8), max_size=30))
@QUICK
def test_no_word_of_the_reason_is_lost(words: list[str]) -> None:
    reason = " ".join(words)
    award = parse_award(f"{MARIA} --quiet team {escape(reason, quote=False)} —private")
    assert award.private
    assert award.quiet
    assert award.rest == f"team {reason}".strip()
    assert split_badges(f"team so {reason}", {"team": 1}).reason == f"so {reason}".strip()


DASH_LIKE = re.compile("[-‐-―−－—]")


@st.composite
def slips(draw: st.DrawFn) -> str:
    flag = draw(st.sampled_from(["private", "quiet"]))
    typed = draw(st.sampled_from(DASHES)) + draw(st.sampled_from([flag, flag.upper()]))
    place = draw(st.integers(0, len(typed)))
    letter = draw(st.characters() | st.sampled_from("-—– @<>&_,;:.'"))
    match draw(st.sampled_from(["insert", "delete", "replace", "swap"])):
        case "insert":
            return typed[:place] + letter + typed[place:]
        case "delete":
            return typed[:place] + typed[place + 1 :]
        case "replace":
            return typed[:place] + letter + typed[place + 1 :]
    return typed[:place] + typed[place : place + 2][::-1] + typed[place + 2 :]


@given(slips(), st.sampled_from(["{m} {s} team great", "{m} team {s} great", "{m} team great {s}"]))
@settings(max_examples=250, deadline=None)
def test_one_slip_in_a_flag_is_the_flag_or_refused(slip: str, place: str) -> None:
    if not DASH_LIKE.search(slip):
        return  # Without any dash it is a word like any other.
    try:
        award = parse_award(place.format(m=MARIA, s=escape(slip, quote=False)))
    except ParseProblem:
        return
    assert award.private or award.quiet
    left = award.rest.replace("team", "").replace("great", "")
    assert not re.search(r"[^\W_]{2}", left), left


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ("--private for your health talk", ("--private", "private")),
        ("Great talk —quiet", ("—quiet", "quiet")),
        ("Great talk --privat", ("--privat", "private")),
        ("Great talk -- private", ("-- private", "private")),
        ("a private talk, well-prepared -- and quiet", None),
        ('she said "use --private" and meant it', None),
        ("Great talk -secret", ("-secret", "private")),
        ("Great talk --public", None),
        ("", None),
    ],
)
def test_a_flag_in_the_reason_of_a_form_is_found(
    reason: str, found: tuple[str, str] | None
) -> None:
    assert flag_in(reason) == found


def test_what_is_typed_into_a_form_is_cleaned_like_a_command() -> None:
    assert typed(" \x00Great\u202e  final\ud83d!\n\n\n\nReally ") == "Great final!\n\nReally"
