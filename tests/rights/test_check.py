"""The content check: clean on our content, and each rule finds what breaks it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.rights import check
from bot.rights.check import check_content, durations, similarity
from tests.rights.conftest import DATA, change_entry, change_facts, change_file

DAY = date(2026, 11, 20)
ARRESTED = "right_06/suspect_arrested"
HOW_LONG = "right_06/how_long"
OTHER = "right_06/meeting_the_cps"


def append(words: str) -> Callable[[str], str]:
    return lambda text: f"{text.strip()} {words}"


def also(value: object) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [*values, value]


def without(value: object) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [known for known in values if known != value]


def keep_right(data: Path, topic: str) -> None:
    """Leave only the right of a topic in a copy: enough for rules about one entry, and much faster to read."""
    for folder in (data / "rights" / "en", data / "code" / "facts"):
        for file in folder.glob("*.yml"):
            if file.stem not in (topic.partition("/")[0], "time-limits", "situations"):
                file.unlink()


def found_in(data: Path, topic: str) -> list[str]:
    """What the check finds wrong with one topic."""
    keep_right(data, topic)
    return [line for line in check_content(data, DAY) if f": {topic}: " in line]


def test_our_content_is_clean() -> None:
    assert check_content(DATA) == []


@pytest.mark.parametrize(
    ("topic", "fields", "problem"),
    [
        (HOW_LONG, {"answer": append("You can ask the officer today. " * 8)}, "Cut it to 45"),
        (HOW_LONG, {"title": "A title that is far too long for any button on a phone"}, "A button holds 45"),
        (HOW_LONG, {"means": []}, "Give one to three"),
        (HOW_LONG, {"means": also("You can ask " + "and ask " * 20 + "again.")}, "over 25 words"),
        (HOW_LONG, {"links": []}, "Give one or two"),
        (HOW_LONG, {"who": " "}, "who is empty"),
        (HOW_LONG, {"how_long": None}, "Say in how_long"),
        (ARRESTED, {"how_long": "You can ask today."}, "Remove how_long"),
        (
            OTHER,
            {
                "answer": "Organisational responsibilities necessitate comprehensive explanatory documentation.",
                "means": ["Prosecutorial determinations accommodate individual considerations appropriately."],
            },
            "reads at grade",
        ),
        (ARRESTED, {"who": append("Wait 3 weeks.")}, "says '3 weeks', which is not in its durations"),
        (ARRESTED, {"more": also("It takes a fortnight.")}, "says 'a fortnight'"),
        (HOW_LONG, {"durations": also("4 years"), "more": also("It takes 4 years.")}, "stands in no fact"),
        (HOW_LONG, {"durations": also("4 years")}, "which its words do not say"),
        (HOW_LONG, {"more": also("Some took two years.")}, "Write the number as a figure"),
        ("right_11/licence_conditions", {"who": append("It may be 56 days.")}, "belongs behind Tell me more"),
        (ARRESTED, {"hedged": []}, "rests on facts [5], which are not certain"),
        (ARRESTED, {"hedged": also(1)}, "lists facts [1] in hedged"),
        (HOW_LONG, {"facts": [], "hedged": [], "durations": []}, "names no facts"),
        (
            "right_03/crime_reference",
            {"means": ["You can give your name and the date."]},
            "says nothing like usually",
        ),
        (OTHER, {"links": [{"title": "A page", "url": "https://www.example.org/"}]}, "not in data/code/link-hosts.yml"),
        (OTHER, {"links": [{"title": "A page", "url": "https://evil.gov.uk.example.org/"}]}, "link-hosts.yml"),
        (
            OTHER,
            {"links": [{"title": "A page", "url": "https://www.gov.uk/divorce"}]},
            "facts of the topic do not name",
        ),
        (OTHER, {"links": [{"title": "A page", "url": "http://www.gov.uk/divorce"}]}, "which is not https"),
        (OTHER, {"related": []}, "no related topics"),
        (OTHER, {"related": [OTHER]}, "is related to itself"),
        (OTHER, {"related": [ARRESTED, ARRESTED]}, "as related 2 times"),
        ("right_06/withdrawing", {"fixed_lines": []}, "lacks the fixed line pressure_question"),
        ("right_12/police_suspect", {"fixed_lines": []}, "lacks the fixed line police_link_line"),
        ("right_09/acquittal", {"fixed_lines": []}, "says appeal without the custody line"),
        (OTHER, {"more": also("The suspect may be on bail.")}, "says bail without the custody line"),
        (OTHER, {"means": also("They may escape.")}, "says escape without the custody line"),
        ("right_08/hearing_dates", {"fixed_lines": []}, "bail_hearing_outcome"),
        ("code/victim_and_accused", {"more": ["You can ask."]}, "Remove it from _NOT_CUSTODY"),
        ("right_06/withdrawing", {"means": also("The court can send a summons.")}, "may sound like a threat"),
        (OTHER, {"who": append("Great.")}, "says 'Great'"),
        (OTHER, {"who": append("Ask them!")}, "exclamation mark"),
        (OTHER, {"who": append("Ask \U0001f642")}, "an emoji"),
        (OTHER, {"title": "For the complainant"}, "says 'complainant'"),
        (OTHER, {"more": also("The alleged victim may ask.")}, "says 'alleged'"),
        (OTHER, {"if_not_met": append("It is too late then.")}, "says 'too late'"),
        (OTHER, {"how_long": "The news is on time."}, "says 'on time'"),
        (OTHER, {"how_long": "News is due on Tuesday."}, "says 'due on Tuesday'"),
        (OTHER, {"who": append("The suspect has gone home.")}, "says 'gone home'"),
        (OTHER, {"who": append("You should have rung the police.")}, "sound like blame"),
        (OTHER, {"who": append("It was an NFA.")}, "a system's word"),
        (OTHER, {"who": append("Ask the IPSO.")}, "says IPSO before it is expanded"),
        (OTHER, {"who": append("Ring 116 123.")}, "has the number 116 123"),
        (OTHER, {"who": append("Ring 020 7271 2492.")}, "has the number 020 7271 2492"),
        (OTHER, {"who": append("Ring 105.")}, "has the number 105"),
        (OTHER, {"who": append("Text 85258.")}, "has the number 85258"),
        (OTHER, {"who": append("See www.example.org.")}, "has an address (www.)"),
        (OTHER, {"who": append("Write to help@example.org.")}, "has an address"),
        (OTHER, {"who": append("See cps.gov.uk.")}, "has an address (cps.gov.uk)"),
    ],
)
def test_a_broken_entry_is_found(data: Path, topic: str, fields: dict[str, Any], problem: str) -> None:
    change_entry(data, topic, **fields)
    found = found_in(data, topic)
    assert any(problem in line for line in found), found


def test_a_problem_names_file_and_topic(data: Path) -> None:
    change_entry(data, OTHER, related=[OTHER])
    assert found_in(data, OTHER) == [f"data/rights/en/right_06.yml: {OTHER}: is related to itself. Name another topic."]


def test_a_topic_without_an_entry_is_found(data: Path) -> None:
    change_file(data / "rights" / "en" / "right_12.yml", lambda content: content["topics"].pop())
    assert any("has no answer in the edition 2021" in line for line in check_content(data, DAY))


def test_a_topic_written_twice_is_found(data: Path) -> None:
    change_file(data / "rights" / "en" / "right_06.yml", lambda content: content["topics"].append(content["topics"][0]))
    assert "is written twice" in check_content(data, DAY)[0]


def test_a_near_copy_is_found(data: Path) -> None:
    answer = "The police must tell you about each key decision. You can ask them for the reasons in writing."
    change_entry(data, HOW_LONG, answer=answer)
    change_entry(data, OTHER, answer=answer.replace("each", "every"))
    assert any("nearly that of" in line for line in check_content(data, DAY))


def test_a_hard_median_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MEDIAN_GRADE", 1.0)
    assert any("in the middle" in line for line in check_content(DATA, DAY))


def change_words(data: Path, **words: str | None) -> None:
    def change(content: Any) -> None:
        for limit, sentence in words.items():
            content["limits"].pop(limit) if sentence is None else content["limits"].update({limit: sentence})

    change_file(data / "rights" / "en" / "time-limits.yml", change)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": "It takes 3 weeks. Ask the police to confirm."}, "bereaved: says '3 weeks'"),
        (
            {"text": "The officer will be there."},
            "bereaved: rests on facts that are not certain, but says nothing like",
        ),
        ({"text": "You may ask them!"}, "bereaved: says '!'"),
        ({"text": "You may ask the FLO."}, "bereaved: says FLO before"),
        ({"text": "You may ring 116 123."}, "bereaved: has the number 116 123"),
        ({"text": "You may hear of an arrest."}, "bereaved: says 'arrest'"),
        ({"text": "You may ask " + "and ask " * 20}, "bereaved: the line has 43 words"),
        ({"text": "Usually organisations necessitate comprehensive documentation."}, "bereaved: reads at grade"),
        ({"hedged": []}, "bereaved: rests on facts [8] that are not certain"),
        ({"facts": [99], "hedged": []}, "bereaved: names no facts"),
        ({"said_in": []}, "bereaved: has a line, but no topic"),
        ({"buttons": []}, "bereaved: has no buttons"),
        ({"when": {}}, "bereaved: applies to everyone"),
        ({"when": {"bereaved": ["perhaps"]}}, "bereaved: asks for bereaved perhaps"),
        ({"when": {"weather": ["fine"]}}, "bereaved: asks for weather fine"),
        ({"id": "parent"}, "parent: stands there 2 times"),
        ({"buttons": ["right_04/nothing"]}, "bereaved names topics that do not exist: right_04/nothing"),
        ({"said_in": ["right_99"]}, "bereaved names topics that do not exist: right_99"),
    ],
)
def test_a_broken_line_for_a_situation_is_found(data: Path, fields: dict[str, Any], problem: str) -> None:
    change_file(data / "rights" / "en" / "situations.yml", lambda content: content["situations"][0].update(fields))
    keep_right(data, "right_04/bereaved_families")
    assert any("data/rights/en/situations.yml: " + problem in line for line in check_content(data, DAY))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"suspect_arrested": None}, "suspect_arrested: has no sentence"),
        ({"suspect_arrested": "The police must tell you."}, "suspect_arrested: must hold {time} once"),
        ({"suspect_arrested": "Within {time}, or 3 weeks."}, "suspect_arrested: says '3 weeks'"),
        ({"suspect_arrested": "Within {time} the CPS must tell you."}, "suspect_arrested: says CPS before"),
        ({"suspect_arrested": "The news is on time within {time}."}, "suspect_arrested: says 'on time'"),
        ({"some_limit": "Within {time}."}, "some_limit: is not a time limit"),
    ],
)
def test_a_broken_sentence_of_a_time_limit_is_found(data: Path, words: dict[str, str | None], problem: str) -> None:
    change_words(data, **words)
    keep_right(data, ARRESTED)
    assert any(f"data/rights/en/time-limits.yml: {problem}" in line for line in check_content(data, DAY))


def test_a_missing_second_step_is_found(data: Path) -> None:
    change_file(data / "rights" / "en" / "time-limits.yml", lambda content: content["chains"].pop("sentence"))
    assert any("sentence: chains must hold" in line for line in check_content(data, DAY))


def test_an_uncertain_limit_worded_as_a_promise_is_found(data: Path) -> None:
    change_file(data / "conversation" / "en.yml", lambda content: content.update(ask_to_confirm="That is so."))
    change_words(data, suspect_charged="The police must tell you within {time} of the charge.")
    problem = "right_06/charge_decision: the time limit suspect_charged is not certain, but worded as a promise"
    assert any(problem in line for line in check_content(data, DAY))


@pytest.mark.parametrize(
    ("place", "repeat", "problem"),
    [
        ("more", "answer", "stands in the open"),
        ("calculator", "more", "is for the calculator only"),
    ],
)
def test_a_limit_repeated_where_it_does_not_belong_is_found(data: Path, place: str, repeat: str, problem: str) -> None:
    def move(facts: Any) -> None:
        facts["time_limits"][0]["in_answer"] = place

    topic = "right_04/support_referral"
    sentence = (
        "The police must pass your details to a support service within 2 working days of your report, unless you "
    )
    sentence += "do not want that."
    change_facts(data, topic, move)
    change_entry(data, topic, **{repeat: sentence if repeat == "answer" else also(sentence)})
    assert any(f"the time limit support_referral {problem}" in line for line in check_content(data, DAY))


@pytest.mark.parametrize(("place", "where"), [("first", "the first bubble"), ("more", "behind Tell me more")])
def test_a_limit_that_is_not_composed_is_found(monkeypatch: pytest.MonkeyPatch, place: str, where: str) -> None:
    composed = check.Answers.time_limits
    monkeypatch.setattr(
        check.Answers,
        "time_limits",
        lambda self, topic, situation, wanted: [] if wanted == place else composed(self, topic, situation, wanted),
    )
    assert any("is missing" in line and where in line for line in check_content(DATA, DAY))


def test_a_limit_shown_without_its_fixed_line_is_found(data: Path) -> None:
    change_entry(data, ARRESTED, fixed_lines=[])
    problem = f"{ARRESTED}: the first bubble shows suspect_arrested without the line that goes with it"
    assert any(problem in line for line in check_content(data, DAY))


def test_a_line_said_twice_is_found(data: Path) -> None:
    line = (
        "Not having been told does not mean they are still held. People are often released within hours. To find out "
    )
    line += "now, ring the officer or 101; if you feel in danger, 999."
    change_entry(data, ARRESTED, answer=line)
    assert any("the first bubble says 'Not having been told" in found for found in check_content(data, DAY))


def test_a_file_that_cannot_be_read_is_the_only_problem(data: Path) -> None:
    (data / "rights" / "en" / "right_06.yml").write_text("version: [", encoding="utf-8")
    (line,) = check_content(data, DAY)
    assert line.startswith("data/rights/en/right_06.yml:")
    assert "not YAML" in line


def test_figures_of_the_facts_reach_the_answer_unchecked_by_hand(data: Path) -> None:
    """A changed time limit changes the answer; nothing in the words has to follow."""

    def change(content: Any) -> None:
        for limit in content["limits"]:
            if limit["id"] == "suspect_arrested":
                limit["standard"] = {"working_days": 4}

    change_file(data / "code" / "time-limits.yml", change)
    assert check_content(data, DAY) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("within 5 working days", ["5 working day"]),
        ("within five working days", ["5 working day"]),
        ("a 28-day limit", ["28 day"]),
        ("about a year", ["1 year"]),
        ("half an hour", ["half 1 hour"]),
        ("in the last month", ["last month"]),
        ("a fortnight", ["1 fortnight"]),
        ("in 2024 you were 17", []),
        ("some weeks", []),
    ],
)
def test_durations_are_recognised_however_written(text: str, found: list[str]) -> None:
    assert durations(text) == found


@pytest.mark.parametrize("words", ["Ring 999.", "Ring 101 or 111.", "Press 55.", "Since 2024 you can call.", "£10,000"])
def test_numbers_that_may_stand_in_words(data: Path, words: str) -> None:
    change_entry(data, OTHER, who=append(words))
    assert found_in(data, OTHER) == []


@pytest.mark.parametrize(
    "words",
    [
        "Ask an Independent Adviser (IDVA).",
        "Ask a risk meeting (MARAC, a meeting about risk).",
        "Ask an ISVA (an adviser).",
        "Ask an adviser, or ISVA.",
        "Ask the Crown Prosecution Service (CPS). The CPS can say.",
        "See GOV.UK.",
    ],
)
def test_ways_to_expand_an_abbreviation(data: Path, words: str) -> None:
    change_entry(data, HOW_LONG, who=words)
    assert found_in(data, HOW_LONG) == []


def test_similarity_is_one_for_the_same_words_and_none_for_others() -> None:
    assert similarity("The police must tell you.", "the police must tell you") == 1
    assert similarity("aaaa", "bbbb") == 0
