"""Readings of a message: what was probably meant, however it was typed.

People in danger type in a hurry, on small keys, in capitals, in text-speak, or hide a word from someone else's filter.
The patterns look at every reading given here. All work is bounded: only the first and last 2,000 characters are read.
"""

import re
import unicodedata

WINDOW = 2_000
"""Characters read at each end of a message."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
_KEEP_CONTROL = {"\n", "\r", "\t"}
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u02bb`\u00b4\uff07", "'"))
# Letters that look like Latin ones: Cyrillic, then Greek. Only what is drawn alike in ordinary fonts.
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf"
    "\u03b1\u03b2\u03b5\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0131",
    "abekmhopctyxijshdqwlabenikvoptyxi",
)
_LOOKS = re.compile("[\u0400-\u052f\u0370-\u03ff\u0131]")
_LATIN = re.compile("[a-z]")
# Pictures that stand for a word people would otherwise type.
_PICTURES = str.maketrans(
    {
        "\U0001f198": " sos ",
        "\U0001f52a": " knife ",
        "\U0001f5e1": " knife ",
        "\U0001f52b": " gun ",
        "\U0001f691": " ambulance ",
        "\U0001f693": " police ",
        "\U0001f46e": " police ",
    }
)
# Letters of the Arabic script that people type for each other, as their keyboard has them: alef, ye and kaf.
_ARABIC = str.maketrans(
    "\u0622\u0623\u0625\u0671\u0672\u0673\u0649\u064a\u06cd\u06d0\u0643\u06aa",
    "\u0627" * 6 + "\u06cc" * 4 + "\u06a9" * 2,
)
_VOWELS = re.compile("[\u0640\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]")
"""Tatweel, which only draws a word out, and the marks of vowels, which few people type."""
_SPACED = re.compile(r"(?<![^\s])[^\W\d_](?:[ .\-_*][^\W\d_]){2,}(?![^\s])")
_SPACED_PAIR = re.compile(r"(?<![^\s])[^\W\d_](?:[ .\-_*][^\W\d_])+(?![^\s])")
_SPACED_GAP = re.compile(r"[ .\-_*]")
# A word with a digit or a mark in place of a letter; not "10am", "2nd" or "help!".
_LEET_WORD = re.compile(r"(?<!\S)(?!\d+[a-z]*(?:\W|$))(?=\S*[^\W\d_])(?=\S*(?:[0134578@$]|[!|]\w))\S+")
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_END_MARKS = re.compile(r"[!|]+$")
_IN_WORD = re.compile(r"(?<=\w)[*_](?=\w)|'")
_QUESTION = re.compile(r"[\s?]*\?[\s?]*")
_STOP = re.compile(r"[.!;\n\r\u2026\u3002\u06d4\u0964]+")
_OTHER = re.compile("[^\\w\\s.?\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0e00-\u0eff]+")


def forms(text: str) -> list[str]:
    """The readings of a message that patterns look at, the plainest first, without repeats.

    Lower case in compatible form (NFKC) without accents, look-alike letters folded, invisible and direction-changing
    characters removed, quotes straight; then variants without apostrophes, with spaced-out letters joined, with digits
    read as letters ("k1ll"), and with drawn-out letters shortened ("heeelp").

    Args:
        text: anything a person can send, of any size, lone surrogates included.

    Returns:
        One to eight readings; an empty message has one empty reading.
    """
    parts = [text] if len(text) <= 2 * WINDOW else [text[:WINDOW], text[-WINDOW:]]
    base = " . ".join(map(_clean, parts))
    found = [base]
    last = base.replace("'", "")
    found.append(last)
    folded = last.translate(_LOOK_ALIKE)
    if folded != last:
        found.append(folded)
        last = folded
    if _SPACED.search(last):
        last = _SPACED_PAIR.sub(lambda match: _SPACED_GAP.sub("", match[0]), last)
        found.append(last)
    leet = _LEET_WORD.sub(lambda match: _END_MARKS.sub("", match[0]).translate(_LEET), last)
    if leet != last:
        found.append(leet)
        last = leet
    if _LONG_RUN.search(last):
        found.extend([_LONG_RUN.sub(r"\1\1", last), _LONG_RUN.sub(r"\1", last)])
    return list(dict.fromkeys(found))


def flatten(form: str) -> str:
    """A reading as bare words with one space between, sentence ends as ` . ` and question marks as ` ? `.

    Args:
        form: a reading from `forms`.

    Returns:
        The words, without apostrophes, commas and other marks, with a space at each end.
    """
    words = _OTHER.sub(" ", _QUESTION.sub(" ? ", _STOP.sub(" . ", _IN_WORD.sub("", form))))
    return f" {' '.join(words.split()).strip(' .')} "


def without_vowels(text: str) -> str:
    """Words in Arabic script without tatweel and marks of vowels."""
    return _VOWELS.sub("", text)


def fold_arabic(text: str) -> str:
    """Letters of the Arabic script that stand for each other as one of them; one letter stays one letter.

    Arabic, Persian, Urdu and Pashto keyboards have letters of their own for ye and kaf, and few people type the hamza
    or madda of an alef. Patterns and words are folded alike, so a pattern finds a word however it was typed. He and
    the hamza on ye stay: in Urdu they tell words apart ("gi", "gayi").
    """
    return text.translate(_ARABIC)


def _clean(text: str) -> str:
    if text.isascii():
        return "".join(c for c in text.lower() if c >= " " or c in _KEEP_CONTROL).replace("`", "'").replace("\x7f", "")
    text = _SURROGATES.sub(" ", text).translate(_PICTURES).translate(_QUOTES)
    text = "".join(c for c in text if c in _KEEP_CONTROL or unicodedata.category(c) not in ("Cf", "Cc"))
    # Decomposed first, so that stacked accents fall away; composed again for scripts whose letters need it.
    text = unicodedata.normalize("NFKD", text)[: 8 * WINDOW].lower()
    text = unicodedata.normalize("NFC", _MARKS.sub("", text))[: 2 * WINDOW]
    if not _LOOKS.search(text):
        return text
    # A word that mixes alphabets is a disguise; a word in one alphabet may be Russian or Greek and is left whole here.
    return "".join(part.translate(_LOOK_ALIKE) if _LATIN.search(part) else part for part in re.split(r"(\s+)", text))
