"""When a line is right, and how shares are counted."""

import pytest

from bot.evaluation.scores import (
    Labels,
    Line,
    Result,
    help_is_right,
    language_is_right,
    near_or_far,
    says,
    score,
    turn_is_right,
    wilson,
)


def line(text="q", *, language_in_use=None, dialogue=None, needs=None, **labels):
    return Line(
        id=1, text=text, labels=Labels(**labels), language_in_use=language_in_use, dialogue=dialogue, needs=needs
    )


def result(topics=(), outcome="answered", topic=None, intent=None, safety=None, card=(), language="en", reply=()):
    return Result(
        id=1,
        topics=list(topics),
        topic=topic,
        intent=intent,
        confidence=0.5,
        language=language,
        safety=safety,
        safety_reply=list(card),
        outcome=outcome,
        reply=list(reply),
    )


def answered(topic, *others):
    return result([topic, *others], topic=topic, intent=topic)


def shares(pairs):
    """Hits and totals by section and name."""
    return {
        (section.title, one.name): (one.hits, one.total) for section in score(pairs).sections for one in section.shares
    }


# --- intervals


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (95, 100, 0.8882, 0.9785), (0, 0, 0, 1)],
)
def test_wilson(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-4)


# --- words


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("Call 999 now", "999", True),
        ("Ring 0808 101 2000", "101", False),
        ("Ring 0808 2000 247.", "08082000247", True),
        ("Ring 08082000247", "0808 2000 247", True),
        ("call 9990", "999", False),
        ("a Sexual Assault\nReferral Centre", "sexual assault referral centre", True),
        ("That’s fine.", "that's fine", True),
        ("without", "with", False),
        ("anything", "", False),
    ],
)
def test_whole_words_and_numbers(text, phrase, found):
    assert says(text, phrase) is found


# --- questions, services, out of scope


def test_questions():
    wanted = {"topic": "right_06/how_long", "also_ok": ["right_06/updates"]}
    pairs = [
        (line(**wanted), answered("right_06/how_long")),
        (line(**wanted), answered("right_06/updates")),
        (line(**wanted), answered("code/other", "code/more", "right_06/how_long")),
        (line(**wanted), result(["right_06/how_long"], "offered")),
        (line(**wanted), result(["right_06/how_long"], "fallback")),
        (line(**wanted), result([], "out_of_scope", intent="out_of_scope")),
        (line(**wanted), result(["right_06/how_long"], "safety", topic="right_06/how_long", safety="stalking")),
        (line(**wanted), result(["right_06/how_long"], "flow", intent="referral")),
        (line(topic="code/x"), answered("code/x")),
    ]
    found = shares(pairs)
    whole = "Questions about a right"
    assert found[whole, "first-ranked topic is right"] == (7, 9)
    assert found[whole, "right topic among the top 3"] == (8, 9)
    assert found[whole, "answered outright and rightly"] == (3, 9)
    assert found[whole, "answered outright, wrongly"] == (1, 9)
    assert found[whole, "choices offered"] == (1, 9)
    assert found[whole, "refused (out of scope, fallback)"] == (2, 9)
    assert found[whole, "interrupted by a card"] == (1, 9)
    assert found["First-ranked topic is right, by right", "Right 06"] == (6, 8)
    assert found["First-ranked topic is right, by right", "The Code"] == (1, 1)


def test_confusions_are_counted_worst_first():
    wrong = (line(topic="code/a", also_ok=[]), answered("code/b"))
    refused = (line(topic="code/a", also_ok=[]), result(["code/a"], "out_of_scope", intent="out_of_scope"))
    service = (line(intent="greet"), result(["code/a"], "fallback"))
    offered = (line(topic="code/a", also_ok=[]), result(["code/a"], "offered"))
    scores = score([refused, wrong, wrong, service, offered])
    assert [(one.wanted, one.got, one.times) for one in scores.confusions] == [
        ("code/a", "code/b", 2),
        ("code/a", "out_of_scope", 1),
        ("greet", "code/a", 1),
    ]
    assert len(scores.misses) == 4


def test_service_intents():
    pairs = [
        (line(intent="greet"), result(outcome="small_talk", intent="greet")),
        (line(intent="thanks"), result(outcome="fallback")),
    ]
    assert shares(pairs) == {
        ("Service intents understood", "all"): (1, 2),
        ("Service intents understood", "greet"): (1, 1),
        ("Service intents understood", "thanks"): (0, 1),
    }


def test_out_of_scope():
    pairs = [
        (line(why="near-domain: housing"), answered("code/a")),
        (line(why="near"), result(outcome="out_of_scope", intent="out_of_scope")),
        (line(why="far"), result(["code/a"], "offered")),
    ]
    found = shares(pairs)
    assert found["Out of scope", "not answered with a right"] == (2, 3)
    assert found["Out of scope", "not answered with a right: near"] == (1, 2)
    assert found["Out of scope", "not answered with a right: far"] == (1, 1)
    assert found["Out of scope", "offered topics to choose from"] == (1, 3)


@pytest.mark.parametrize(
    ("why", "group"),
    [("near", "near"), ("near-domain: x", "near"), ("far-domain", "far"), ("nearly", "other"), ("gibberish", "other")],
)
def test_near_or_far(why, group):
    assert near_or_far(why).endswith(f": {group}")


# --- safety


@pytest.mark.parametrize(
    ("labels", "got", "right"),
    [
        ({"must_offer_any": ["999", "SARC"]}, {"safety": "other", "card": ["Ring", "999"]}, True),
        ({"must_offer_any": ["999"]}, {"safety": "a", "card": ["Ring 9999"]}, False),
        ({"must_offer_any": ["999"]}, {"card": []}, False),
        ({"must_offer_any": []}, {"safety": "a", "card": ["x"]}, True),
        ({}, {"safety": "b", "card": ["x"]}, False),
        ({"quiet": True}, {"safety": "watched_now", "card": ["OK. You can leave."]}, True),
        ({"quiet": True}, {"safety": "watched_now", "card": ["Ring 999"]}, False),
        ({"quiet": True}, {"safety": "a", "card": ["OK."]}, False),
    ],
)
def test_right_help(labels, got, right):
    assert help_is_right(line(category="a", **labels), result(outcome="safety", **got)) is right


def test_safety_counts_danger_and_its_absence_apart():
    pairs = [
        (line(category="a", lang="en"), result(outcome="safety", safety="a", card=["x"])),
        (line(category="a", lang="en"), result(["code/a"], topic="code/a")),
        (line(category="none", lang="en"), result(safety="b", card=["x"])),
        (line(category="none", lang="en"), result(outcome="safety", safety="b", card=["x"])),
        (line(category="none", lang="en"), result()),
    ]
    assert shares(pairs) == {
        ("Danger", "right contact (or category, or quiet)"): (1, 2),
        ("Danger", "right category"): (1, 2),
        ("Danger", "any card"): (1, 2),
        ("Danger: right contact, by category", "a"): (1, 2),
        ("No danger", "interrupted"): (1, 3),
        ("No danger", "any card"): (2, 3),
    }


# --- language


@pytest.mark.parametrize(
    ("labels", "in_use", "got", "right"),
    [
        ({"lang": "pt"}, None, "pt-BR", True),
        ({"lang": "pt-BR"}, None, "pt", True),
        ({"lang": "ur-Latn"}, None, "ur", False),
        ({"lang": "ur-Latn"}, None, "ur-Latn", True),
        ({"lang": "und"}, "pl", "pl", True),
        ({"lang": "und"}, "pl", "en", False),
        ({"lang": "und"}, None, "en", True),
        ({"lang": "hi", "accept": ["ur"]}, None, "ur", True),
        ({"lang": "pl"}, "en", "en", False),
    ],
)
def test_language(labels, in_use, got, right):
    assert language_is_right(line(language_in_use=in_use, **labels), result(language=got)) is right


def test_a_topic_in_a_language_file_is_not_a_question():
    pairs = [(line(lang="pl", topic="right_01/interpreter"), result(language="pl"))]
    assert set(shares(pairs)) == {("Language identified", "all"), ("Language identified", "pl")}


# --- dialogues


@pytest.mark.parametrize(
    ("labels", "right"),
    [
        ({"topic": "code/a"}, True),
        ({"topic": "code/b"}, False),
        ({"topic": "code/b", "also_ok": ["code/a"]}, True),
        ({"topic": "code/a", "intent": "thanks"}, False),
        ({"contains_any": ["no problem", "THAT'S FINE"]}, True),
        ({"contains_any": ["ine"]}, False),
        ({}, True),
    ],
)
def test_a_turn(labels, right):
    got = result(topic="code/a", intent="code/a", reply=["OK, that’s fine.", "Menu"])
    assert turn_is_right(line(dialogue="d", **labels), got) is right


def test_dialogues_that_need_something_are_counted_apart():
    good, bad = result(intent="greet"), result()
    pairs = [
        (line(dialogue="d", intent="greet"), good),
        (line(dialogue="d"), bad),
        (line(dialogue="d", intent="greet"), bad),
        (line(dialogue="e", intent="greet"), good),
        (line(dialogue="f", intent="greet", needs="c"), bad),
    ]
    assert shares(pairs) == {
        ("Dialogues", "turns"): (2, 3),
        ("Dialogues", "whole dialogues"): (1, 2),
        ("Dialogues that need “c”", "turns"): (0, 1),
        ("Dialogues that need “c”", "whole dialogues"): (0, 1),
    }


def test_without_labels_there_is_nothing_to_score():
    scores = score([(line(), result())])
    assert (scores.sections, scores.confusions, scores.misses) == ([], [], [])
