"""Where what somebody was called is found in what others wrote, and where it is another's name."""

import pytest

from storage.mentions import without


@pytest.mark.parametrize(
    ("called", "said", "left"),
    [
        ("Maria Silva", "Pairing with Maria Silvano all week", None),
        ("Maria Silva", "Anna-Maria Silva2", None),
        ("Maria Silva", "AnnaMaria Silva", None),
        ("Maria Silva", "Maria Silva’s idea, and _Maria Silva_!", "someone’s idea, and _someone_!"),
        ("Maria Silva", "*Maria Silva*: Maria Silva", "*someone*: someone"),
        ("Maria Silva", "Helped Maria Silvaさん", "Helped someoneさん"),
        ("Zoë Å", "Zoë Åberg and Zoë Å.", "Zoë Åberg and someone."),
        ("Мария Иванова", "Мария Ивановаева", None),
        ("Μαρία Πα", "Μαρία Παπά", None),
        ("@Al", "Thanks @Alice, @Al2 and @Al_b", None),
        ("@Al", "Thanks@Al and @Al: @Al", "Thankssomeone and someone: someone"),
        ("@U12", "@U123 and @U12", "@U123 and someone"),
        ("Kim (QA)", "Kim (QA)s and Kim (QAs)", "someones and Kim (QAs)"),
        ("由紀 田中", "昨日由紀 田中さんと", "昨日someoneさんと"),
        ("@由紀", "@由紀san", "someonesan"),
        ("@김민수", "@김민수님이", "someone님이"),
        ("@สมชาย", "ขอบคุณ@สมชายมาก", "ขอบคุณsomeoneมาก"),
        (r"A\1 B.", r"A\1 B.c and A\1 Bx", "someonec and A\\1 Bx"),
    ],
)
def test_a_name_is_found_as_whole_words_where_its_script_has_them(
    called: str, said: str, left: str | None
) -> None:
    assert without(said, [called], "someone") == (said if left is None else left)


def test_the_longer_name_and_all_of_several_names_are_found() -> None:
    said = "@Ana Ng, Ana Ng, @UANA and Ana"
    assert without(said, ["@Ana Ng", "@UANA", "Ana Ng"], "someone") == (
        "someone, someone, someone and Ana"
    )
    assert without(said, [], "someone") == said
