"""Composing answers: figures, hedges, follow-ups, and what is served without approval."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.rights.answers import Answers, intent_of, topic_of
from bot.rights.approvals import approve
from tests.rights.conftest import answers_of, change_entry, change_file, situation

ARRESTED = "right_06/suspect_arrested"
CONFIRM = "Ask them to confirm this"
HELD = "Not having been told does not mean they are still held."


def first(answers: Answers, topic: str, **told: Any) -> str:
    return answers.answer(topic, situation(**told))[0].text


def test_both_figures_are_shown_when_enhanced_rights_are_unknown(answers: Answers) -> None:
    assert "within 5 working days (1 working day if you have enhanced rights)" in first(answers, ARRESTED)


def test_only_the_faster_figure_is_shown_with_enhanced_rights(answers: Answers) -> None:
    text = first(answers, ARRESTED, enhanced="yes")
    assert "within 1 working day that" in text
    assert "5 working days" not in text


def test_only_the_standard_figure_is_shown_without_enhanced_rights(answers: Answers) -> None:
    text = first(answers, ARRESTED, enhanced="no")
    assert "within 5 working days that" in text
    assert "1 working day" not in text


@pytest.mark.parametrize(
    "told",
    [
        {"enhanced": "likely"},
        {"age_group": "under_18"},
        {"age_group": "under_13"},
        {"about": "my_child"},
        {"bereaved": "yes"},
        {"enhanced": "no", "age_group": "under_18"},
    ],
)
def test_the_faster_figure_comes_first_when_enhanced_rights_are_likely(answers: Answers, told: dict[str, Any]) -> None:
    text = first(answers, ARRESTED, **told)
    assert "within 1 working day (with enhanced rights, 5 working days without) that" in text


@pytest.mark.parametrize("told", [{"age_group": "adult"}, {"about": "someone"}, {"about": "me"}, {"reported": "no"}])
def test_what_makes_enhanced_rights_no_likelier_changes_no_figure(answers: Answers, told: dict[str, Any]) -> None:
    assert "within 5 working days (1 working day if you have enhanced rights)" in first(answers, ARRESTED, **told)


def test_the_second_step_follows_what_is_likely(answers: Answers) -> None:
    told = situation(age_group="under_18")
    text = answers.follow_up("right_08/hearing_dates", "how_long", told)[0].text
    assert "From the bail hearing itself that is 6 working days (with enhanced rights, 10 working days without)" in text


def test_one_figure_is_shown_where_enhanced_rights_make_no_difference(answers: Answers) -> None:
    text = first(answers, "right_04/support_referral")
    assert "within 2 working days of your report" in text
    assert "if you have enhanced rights)" not in text


def test_the_latest_date_of_two_steps_has_both_figures(answers: Answers) -> None:
    text = answers.follow_up("right_08/hearing_dates", "how_long", situation())[0].text
    assert "From the bail hearing itself that is 10 working days (6 working days if you have enhanced rights)" in text


def test_a_limit_that_is_sure_is_said_plainly(answers: Answers) -> None:
    assert CONFIRM not in first(answers, ARRESTED)


def test_a_limit_that_is_not_sure_is_hedged(answers: Answers) -> None:
    assert "to confirm" in first(answers, "right_06/charge_decision")


@pytest.mark.parametrize(("area", "hedged"), [("West Midlands", True), ("Sussex", False)])
def test_a_limit_of_one_area_is_hedged_elsewhere(answers: Answers, area: str, hedged: bool) -> None:
    text = answers.follow_up("right_06/right_to_review", "more", situation(area=area))[0].text
    paragraph = next(part for part in text.split("\n\n") if "police should confirm your review request" in part)
    assert (CONFIRM in paragraph) is hedged


def test_the_first_bubble_has_answer_limits_and_fixed_line_in_this_order(answers: Answers) -> None:
    text = first(answers, ARRESTED)
    places = [text.index(part) for part in ("when a suspect is arrested", "within 5 working days", HELD)]
    assert places == sorted(places)


def test_two_fixed_lines_with_the_same_words_are_said_once(answers: Answers) -> None:
    assert first(answers, ARRESTED).count(HELD) == 1


def test_the_second_bubble_says_what_it_means_and_what_if_not(answers: Answers) -> None:
    text = answers.answer(ARRESTED, situation())[1].text
    assert text.startswith(answers.phrases.means)
    assert answers.phrases.if_not_met in text


def test_an_answer_is_never_a_dead_end(answers: Answers) -> None:
    second = answers.answer(ARRESTED, situation())[1]
    assert 2 <= len(second.buttons) <= 4
    assert second.links


def line(answers: Answers, name: str) -> str:
    return next(one.text for one in answers.catalogue.situations.situations if one.id == name)


@pytest.mark.parametrize(
    ("told", "name", "topic"),
    [
        ({"age_group": "under_18"}, "under_18", ARRESTED),
        ({"about": "my_child", "age_group": "under_18"}, "parent", ARRESTED),
        ({"about": "someone"}, "for_someone", ARRESTED),
        ({"bereaved": "yes", "about": "my_child"}, "bereaved", ARRESTED),
        ({"reported": "no"}, "not_reported", "right_04/specialist_support"),
        ({"enhanced": "likely"}, "probably_enhanced", ARRESTED),
    ],
)
def test_one_line_for_the_situation_ends_the_first_bubble(
    answers: Answers, told: dict[str, Any], name: str, topic: str
) -> None:
    plain, adapted = first(answers, topic), first(answers, topic, **told)
    assert adapted.endswith("\n\n" + line(answers, name))
    assert adapted.count("\n\n") == plain.count("\n\n") + 1


@pytest.mark.parametrize(
    ("told", "topic"),
    [
        ({}, ARRESTED),
        ({"reported": "no"}, ARRESTED),
        ({"enhanced": "yes", "age_group": "under_18"}, ARRESTED),
        ({"bereaved": "yes"}, "right_04/bereaved_families"),
        ({"stage": "trial"}, ARRESTED),
    ],
)
def test_no_line_where_none_helps(answers: Answers, told: dict[str, Any], topic: str) -> None:
    lines = [one.text for one in answers.catalogue.situations.situations if one.text]
    assert not any(text in first(answers, topic, **told) for text in lines)


def test_outside_demonstration_mode_lines_need_their_approval(data: Path) -> None:
    approve(data, ARRESTED, "en", "approved", "safeguarding lead", date(2026, 11, 20))
    told = {"demo": False, "age_group": "under_18"}
    assert "People under 18" not in first(answers_of(data), ARRESTED, **told)
    approve(data, "situations", "en", "approved", "safeguarding lead", date(2026, 11, 20))
    assert "People under 18" in first(answers_of(data), ARRESTED, **told)


def payloads(answers: Answers, topic: str, **told: Any) -> list[str]:
    return [button.payload for button in answers.answer(topic, situation(**told))[1].buttons]


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ({"age_group": "under_13"}, "right_04__young_victims"),
        ({"about": "my_child"}, "right_04__young_victims"),
        ({"about": "someone"}, "code__acting_for_someone"),
        ({"bereaved": "yes", "stage": "trial"}, "right_04__bereaved_families"),
        ({"reported": "no"}, "right_04__self_referral"),
        ({"stage": "investigation"}, "right_06__investigation_updates"),
        ({"stage": "charged"}, "right_08__hearing_dates"),
        ({"stage": "trial"}, "right_08__hearing_dates"),
        ({"stage": "sentenced"}, "right_09__sentence_explained"),
    ],
)
def test_the_fitting_topic_is_the_first_button(answers: Answers, told: dict[str, Any], fits: str) -> None:
    assert payloads(answers, ARRESTED, **told) == ["/" + fits, "/tell_me_more", "/who_followup", "/speak_to_human"]


@pytest.mark.parametrize(
    ("topic", "told", "next_best"),
    [
        ("right_04/young_victims", {"age_group": "under_18", "stage": "charged"}, "/right_08__hearing_dates"),
        ("right_04/self_referral", {"reported": "no"}, "/right_02__report_a_crime"),
        ("right_09/sentence_explained", {"stage": "sentenced"}, "/right_11__victim_contact_scheme"),
        ("right_08/hearing_dates", {"stage": "trial"}, "/tell_me_more"),
    ],
)
def test_no_button_leads_to_the_topic_being_answered(
    answers: Answers, topic: str, told: dict[str, Any], next_best: str
) -> None:
    found = payloads(answers, topic, **told)
    assert found[0] == next_best
    assert "/" + intent_of(topic) not in found


def test_the_answer_on_enhanced_rights_offers_the_questions_first(answers: Answers) -> None:
    assert payloads(answers, "code/enhanced_rights", age_group="under_18")[0] == "/enhanced_check"


def test_there_are_never_more_than_four_buttons(answers: Answers) -> None:
    told = {"age_group": "under_18", "about": "my_child", "bereaved": "yes", "reported": "no", "stage": "charged"}
    for topic in answers.catalogue.base.topics:
        for known in ({}, told):
            found = payloads(answers, topic, **known)
            assert len(found) <= 4
            assert "/" + intent_of(topic) not in found


def test_the_source_names_right_edition_and_month(answers: Answers) -> None:
    source = answers.answer(ARRESTED, situation())[0].source
    assert source is not None
    assert source.text.startswith("From: Right 6")
    assert "Checked November 2026." in source.text


def test_a_source_with_uncertain_facts_says_so(answers: Answers) -> None:
    source = answers.answer(ARRESTED, situation())[0].source
    assert source is not None
    assert source.certainty == "recalled"
    assert source.text.endswith(answers.phrases.partly_confirmed)


def test_how_long_gives_all_limits_of_the_topic(answers: Answers) -> None:
    text = answers.follow_up(ARRESTED, "how_long", situation())[0].text
    assert "someone was arrested" in text
    assert "interviewed under caution" in text


def test_how_long_keeps_the_fixed_line(answers: Answers) -> None:
    assert HELD in answers.follow_up(ARRESTED, "how_long", situation())[0].text


def test_how_long_without_a_limit_says_so(answers: Answers) -> None:
    assert "no fixed time" in answers.follow_up("right_03/restorative_justice", "how_long", situation())[0].text


def test_who_names_who_must_act(answers: Answers) -> None:
    assert "The police must tell you" in answers.follow_up(ARRESTED, "who", situation())[0].text


def test_what_if_not_gives_the_next_step(answers: Answers) -> None:
    assert "complain to the police force" in answers.follow_up(ARRESTED, "what_if_not", situation())[0].text


def test_where_from_gives_the_source(answers: Answers) -> None:
    assert "Victims' Code 2021" in answers.follow_up(ARRESTED, "source", situation())[0].text


def test_tell_me_more_holds_what_the_first_bubble_left_out(answers: Answers) -> None:
    text = answers.follow_up(ARRESTED, "more", situation())[0].text
    assert "a suspect was interviewed under caution" in text
    assert "a suspect was interviewed under caution" not in first(answers, ARRESTED)


def test_a_limit_for_the_calculator_is_said_nowhere(answers: Answers) -> None:
    topic = "right_12/response_times"
    told = situation()
    texts = [reply.text for reply in answers.answer(topic, told)]
    texts += [reply.text for kind in ("more", "how_long") for reply in answers.follow_up(topic, kind, told)]
    assert "court complaint, the courts' investigation team" not in "\n".join(texts)


def test_outside_demonstration_mode_a_draft_is_not_served(answers: Answers) -> None:
    replies = answers.answer(ARRESTED, situation(demo=False))
    assert len(replies) == 1
    assert "within 5 working days" not in replies[0].text


def test_what_is_not_served_gives_the_official_link_and_who_to_ask(answers: Answers) -> None:
    reply = answers.answer(ARRESTED, situation(demo=False))[0]
    assert "police" in reply.text
    assert reply.links[0].url.startswith("https://www.gov.uk/")


def test_a_follow_up_to_a_draft_is_not_served_either(answers: Answers) -> None:
    assert "5 working days" not in answers.follow_up(ARRESTED, "how_long", situation(demo=False))[0].text


def test_an_approved_text_is_served_outside_demonstration_mode(data: Path) -> None:
    approve(data, ARRESTED, "en", "approved", "safeguarding lead", date(2026, 11, 20))
    assert "within 5 working days" in first(answers_of(data), ARRESTED, demo=False)


def test_a_reviewed_text_is_not_served_outside_demonstration_mode(data: Path) -> None:
    approve(data, ARRESTED, "en", "reviewed", "safeguarding lead", date(2026, 11, 20))
    assert len(answers_of(data).answer(ARRESTED, situation(demo=False))) == 1


def test_a_text_changed_after_its_approval_is_not_served(data: Path) -> None:
    approve(data, ARRESTED, "en", "approved", "safeguarding lead", date(2026, 11, 20))
    change_entry(data, ARRESTED, answer="The police must tell you.")
    assert len(answers_of(data).answer(ARRESTED, situation(demo=False))) == 1


def test_an_unwritten_topic_gives_its_official_link(data: Path) -> None:
    def drop(content: Any) -> None:
        content["topics"] = [entry for entry in content["topics"] if entry["id"] != ARRESTED]

    change_file(data / "rights" / "en" / "right_06.yml", drop)
    assert answers_of(data).answer(ARRESTED, situation())[0].links


def test_choices_end_with_none_of_these(answers: Answers) -> None:
    reply = answers.choices([ARRESTED, "right_06/how_long"], "Which?", situation())
    assert [button.payload for button in reply.buttons] == [
        "/right_06__suspect_arrested",
        "/right_06__how_long",
        "/none_of_these",
    ]


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        ({"working_days": 1}, "1 working day"),
        ({"working_days": 5}, "5 working days"),
        ({"calendar_days": 28}, "28 days"),
        ({"days": 56}, "56 days"),
        ({"hours": 24}, "24 hours"),
        ({"months": 1}, "1 month"),
        ({"years": 2}, "2 years"),
        ({"until_birthday": 20}, "your 20th birthday"),
    ],
)
def test_units_in_words(answers: Answers, duration: dict[str, int], words: str) -> None:
    assert answers.units(duration) == words


def test_every_unit_of_the_limits_has_words(answers: Answers) -> None:
    limits = answers.catalogue.base.limits.values()
    assert {unit for limit in limits for unit in [*limit.standard, *limit.enhanced]} <= set(answers.phrases.units)


@pytest.mark.parametrize("topic", ["right_06/how_long", "code/list_rights"])
def test_topics_and_intents_are_mapped_both_ways(topic: str) -> None:
    assert topic_of(intent_of(topic)) == topic


def test_time_limits_are_named_so_that_a_page_can_set_them_apart(answers: Answers) -> None:
    answer, meaning = answers.answer(ARRESTED, situation())
    assert answer.limits
    assert set(answer.limits) <= set(answer.text.split("\n\n"))
    assert meaning.limits == []
