"""What an admin reads of an HR file that was dropped: what would change, what did, why it cannot."""

from collections.abc import Mapping, Sequence

from bot.hr_file import FileRefusedError
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.message import Message
from bot.people_import import Adjusted, Plan, Started, Stranger

IMPORT_CONFIRM = "people_import_confirm"
IMPORT_DISCARD = "people_import_discard"
IMPORT_ORDER = "people_import_order"  # and _dmy, _mdy
SHOWN = 8  # of each list
_PROBLEMS = 15


def previewed(plan: Plan, file_name: str, *, value: str, again: bool = False) -> Message:
    """What importing a file would change, with Import and Discard; `value` comes back with Import.

    `again`: what was shown before is out of date.
    """
    title = f"{text.bold(file_name)}: {text.count(plan.people, 'person', 'people')}."
    if again:
        title = f"Something changed meanwhile, so nothing was imported yet. {title}"
    said = [blocks.section(title), *_lists(plan), *_notes(plan.notes)]
    said.append(
        blocks.actions(
            [
                blocks.button("Import", IMPORT_CONFIRM, value=value, style="primary"),
                blocks.button("Discard", IMPORT_DISCARD),
            ]
        )
    )
    return Message(f"{title} {_summary(plan)}. Nothing is imported yet.", said)


def imported(plan: Plan, file_name: str) -> Message:
    """What an import changed."""
    words = f"Imported {text.bold(file_name)}: {_summary(plan)}."
    return Message(words, [blocks.section(words), *_lists(plan), *_notes(plan.notes)])


def nothing_to_change(plan: Plan, file_name: str) -> Message:
    """The file says what is known already."""
    people = text.count(plan.people, "person", "people")
    words = f"Nothing to change: all is as {text.bold(file_name)} has it ({people})."
    return Message(words, [blocks.section(words), *_notes(plan.notes)])


def discarded(file_name: str) -> Message:
    """The admin did not want it."""
    words = f"Discarded: nothing of {text.bold(file_name)} was imported."
    return Message(words, [blocks.section(words)])


def refused(
    refusal: FileRefusedError, file_name: str, *, orders: Mapping[str, str] | None = None
) -> Message:
    """Why a file was refused; `orders`: the values of buttons that say how dates are meant."""
    title = f"I cannot import {text.bold(file_name)} as it is, so nothing was imported."
    lines = [f"• {text.escape(str(problem))}" for problem in refusal.problems[:_PROBLEMS]]
    left = refusal.count - len(refusal.problems[:_PROBLEMS])
    if left > 0:
        lines.append(f"… and {left:,} more{', at least' if refusal.more else ''}.")
    said = [blocks.section(title), *_paragraphs(lines)]
    again = "Please mend that in the file, and drop it here once more."
    if any(problem.kind == "ambiguous date" for problem in refusal.problems):
        again += (
            " Write `dmy` (day first) or `mdy` (month first) beside it, and I know how its dates"
            " are meant."
        )
    if not orders:
        said.append(blocks.context(again))
    if any("--map" in problem.sentence for problem in refusal.problems):
        said.append(
            blocks.context("Write `map start=Hire date` beside the file when you drop it again.")
        )
    if orders:
        said.append(blocks.section("How are these dates meant?"))
        labels = {"dmy": "Day first: 31/12/2020", "mdy": "Month first: 12/31/2020"}
        said.append(
            blocks.actions(
                [
                    blocks.button(labels[order], f"{IMPORT_ORDER}_{order}", value=value)
                    for order, value in orders.items()
                ]
            )
        )
    return Message("\n".join([title, *lines[:3], *([] if orders else [again])]), said)


def _lists(plan: Plan) -> list[Block]:
    shown: list[Block] = []
    for title, rows in (
        ("New start dates", plan.new),
        ("Other start dates", plan.changed),
        ("Ended", plan.ended),
        ("Left as they are, since their source is trusted more", plan.trusted),
    ):
        shown += _listed(title, [_started(row) for row in rows[:SHOWN]], len(rows))
    shown += _listed(
        "Something else changes",
        [_adjusted(row) for row in plan.adjusted[:SHOWN]],
        len(plan.adjusted),
    )
    shown += _listed(
        "Not in Slack yet; kept, and matched when they join",
        [_stranger(row) for row in plan.strangers[:SHOWN]],
        len(plan.strangers),
    )
    return [*shown, blocks.context(f"{plan.unchanged:,} unchanged")] if plan.unchanged else shown


def _listed(title: str, lines: Sequence[str], count: int) -> list[Block]:
    if not count:
        return []
    more = [f"… and {count - SHOWN:,} more"] if count > SHOWN else []
    return _paragraphs([f"*{title}* ({count:,})", *(f"• {line}" for line in lines), *more])


def _started(row: Started) -> str:
    known = row.known_start
    start = f"{known} → {row.start}" if known not in (None, row.start) else f"{row.start}"
    until = f" to {row.end}" if row.end else ""
    return f"{text.unformatted(row.name)}, {start}{until} (line {row.line:,})"


def _adjusted(row: Adjusted) -> str:
    return f"{text.unformatted(row.name)}: {text.in_words(row.what)} (line {row.line:,})"


def _stranger(row: Stranger) -> str:
    email = f", {text.escape(row.email)}" if row.email else ""
    near = text.either([text.unformatted(name) for name in row.nearest])
    return f"{text.unformatted(row.name)}{email} (line {row.line:,})" + (
        f"; perhaps {near}?" if near else ""
    )


def _summary(plan: Plan) -> str:
    parts = [
        f"{count:,} {words}"
        for count, words in (
            (len(plan.new), "new"),
            (len(plan.changed), "changed"),
            (len(plan.ended), "ended"),
            (len(plan.adjusted), "with another change"),
            (plan.unchanged, "unchanged"),
        )
        if count
    ]
    return text.in_words(parts)


def _notes(notes: Sequence[str]) -> list[Block]:
    return [blocks.context(*(text.escape(text.shorten(note, 900)) for note in notes))]


def _paragraphs(lines: Sequence[str]) -> list[Block]:
    """Lines as few sections, none of them longer than Slack takes."""
    made: list[str] = []
    for line in lines:
        line = text.shorten(line, 1_200)
        if made and len(made[-1]) + len(line) < 2_900:
            made[-1] += f"\n{line}"
        else:
            made.append(line)
    return [blocks.section(one) for one in made]
