"""Why a file is refused: sentences with line numbers, safe to show anywhere."""

import re
from typing import Literal, NamedTuple

MOST_LISTED = 50  # problems that are kept to be shown; the rest is counted
STOP_AFTER = 5_000  # a file with so many is read no further

Kind = Literal["other", "ambiguous date"]

# Controls (C0, DEL, C1), line separators, and what turns the direction of writing around.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_JOINERS = "\u200c\u200d"  # names in several scripts need them


class Problem(NamedTuple):
    """One reason to refuse the file; `line` None: it concerns the file as a whole."""

    line: int | None
    sentence: str
    kind: Kind = "other"

    def __str__(self) -> str:
        return self.sentence if self.line is None else f"Line {self.line:,}: {self.sentence}"


class FileRefusedError(Exception):
    """The file was refused, and nothing of it is used.

    `problems`: the first ones, by line; `count`: how many there were, at least where `more`.
    """

    def __init__(
        self, problems: tuple[Problem, ...], *, count: int | None = None, more: bool = False
    ) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
        self.count = len(problems) if count is None else count
        self.more = more

    @property
    def only_ambiguous_dates(self) -> bool:
        """Whether saying the order of day and month would be enough, as far as is known."""
        return self.count == len(self.problems) and all(
            problem.kind == "ambiguous date" for problem in self.problems
        )


def refuse(sentence: str, *, line: int | None = None) -> FileRefusedError:
    """A refusal for one reason, to be raised."""
    return FileRefusedError((Problem(line, sentence),))


class Findings:
    """The problems found so far. Raises FileRefusedError when there are too many to go on."""

    def __init__(self) -> None:
        self._listed: list[Problem] = []
        self.count = 0

    def add(self, line: int | None, sentence: str, kind: Kind = "other") -> None:
        """Note one more."""
        self.count += 1
        if len(self._listed) < MOST_LISTED:
            self._listed.append(Problem(line, sentence, kind))
        if self.count >= STOP_AFTER:
            raise self._refusal(more=True)

    def settle(self) -> None:
        """Raise FileRefusedError if there were any."""
        if self.count:
            raise self._refusal(more=False)

    def _refusal(self, *, more: bool) -> FileRefusedError:
        ordered = sorted(self._listed, key=lambda problem: problem.line or 0)
        return FileRefusedError(tuple(ordered), count=self.count, more=more)


def visible(text: str, limit: int = 40) -> str:
    """What a file says, fit to be shown: on one line, without control characters, shortened."""
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text
    text = "".join(
        letter if letter.isprintable() or letter in _JOINERS else "\N{REPLACEMENT CHARACTER}"
        for letter in " ".join(text[: 4 * limit].split())
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"
