"""Whether a rewriting is still somebody's own words: a training example never is (shared/protection.md)."""

import re
import unicodedata
from difflib import SequenceMatcher

SAME_LETTERS, SAME_WORDS = 0.8, 0.8
"""From here on, of 1, two texts are too much alike: by their letters in order, and by the words they share."""
MOST_IN_A_ROW = 5
"""Words in a row that a rewriting may have in common with the original."""
_WORD = re.compile(r"\w+")
# An e-mail address, a link, or digits as in numbers, dates, postcodes and registrations.
_TELLING = re.compile(r"@|https?:|www\.|\d{3,}|\d+\s*[/.-]\s*\d+|\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters, without marks that nobody sees."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall("".join(c for c in plain if unicodedata.category(c) != "Cf").replace("'", "").replace("’", ""))


def too_close(rewriting: str, original: str) -> bool:
    """Whether a rewriting is the original, nearly the original, or holds a long piece of it."""
    new, old = words_of(rewriting), words_of(original)
    if not new or not old:
        return False
    letters = SequenceMatcher(None, " ".join(new), " ".join(old), autojunk=False).ratio()
    shared = len(set(new) & set(old)) / len(set(new) | set(old))
    in_a_row = SequenceMatcher(None, new, old, autojunk=False).find_longest_match().size
    return letters >= SAME_LETTERS or shared >= SAME_WORDS or in_a_row > MOST_IN_A_ROW


def tells(text: str) -> bool:
    """Whether a text holds what may lead to somebody: an address, a link, a number, a date or a postcode."""
    return _TELLING.search(text) is not None
