"""The text and the page."""

import re

from bot.evaluation.report import as_page, as_text
from bot.evaluation.scores import Confusion, Labels, Line, Miss, Result, Scores, Section, Share

LINE = Line(id="x", text="<script>alert(1)</script>", labels=Labels(topic="code/a"))
RESULT = Result(
    id="x",
    topics=["code/b"],
    topic="code/b",
    intent="code/b",
    confidence=0.5,
    language="en",
    safety=None,
    safety_reply=[],
    outcome="answered",
    reply=[],
)
SCORES = Scores(
    [Section("Questions", [Share("right", 9, 10), Share("wrong", 1, 10)])],
    [Confusion("code/a", "code/b", 3)],
    [Miss(LINE, RESULT, "code/a", "code/b")],
)


def test_text():
    assert as_text("10 lines.", SCORES).splitlines() == [
        "10 lines.",
        "",
        "Questions",
        "  right   90.0 %  (59.6 to 98.2)   9 of 10",
        "  wrong   10.0 %  (1.8 to 40.4)    1 of 10",
        "",
        "Worst confusions",
        "    3  code/a taken for code/b",
    ]


def test_text_without_scores():
    assert as_text("10 lines.", Scores([], [], [])) == "10 lines."


def test_the_page_holds_everything_and_loads_nothing():
    page = as_page("in.jsonl", "10 lines.", SCORES)
    for words in ("in.jsonl", "90.0 %", "9 of 10", "59.6 % to 98.2 %", "code/b", "&lt;script&gt;alert"):
        assert words in page
    assert not re.search(r"<script|\bsrc=|\bhref=|url\(|@import|http", page)
