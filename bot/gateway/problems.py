"""What a person may be told when a request cannot be served."""

# The emergency line is added to each.
PROBLEMS = {
    "bad_request": "That message could not be read. Please try again.",
    "not_signed": "That was not signed with a secret we share.",
    "too_large": "That message is too long. Please send it in shorter parts.",
    "too_many": "That was a lot of messages in a short time. Please wait a minute and try again.",
    "no_paper": "That paper is no longer here. You can make it again.",
    "ended": "This chat has ended. Open the page again to start a new one.",
    "not_resumed": "That did not work. The PIN may be wrong, or the chat may be over.",
    "not_found": "There is nothing here.",
    "unavailable": "The assistant cannot answer right now. Your words were not stored. Please try again in a minute.",
}


class Refused(Exception):
    """A request is refused: `status` for the program, `problem` names the words for the person."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem
