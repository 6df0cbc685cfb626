"""The questions before a hand-off, as pure functions."""

import pytest

from bot.directory import Directory
from bot.handoff.form import Draft, Offered, Offers, load_form
from bot.handoff.hours import load_hours
from bot.handoff.words import load_canned, load_desk_words
from tests.conftest import DATA

FORM = load_form(DATA)


def offered(organisation, there=True):
    return Offered(organisation=organisation, there=there, hours="always")


BOTH = Offers(all=[offered("victim_support"), offered("police")], restricted=[offered("victim_support")])
ONE = Offers(all=[offered("victim_support"), offered("police", there=False)], restricted=[offered("victim_support")])


def given(**answers):
    return Draft(answers=answers)


def steps(draft, offers):
    asked = []
    while (step := FORM.next_step(draft, offers)) is not None:
        asked.append(step)
        draft = FORM.skip(draft, step) if step != "organisation" else FORM.answer(draft, step, "police", offers)
    return asked


def test_the_only_one_who_is_there_is_not_asked_about():
    assert "organisation" not in steps(Draft(), ONE)
    assert FORM.chosen(Draft(), ONE).organisation == "victim_support"


def test_who_is_there_is_asked_about_where_it_is_more_than_one():
    assert steps(Draft(), BOTH) == ["age_group", "insider", "organisation", "told", "contact"]


@pytest.mark.parametrize(("insider", "restricted"), [("yes", True), ("not_sure", True), ("no", False), (None, False)])
def test_not_sure_counts_as_yes_for_who_may_work_here(insider, restricted):
    draft = given(insider=insider) if insider else Draft(skipped=["insider"])
    assert draft.restricted is restricted


def test_a_new_answer_to_it_asks_again_whom_to_talk_to():
    draft = given(age_group="18_or_over", insider="no", organisation="police")
    changed = FORM.answer(draft, "insider", "yes", BOTH)
    assert FORM.chosen(changed, BOTH).organisation == "victim_support"


def test_an_age_that_is_not_told_counts_as_a_childs():
    assert Draft(skipped=["age_group"]).child and not given(age_group="18_or_over").child


@pytest.mark.parametrize("typed", ["I have no visa", "my asylum claim"])
def test_immigration_status_is_not_taken(typed):
    assert isinstance(FORM.answer(Draft(), "told", typed, ONE), str)


@pytest.mark.parametrize("typed", ["12", "0906 000 0000", "me@nowhere", "ask my mum"])
def test_a_contact_is_a_number_or_an_address(typed):
    assert isinstance(FORM.answer(Draft(), "contact", typed, ONE), str)


def test_what_is_needed_cannot_be_skipped():
    assert isinstance(FORM.skip(Draft(kind="call_back"), "number"), str)


def test_a_changed_answer_makes_another_digest():
    draft = given(age_group="18_or_over", insider="no", told="a")
    other = FORM.answer(draft, "told", "b", ONE)
    assert FORM.digest(draft, ONE, "English") != FORM.digest(other, ONE, "English")


def test_another_organisation_makes_another_digest():
    one, other = given(organisation="police"), given(organisation="victim_support")
    assert FORM.digest(one, BOTH, "English") != FORM.digest(other, BOTH, "English")


def test_back_asks_the_question_before():
    draft = given(age_group="18_or_over", insider="no")
    assert FORM.back(draft, ONE).at == "insider"


def test_whom_to_ring_instead_is_in_the_directory(services):
    assert {*FORM.instead, *FORM.instead_child} <= set(services)


def test_the_files_of_the_desk_can_be_read():
    assert load_hours(DATA) and load_desk_words(DATA).wrap_up and load_canned(DATA)["en"]


@pytest.fixture
def services():
    return Directory(DATA, demo=True).services
