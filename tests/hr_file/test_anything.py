"""Whatever the bytes are, the reader answers with people or with its own refusal."""

import io
import unicodedata
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.hr_file import FileRefusedError, HrFile, Options, read

TODAY = date(2026, 11, 20)
HEADER = "email;name;start;end;employee number;leave from;leave to;manager;country\n"
cells = st.one_of(
    st.sampled_from(
        [
            "",
            "maria@acme.example",
            "tom@acme.example",
            "2020-08-31",
            "03/04/2020",
            "31 août 2020",
            "44074",
            "=1+1",
            '"',
            "PT",
            "9999-12-31",
            "1",
            "0",
            "00/00/0000",
        ]
    ),
    st.text(max_size=12),
    st.dates().map(str),
)
tables = st.lists(st.lists(cells, max_size=10).map(";".join), max_size=8).map("\n".join)


def answered(content: bytes, options: Options) -> HrFile | FileRefusedError:
    try:
        return read(io.BytesIO(content), options=options, today=TODAY)
    except FileRefusedError as refusal:
        return refusal


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"\xff\xfe\x00\x00")
@example(b"\xfe\xff\xd8\x00\xd8\x00")
@example(b"sep=;\n")
@example(b'sep="\nemail"start\n')
@example(b"\r\r\r")
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_answered(content: bytes) -> None:
    answered(content, Options())


@given(
    tables,
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "latin-1"]),
    st.sampled_from([None, "dmy", "mdy", "ymd"]),
)
@settings(max_examples=80, deadline=None)
def test_any_rows_are_answered_and_what_is_accepted_is_sound(
    table: str, encoding: str, order: object
) -> None:
    content = (HEADER + table).encode(encoding, errors="replace")

    answer = answered(content, Options(order=order))  # type: ignore[arg-type]

    if isinstance(answer, FileRefusedError):
        assert answer.problems
        said = "".join(map(str, answer.problems))
        assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in said)
        return
    emails = [person.email for person in answer.people if person.email]
    assert len(emails) == len(set(emails))
    for person in answer.people:
        assert person.email or person.slack_id or person.employee
        assert not any(unicodedata.category(letter) == "Cc" for letter in person.name)
        for spell in person.spells:
            assert date(1950, 1, 1) <= spell.start <= TODAY
            assert spell.end is None or spell.end >= spell.start
        for one, other in zip(person.spells, person.spells[1:], strict=False):
            assert one.end is not None
            assert one.end < other.start
