"""What people read when they ask for what Laurel knows of them, and owners when they erase somebody."""

from bot.messages import blocks, text
from bot.messages.message import Message, sentence
from storage.people import PersonRow

ERASE_ACTION = "privacy_erase"
KEEP_ACTION = "privacy_keep"

UNDERWAY = sentence(
    "I’m putting together everything I know of you. It comes as a direct message in a moment."
)
HANDED_OVER = (
    "Here is everything I know of you, as a zip: README.txt inside says what each file holds."
)
NOT_SENT = sentence("Slack didn’t take your export just now. Please try again in a few minutes.")
KEPT = sentence("Left as it was.")


def erase_question(person: PersonRow) -> Message:
    """Ask before somebody is erased."""
    who = text.name(person)
    words = (
        f"Erase {text.bold(person.name)}? Their badges stay, as someone’s. Everything else goes: name,"
        " start dates, the reasons of their awards, and my messages about them. This can’t be undone."
    )
    if person.active:
        words += f"\n{who} is still in Slack, and would begin anew as soon as I meet them again."
    return Message(
        words,
        [
            blocks.section(words),
            blocks.actions(
                [
                    blocks.button("Erase", ERASE_ACTION, value=person.id.hex, style="danger"),
                    blocks.button("Leave it", KEEP_ACTION),
                ]
            ),
        ],
    )


def erased(*, anew: bool) -> Message:
    """Say that somebody was erased; `anew`: just now, not before."""
    if not anew:
        return sentence("They were erased already.")
    return sentence(
        "Done: I forgot who they were. Posts that named them are being put right in the next minutes."
    )
