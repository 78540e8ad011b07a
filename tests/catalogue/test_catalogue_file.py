"""The catalogue as a file: what is written is read again, and what is wrong is said by line and badge."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue_file import BadgeEntry, archived, opened, read_entries, written
from bot.hr_file import FileRefusedError
from bot.starters import ASSETS

_words = st.text(st.characters(codec="utf-8"), max_size=60)
_line = _words.map(lambda text: " ".join(text.split()))
_entries = st.builds(
    BadgeEntry,
    slug=st.just("mentor"),
    name=_line.map(lambda text: f"Mentor {text}".strip()),
    description=_words.map(str.strip),
    criteria=_words.map(str.strip),
    category=_line,
    kind=st.sampled_from(["flair", "achievement"]),
    private=st.booleans(),
    active=st.booleans(),
    repeats=st.booleans(),
    recipient_limit=st.sampled_from([None, "2/month"]),
    giver_limit=st.sampled_from([None, "5/week"]),
    expiry=st.sampled_from([None, "12m", "2027-12-31"]),
    feed=st.booleans(),
    feed_channel=st.sampled_from([None, "C0123456789"]),
    awarders=st.sampled_from([None, "admins", "everyone, !U0TOM"]),
    design=st.sampled_from([None, "shield violet gold 🏆"]),
    picture=st.just(""),
)


def problems(text: str) -> list[str]:
    with pytest.raises(FileRefusedError) as refused:
        read_entries(text)
    return [str(problem) for problem in refused.value.problems]


def zipped(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def refusal(content: bytes, folder: Path | None = None, picture: str = "") -> str:
    with pytest.raises(FileRefusedError) as refused:
        opened(content, folder=folder).picture(picture)
    return str(refused.value)


def badge(**more: object) -> str:
    entry = {"slug": "mentor", "name": "Mentor", "kind": "flair"} | more
    texts = {"description": "", "criteria": "", "category": ""} | entry
    lines = [
        f"{key} = {value if key in ('feed',) else repr(value)}" for key, value in texts.items()
    ]
    return "\n".join(["[[badge]]", *lines]) + "\n"


@settings(max_examples=80, deadline=None)
@given(_entries)
def test_what_is_written_is_read_as_it_was(entry: BadgeEntry) -> None:
    other = entry._replace(slug="other", name="Another", design=None, picture="pictures/other.png")

    assert read_entries(written([entry, other])) == (entry, other)


def test_the_starter_catalogue_has_the_same_grammar() -> None:
    starters = read_entries((ASSETS / "catalog.toml").read_text(encoding="utf-8"))

    assert len(starters) > 30
    assert read_entries(written(starters)) == starters
    assert all((ASSETS / starter.picture).is_file() for starter in starters)


def test_a_text_of_several_lines_stands_in_lines_of_its_own() -> None:
    entry = BadgeEntry("mentor", "Mentor", "One.\nTwo “2”.", "", "", "flair")

    assert 'description = """\nOne.\nTwo “2”."""\n' in written([entry])


def test_everything_that_is_wrong_is_said_at_once_by_line_and_badge() -> None:
    text = (
        "# ours\n"
        + badge(kind="trophy", expiry="soon", colour="red")
        + badge(slug="Quiz Master", name="Quiz")
    )

    said = problems(text)
    assert said[0].startswith("Line 2: badge mentor: I do not know “colour”; there are slug, name,")
    assert said[1:] == [
        "Line 2: badge mentor: kind is “trophy”: write flair or achievement.",
        (
            "Line 2: badge mentor: expiry is “soon”: write a number of months after the award like"
            " 12m, at most 600, or a day like 2027-12-31."
        ),
        (
            "Line 11: badge Quiz Master: slug is “Quiz Master”. A slug has small letters, digits and"
            " single hyphens between them, at most 60 in all: for example quiz-master."
        ),
    ]


def test_a_badge_that_is_there_twice_or_called_alike_is_refused() -> None:
    assert problems(badge() + badge(name="Other")) == [
        "Line 8: badge mentor is in the file twice: leave one of them out."
    ]
    (alike,) = problems(badge() + badge(slug="guide", name="MENTOR"))
    assert alike == (
        "Line 8: badge guide has the name of mentor: give one another name, or make it"
        " `active = false`."
    )


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("name", "", "name has to be something that people can type."),
        ("name", "x" * 256, "name has 256 characters, and 255 is the most."),
        ("feed", '"no"', "feed is “no”: write true or false, without quotes."),
        ("feed_channel", "#badges", "write the id of a channel, like C0123456789."),
        ("giver_limit", "lots", "giver_limit cannot be read: “lots” is not a limit I understand"),
        ("awarders", "bob", "awarders has “bob”: write `everyone`"),
        ("design", "shield", "design cannot be drawn: “shield” is not how a picture is written"),
        ("picture", "../../etc/x.png", "write a path within the folder of this file."),
        ("picture", "/etc/x.png", "write a path within the folder of this file."),
        ("picture", "logo.svg", "I take PNG, JPEG, GIF and WebP files."),
    ],
)
def test_each_wrong_value_has_its_sentence(key: str, value: str, says: str) -> None:
    (said,) = problems(badge(**{key: value}))
    assert said.startswith("Line 1: badge mentor: ")
    assert says in said


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    (said,) = problems("[[badge]]\nslug = mentor\n")
    assert said.startswith("This is not TOML: ")
    assert "line 2" in said
    assert problems("badge = 3") == ["Each badge begins with [[badge]], with two brackets."]


def test_a_zip_holds_the_badges_and_their_pictures_and_is_the_same_each_time() -> None:
    entry = BadgeEntry("mentor", "Mentor", "", "", "", "flair", picture="pictures/mentor.png")
    packed = archived([entry], {"pictures/mentor.png": b"png"})
    found = opened(packed)

    assert found.entries == (entry,)
    assert found.picture("pictures/mentor.png") == b"png"
    assert packed == archived([entry], {"pictures/mentor.png": b"png"})


def test_pictures_beside_a_file_are_read_and_none_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "mentor.png").write_bytes(b"png")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "pictures" / "link.png").symlink_to(tmp_path / "secret.png")
    text = badge(picture="pictures/mentor.png").encode()

    assert opened(text, folder=folder).picture("pictures/mentor.png") == b"png"
    assert "leads out of the folder" in refusal(text, folder, "pictures/link.png")
    assert "cannot be read: No such file" in refusal(text, folder, "pictures/none.png")
    assert "name the file, or use a zip" in refusal(text, None, "pictures/mentor.png")


def test_a_zip_that_would_do_harm_is_refused() -> None:
    good = badge().encode()
    assert "has no catalog.toml" in refusal(zipped({"x.toml": good}))
    for name in ("../evil.png", "/etc/evil.png", "pictures\\evil.png"):
        assert "leads out of it" in refusal(zipped({"catalog.toml": good, name: b""}))
    assert "unpacks to more than a catalogue" in refusal(
        zipped({"catalog.toml": bytes(17 * 2**20)})
    )
    assert "too many parts" in refusal(
        zipped({"catalog.toml": good} | {str(n): b"" for n in range(21_000)})
    )
    assert "damaged" in refusal(zipped({"catalog.toml": good})[:60])
    assert "is not in the zip" in refusal(zipped({"catalog.toml": good}), picture="a.png")


def test_no_more_of_a_picture_in_a_zip_is_read_than_is_taken() -> None:
    packed = zipped({"catalog.toml": badge().encode(), "bomb.png": bytes(60 * 2**20)})

    assert len(packed) < 2**20
    assert len(opened(packed).picture("bomb.png")) == 5 * 2**20 + 1


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from([b"", b"PK\3\4", b"PK\5\6"]))
def test_whatever_the_bytes_are_it_is_read_or_refused(junk: bytes, at: int, start: bytes) -> None:
    good = zipped({"catalog.toml": badge().encode()})
    for content in (start + junk, good[:at] + junk + good[at + len(junk) :]):
        try:
            said = [entry.kind for entry in opened(content).entries]
        except FileRefusedError as refused:
            said = [str(problem) for problem in refused.problems]
        assert all(said)
