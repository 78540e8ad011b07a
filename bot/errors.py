"""What can go wrong and is told to the person who asked, in one sentence that says what to do next."""


class UserFacingError(Exception):
    """A refusal. Its text is plain (not yet escaped) and is shown to the person as it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotPermittedError(UserFacingError):
    """The person may not do this."""


class NotFoundError(UserFacingError):
    """There is no such thing, or the person may not know of it: the words are the same."""


class BadRequestError(UserFacingError):
    """What was typed or chosen cannot be done."""


class NeedsSlackError(Exception):
    """People or user groups are not known yet: Slack has to be asked before this can be decided.

    Raised inside a transaction, which it rolls back.
    """

    def __init__(
        self, *, people: frozenset[str] = frozenset(), groups: frozenset[str] = frozenset()
    ):
        super().__init__(f"{len(people)} people and {len(groups)} user groups are not known yet")
        self.people = people
        self.groups = groups
