"""What lies around a message's words: a nudge towards topics near the last one and towards a case that is being shown,
and two questions in one message.

"Who is above them?" is hardly a question by itself; after an answer about complaints it is one about the Ombudsman.
"Any news?" is one about the case, while somebody looks at theirs.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bot.rights.answers import intent_of, topic_of
from bot.rights.catalogue import load_catalogue

SAME_TOPIC, SAME_RIGHT, RELATED = 1.0, 0.7, 0.7
"""Log odds added to the last topic, to those of its right, and to those its answer names as related."""
CASE, PROVEN, CASE_STATUS = "case", "proven", "case_status"
"""What a message's context says of a case that may be shown, and the intent that shows it."""
SHOWN_CASE = 2.0
"""Log odds added to that intent, to so few words that they hardly name a topic of their own."""
FEW_WORDS = 4
NEWS = "right_06__investigation_updates"
"""The right to be told of progress: a few words that ask about it mean the case, while that is shown."""
_LEAST_WORDS = 3
_MOST_PARTS = 4
_ASKING = (
    "how|what|when|where|who|why|which|can|could|do|does|did|will|would|should|is|are|am|if|whats|hows|whos|wat|wen|wot"
)
# Where one question ends and another may begin: a question mark, a full stop, or words that start a further question.
_BREAK = re.compile(
    rf"([?？؟]+|[.!;\n]+\s|,?\s+(?:and|also|plus|then)\s+(?=(?:also\s+)?(?:{_ASKING})\b)|\s+also\s+(?={_ASKING}\b))",
    re.IGNORECASE,
)
# Background told in a sentence of its own is no question, however surely it names a topic.
_QUESTION = re.compile(rf"^(?:\S+\s+)?(?:{_ASKING})\b", re.IGNORECASE)


class Neighbours:
    """Which topics lie near which, from the topic ids and the `related` lists of the answers.

    Args:
        labels: the intents, in the order of their columns.
        data: the data folder.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
    """

    def __init__(self, labels: list[str], data: Path) -> None:
        self._columns = {label: column for column, label in enumerate(labels)}
        catalogue = load_catalogue(data)
        self._topics = set(catalogue.base.topics)
        self._related = {topic: set(entry.related) for (_, topic), entry in catalogue.entries.items()}

    def nudge(self, text: str, last_topic: str | None, case: str | None = None) -> np.ndarray | None:
        """What to add to the log odds of each column; None where nothing lies around the message.

        Args:
            text: the message.
            last_topic: what the last answer was about.
            case: whether a case may be shown, as the gateway says it: `proven` where it may.
        """
        asks_of_case = self._may_mean_case(text, case)
        if last_topic not in self._topics and not asks_of_case:
            return None
        added = np.zeros(len(self._columns), dtype=np.float32)
        if asks_of_case:
            added[self._columns[CASE_STATUS]] += SHOWN_CASE
        if last_topic in self._topics:
            self._add_near(added, str(last_topic))
        return added

    def with_case(self, chances: np.ndarray, text: str, case: str | None) -> np.ndarray:
        """The chance of each column, that of the right to news counted for the case where a few words may mean it.

        Args:
            chances: one for each column.
            text, case: as for `nudge`.
        """
        if not self._may_mean_case(text, case) or NEWS not in self._columns:
            return chances
        moved = chances.copy()
        moved[self._columns[CASE_STATUS]] += moved[self._columns[NEWS]]
        moved[self._columns[NEWS]] = 0.0
        return moved

    def _may_mean_case(self, text: str, case: str | None) -> bool:
        return case == PROVEN and len(text.split()) <= FEW_WORDS and CASE_STATUS in self._columns

    def _add_near(self, added: np.ndarray, last_topic: str) -> None:
        group = last_topic.partition("/")[0]
        for topic in self._topics:
            column = self._columns.get(intent_of(topic))
            if column is None:
                continue
            if topic == last_topic:
                added[column] += SAME_TOPIC
                continue
            # The opening part of the Code holds what belongs nowhere else: its topics are no neighbours.
            if group != "code" and topic.startswith(f"{group}/"):
                added[column] += SAME_RIGHT
            if topic in self._related.get(last_topic, ()):
                added[column] += RELATED


def parts_of(text: str) -> list[str]:
    """The questions a message may be made of, if there are two to four; else nothing.

    Args:
        text: the message as typed.
    """
    pieces = [*_BREAK.split(text), ""]
    asked = [
        part.strip(" ,.!")
        for part, ended in zip(pieces[::2], pieces[1::2], strict=False)
        if len(part.split()) >= _LEAST_WORDS and (ended.startswith(("?", "？", "؟")) or _QUESTION.match(part.strip()))
    ]
    return asked if 2 <= len(asked) <= _MOST_PARTS else []


def two_topics(readings: Iterable[tuple[str, float]], sure: float) -> list[str]:
    """The two different topics that the parts of a message are surely about, in their order; else nothing.

    Args:
        readings: for each part the likeliest intent and its chance.
        sure: the least chance that counts.
    """
    sure_of = [intent for intent, chance in readings if chance >= sure and "/" in topic_of(intent)]
    topics = [intent for intent in dict.fromkeys(sure_of) if not intent.startswith("oos")]
    return topics[:2] if len(topics) >= 2 else []
