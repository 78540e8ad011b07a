"""From a file's bytes to the people in it, or to the sentences that refuse it."""

import io
import random
import time
import tracemalloc
from datetime import date

import pytest

from bot.hr_file import FileRefusedError, HrFile, HrPerson, HrSpell, Options, parse_mapping, read
from bot.tenure import Pause

TODAY = date(2026, 11, 20)
MARIA = "maria@acme.example"


def reading(content: str | bytes, encoding: str = "utf-8", **options: object) -> HrFile:
    raw = content if isinstance(content, bytes) else content.encode(encoding)
    return read(io.BytesIO(raw), options=Options(**options), today=TODAY)  # type: ignore[arg-type]


def refusal(content: str | bytes, encoding: str = "utf-8", **options: object) -> list[str]:
    with pytest.raises(FileRefusedError) as refused:
        reading(content, encoding, **options)
    assert refused.value.count >= len(refused.value.problems) > 0
    return [str(problem) for problem in refused.value.problems]


def only(file: HrFile) -> HrPerson:
    (person,) = file.people
    return person


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "Read as UTF-8,"),
        ("utf-8-sig", "Read as UTF-8,"),
        ("utf-16", "Read as UTF-16,"),
        ("utf-16-le", "Read as UTF-16,"),
        ("utf-16-be", "Read as UTF-16,"),
        ("utf-32", "Read as UTF-32,"),
        ("latin-1", "Read as Windows-1252 (Latin-1),"),
        ("cp1252", "Read as Windows-1252 (Latin-1),"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found_out(encoding: str, said: str, separator: str) -> None:
    rows = [["E-Mail", "Name", "Start"], [MARIA, "María Müller", "2020-08-31"]]
    text = "".join(separator.join(row) + "\r\n" for row in rows)

    file = reading(text, encoding)

    assert only(file).name == "María Müller"
    assert only(file).spells == (HrSpell(2, date(2020, 8, 31), None),)
    assert file.notes[0].startswith(said)


def test_a_guessed_encoding_is_said_with_a_name_to_look_at() -> None:
    notes = reading(f"email,name,start\n{MARIA},María,2020-08-31\n", "latin-1").notes

    assert notes == (
        (
            "Read as Windows-1252 (Latin-1), columns separated by commas. The file does not say its"
            " encoding, so look whether María is right."
        ),
    )


def test_quotes_blank_lines_and_excels_hint_are_understood() -> None:
    text = f'sep=;\n\n"E-Mail";"Name";"Start"\n{MARIA};"Silva; Maria ""Mia""";2020-08-31\n\n;;\n'

    file = reading(text)

    assert only(file).name == 'Silva; Maria "Mia"'
    assert only(file).line == 4
    assert file.rows == 1


@pytest.mark.parametrize(
    "header",
    [
        "Email,Slack ID,Employee Number,Full Name,Hire Date,End Date,Leave from,Leave to,Manager Email,Country",
        (
            "E-Mail-Adresse,Slack-ID,Personalnummer,Vor- und Nachname,Eintrittsdatum,Austrittsdatum,"
            "Beurlaubt von,Beurlaubt bis,E-Mail Vorgesetzter,Land"
        ),
        (
            "Courriel,Identifiant Slack,Matricule,Nom complet,Date d'embauche,Date de sortie,"
            "Début de congé,Fin de congé,E-mail du responsable,Pays"
        ),
        (
            "Correo electrónico,ID de Slack,Número de empleado,Nombre completo,Fecha de alta,"
            "Fecha de baja,Excedencia desde,Excedencia hasta,Correo del jefe,País"
        ),
        (
            "Endereço de e-mail,ID do Slack,Número de funcionário,Nome completo,Data de admissão,"
            "Data de saída,Início da licença,Fim da licença,E-mail do gestor,País"
        ),
        (
            "Indirizzo e-mail,ID Slack,Matricola,Nome e cognome,Data di assunzione,Data di cessazione,"
            "Inizio aspettativa,Fine aspettativa,E-mail responsabile,Paese"
        ),
        (
            "E-mailadres,Slack ID,Personeelsnummer,Volledige naam,Datum in dienst,Datum uit dienst,"
            "Verlof van,Verlof tot,E-mail leidinggevende,Land"
        ),
    ],
)
def test_columns_are_known_by_name_in_several_languages_and_any_order(header: str) -> None:
    row = [
        MARIA,
        "U012AB3CD",
        "7",
        "Maria Silva",
        "2019-01-01",
        "2025-12-31",
        "2020-02-01",
        "2020-02-29",
        "ada@acme.example",
        "Portugal",
    ]
    expected = HrPerson(
        2,
        MARIA,
        "U012AB3CD",
        "7",
        "Maria Silva",
        (
            HrSpell(
                2,
                date(2019, 1, 1),
                date(2025, 12, 31),
                (Pause(date(2020, 2, 1), date(2020, 2, 29)),),
            ),
        ),
        "ada@acme.example",
        "PT",
    )
    names = header.split(",")
    for order in (range(10), reversed(range(10))):
        places = list(order)
        text = "\n".join(";".join(cells[at] for at in places) for cells in (names, row))

        assert only(reading(text)) == expected


@pytest.mark.parametrize(("first", "last"), [("Vorname", "Nachname"), ("Prénom", "Nom")])
def test_first_and_last_names_are_put_together(first: str, last: str) -> None:
    text = f"email,{last},{first},start\n{MARIA},Silva,Maria,2020-08-31\n"
    assert only(reading(text)).name == "Maria Silva"


def test_a_name_with_the_last_name_first_is_turned_around() -> None:
    text = f'email,name,start\n{MARIA},"Silva, Maria",2020-08-31\n'
    assert only(reading(text)).name == "Maria Silva"


def test_map_says_which_column_is_which() -> None:
    text = f"Contact,Hire Date,Since\n{MARIA},2001-01-01,2020-08-31\n"

    file = reading(text, mapping=parse_mapping("start=since, email=Contact"))

    assert only(file).email == MARIA
    assert only(file).spells[0].start == date(2020, 8, 31)
    assert "Not read: “Hire Date”." in file.notes


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("start", "“start” names no column: write --map start=Hire_Date,email=Mail."),
        (
            "salary=Pay",
            (
                "There is nothing called “salary” to be read from a column: --map knows email, slack,"
                " employee, name, first, last, start, end, leave_from, leave_to, manager, country."
            ),
        ),
        ("start=A,start=B", "--map names the start date twice."),
    ],
)
def test_a_map_that_cannot_be_is_refused(mapping: str, said: str) -> None:
    with pytest.raises(ValueError) as problem:
        parse_mapping(mapping)
    assert str(problem.value) == said


def test_several_rows_are_several_employments_and_leaves_of_one_person() -> None:
    text = (
        "email,start,end,leave from,leave to\n"
        f"{MARIA},2020-01-01,,2021-03-01,2021-03-31\n"
        f"{MARIA},2010-01-01,2012-12-31,,\n"
        f"{MARIA},2020-01-01,,2022-06-01,2022-06-30\n"
    )

    assert only(reading(text)).spells == (
        HrSpell(3, date(2010, 1, 1), date(2012, 12, 31)),
        HrSpell(
            2,
            date(2020, 1, 1),
            None,
            (
                Pause(date(2021, 3, 1), date(2021, 3, 31)),
                Pause(date(2022, 6, 1), date(2022, 6, 30)),
            ),
        ),
    )


def test_the_end_of_time_is_no_end() -> None:
    text = f"email,start,end\n{MARIA},2020-01-01,31.12.9999\n"
    assert only(reading(text)).spells[0].end is None


def test_a_country_nobody_knows_is_left_out_and_said() -> None:
    file = reading(f"email,start,country\n{MARIA},2020-01-01,Atlantis\n")

    assert only(file).country is None
    assert "“Atlantis” (line 2) is no country that I know, and was left out." in file.notes


START_ROW = "email,slack id,employee number,name,start,end,leave from,leave to,notes\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            f"{MARIA},,,,2027-01-05,",
            "the start date 2027-01-05 is in the future: leave the row out until then.",
        ),
        (f"{MARIA},,,,1949-12-31,", "the start date 1949-12-31 is before 1950."),
        (
            f"{MARIA},,,,2020-01-02,2020-01-01",
            "the end date 2020-01-01 is before the start date 2020-01-02.",
        ),
        (f"{MARIA},,,,,", "there is no start date."),
        (",,,Maria,2020-01-01,", "there is no e-mail address, Slack id or employee number."),
        ("maria,,,,2020-01-01,", "“maria” is not an e-mail address."),
        (",maria,,,2020-01-01,", "“MARIA” is not a Slack id; those look like U012AB3CD."),
        (f"{MARIA},,,,03/04/2020,", "in “start”, “03/04/2020” could be 2020-04-03 or 2020-03-04."),
        (
            f"{MARIA},,,=2+2,2020-01-01,",
            "“name” begins with “=”, as formulas do: give the value itself.",
        ),
        (
            f"{MARIA},,,@SUM(A1),2020-01-01,",
            "“name” begins with “@”, as formulas do: give the value itself.",
        ),
        (
            f"{MARIA},,+7,,2020-01-01,",
            "“employee number” begins with “+”, as formulas do: give the value itself.",
        ),
        (
            f"{MARIA},,-7,,2020-01-01,",
            "“employee number” begins with “-”, as formulas do: give the value itself.",
        ),
        (
            f"{MARIA},,,,2020-01-01,,,,=cmd|' /C calc'!A0",
            "“notes” begins with “=”, as formulas do: give the value itself.",
        ),
        (
            f'{MARIA},,,"Maria\nSilva",2020-01-01,',
            "“name” holds a line break or an invisible character.",
        ),
        (
            f"{MARIA},,,Mar\x1b[31mia,2020-01-01,",
            "“name” holds a line break or an invisible character.",
        ),
        (
            f"{MARIA},,,Mar\x00ia,2020-01-01,",
            "“name” holds a line break or an invisible character.",
        ),
        (
            f"{MARIA},,,Mar\u202eia,2020-01-01,",
            "“name” holds a line break or an invisible character.",
        ),
        (f"{MARIA},,,{'M' * 201},2020-01-01,", "“name” is longer than 200 characters."),
        (
            f"{MARIA},,,,2020-01-01,,2021-01-01,",
            "leave needs both its first and its last day.",
        ),
        (
            f"{MARIA},,,,2020-01-01,,2021-02-01,2021-01-01",
            "the leave ends on 2021-01-01, before it begins on 2021-02-01.",
        ),
        (
            f"{MARIA},,,,2020-01-01,,2019-02-01,2019-03-01",
            "the leave from 2019-02-01 to 2019-03-01 is not within the employment.",
        ),
        (
            f"{MARIA},,,Silva, Maria,2020-01-01,,,,x,y",
            "there are 11 cells, but 9 columns: text with the separator in it must be in quotes.",
        ),
    ],
)
def test_a_row_that_cannot_be_refuses_the_file_with_its_line_and_reason(
    row: str, said: str
) -> None:
    good = "tom@acme.example,,,,2019-01-01\n"

    found = refusal(START_ROW + good + row + "\n" + good.replace("tom", "kim"))

    assert f"Line 3: {said}" in found
    assert {one.split(":")[0] for one in found} == {"Line 3"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            f"{MARIA},,,Maria,2020-01-01\n{MARIA},,,Mario,2021-01-01\n",
            (
                f"Line 3: {MARIA} is on line 2 too, with another name: two people cannot have one e-mail"
                " address."
            ),
        ),
        (
            f"{MARIA},,7,,2020-01-01\n{MARIA.upper()},,8,,2021-01-01\n",
            (
                f"Line 3: {MARIA} is on line 2 too, with another employee number: two people cannot have"
                " one e-mail address."
            ),
        ),
        (
            f"{MARIA},,7,,2020-01-01\ntom@acme.example,,7,,2021-01-01\n",
            (
                "Line 3: employee number 7 is on line 2 too, with another e-mail address: two people"
                " cannot have one employee number."
            ),
        ),
        (
            f"{MARIA},,7,,2020-01-01\ntom@acme.example,,8,,2021-01-01\n{MARIA},,8,,2022-01-01\n",
            (
                "Line 4: the e-mail address is that of line 2, but the employee number is that of line"
                " 3: it cannot be both."
            ),
        ),
        (
            f"{MARIA},,,,2020-01-01\n{MARIA},,,,2021-01-01\n",
            (
                "Line 3: this employment (2021-01-01 to today) overlaps the one on line 2 (2020-01-01 to"
                " today)."
            ),
        ),
    ],
)
def test_rows_that_contradict_each_other_refuse_the_file(rows: str, said: str) -> None:
    assert refusal(START_ROW + rows) == [said]


COLUMNS = "The columns here are"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"\n\n \n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"email,start\n", "The file has column names, but no rows."),
        (
            b"PK\x03\x04\x14\x00[Content_Types].xml",
            (
                "This is an Excel workbook or another zip file, not a CSV: save it as CSV (in Excel:"
                " File, Save As, “CSV UTF-8”), and import that."
            ),
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            (
                "This is an old Excel workbook (.xls), not a CSV: save it as CSV (in Excel: File, Save"
                " As, “CSV UTF-8”), and import that."
            ),
        ),
        (
            b"  <!DOCTYPE html><html>",
            (
                "This is a web page or XML, whatever its name says: save it as CSV (in Excel: File, Save"
                " As, “CSV UTF-8”), and import that."
            ),
        ),
        (
            b"\x07\x01\x0b\x13\x88\x99" * 100,
            "This is not a text file: export the list from the HR system as CSV.",
        ),
        (
            b"Alice,Bob\n1,2\n",
            (
                "Line 1: There is no row of column names that I recognise: the first row must name at"
                f" least the start date and the e-mail address. {COLUMNS} “Alice”, “Bob”."
            ),
        ),
        (
            b"\n\nemail,when\n",
            (
                "Line 3: No column is named as a start date: say which it is by --map start=…."
                f" {COLUMNS} “email”, “when”."
            ),
        ),
        (
            b"name,start\n",
            (
                "Line 1: No column is named as an e-mail address, a Slack id or an employee number: say"
                f" which it is, for example by --map email=…. {COLUMNS} “name”, “start”."
            ),
        ),
        (
            b"email,hire date,start date\n",
            (
                "Line 1: “hire date” and “start date” could each be the start date: say which by --map"
                " start=hire date."
            ),
        ),
        (
            b'email,start\n"maria@acme.example,2020-01-01\ntom@acme.example,2020-01-01\n',
            (
                "Line 2: a quotation mark opens here that is not closed as it should be: text in quotes"
                " must end before the next separator."
            ),
        ),
        (
            b"email,name,start\n"
            + "a@b.c,José,2020-01-01\n".encode() * 3
            + b"d@e.f,Jos\xe9,2020\n",
            (
                "Line 5: The file is UTF-8, but not from here on: save it anew as UTF-8, and look at the"
                " names on this line."
            ),
        ),
        (
            "email,start\nmaria@acme.example,2020".encode("utf-16") + b"\x00",
            "Line 2: from here on, the file is not the UTF-16 that it began as.",
        ),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_one_sentence(content: bytes, said: str) -> None:
    assert refusal(content) == [said]


def test_a_column_that_map_names_and_is_not_there_has_its_neighbours_named() -> None:
    assert refusal(f"email,Hire_Date\n{MARIA},2020-01-01\n", mapping={"start": "Hired_Date"}) == [
        "Line 1: There is no column “Hired_Date”, which --map names. Did you mean “Hire_Date”?"
    ]


def test_the_first_problems_are_listed_and_all_are_counted() -> None:
    text = "email,start\n" + "nobody,2020-01-01\n" * 120
    with pytest.raises(FileRefusedError) as refused:
        reading(text)
    assert len(refused.value.problems) == 50
    assert refused.value.count == 120
    assert not refused.value.more


def test_a_refusal_for_ambiguous_dates_alone_says_so() -> None:
    with pytest.raises(FileRefusedError) as refused:
        reading(f"email,start\n{MARIA},03/04/2020\n")
    assert refused.value.only_ambiguous_dates
    with pytest.raises(FileRefusedError) as refused:
        reading(f"email,start\n{MARIA},03/04/2020\nmaria,2020-01-01\n")
    assert not refused.value.only_ambiguous_dates


def test_nothing_of_a_cell_reaches_a_terminal_as_a_control_character() -> None:
    said = refusal("email,start\n\x1b]0;owned\x07,\x1b[31m2020\n")
    assert not any(character < " " or character == "\x7f" for character in "".join(said))


@pytest.mark.parametrize("kind", ["random", "one line", "lines", "rows", "open quote", "wide"])
def test_50_mb_of_nonsense_are_refused_at_once_and_in_little_memory(kind: str) -> None:
    size = 50_000_000
    header = b"email,start\n"
    content = {
        "random": lambda: random.Random(1).randbytes(size),
        "one line": lambda: b"abcd" * (size // 4),
        "lines": lambda: b"x,y,z\n" * (size // 6),
        "rows": lambda: header + b"x,y\n" * (size // 4),
        "open quote": lambda: header + b'"' + b"x\n" * (size // 2),
        "wide": lambda: "email,start\n".encode("utf-16") + b"x\x00,\x00\n\x00" * (size // 6),
    }[kind]()
    stream = io.BytesIO(content)
    tracemalloc.start()
    began = time.thread_time()
    try:
        with pytest.raises(FileRefusedError) as refused:
            read(stream, today=TODAY)
        took, (_, most) = time.thread_time() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(refused.value.problems) <= 50
    assert most < 20_000_000
    assert took < 10


def test_a_file_that_is_too_large_is_refused_by_its_size() -> None:
    text = f"email,start\n{MARIA},2020-01-01\n"
    assert refusal(text * 60_000, most_bytes=2_000_000) == [
        ("The file has 3 MB, and 2 MB are the most I read: split it, and import the parts.")
    ]
