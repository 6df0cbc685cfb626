"""The way through the questions: skip, back, edit, start over, at any field."""

from bot.referrals.draft import Draft
from tests.referrals.conftest import OPENING, REST, complete, told


def steps(form):
    """A draft before each question, and the question."""
    draft, given = Draft(), OPENING | REST
    while (field := form.next_field(draft)) is not None:
        yield draft, field
        draft = form.answer(draft, field.id, given[field.id])


def test_back_asks_the_question_before_at_any_field(form):
    before = None
    for draft, field in steps(form):
        again = form.next_field(form.back(draft))
        assert again.id == (before or field.id)
        before = field.id


def test_back_from_the_preview_asks_the_last_question(form):
    assert form.next_field(form.back(complete(form))).id == "needs"


def test_back_twice_goes_back_twice(form):
    draft = told(form, **OPENING)
    assert form.next_field(form.back(form.back(draft))).id == "insider"


def test_after_going_back_the_form_goes_on_where_it_was(form):
    draft = told(form, **OPENING, name="Demo")
    again = form.answer(form.back(draft), "name", "Other")
    assert (again.answers["name"], form.next_field(again).id) == ("Other", "whose")


def test_start_over_works_at_any_field_and_leaves_nothing(form):
    for draft, _ in steps(form):
        assert form.start_over(draft) == Draft()


def test_start_over_does_not_forget_that_family_was_mentioned(form):
    assert form.start_over(Draft(family_mentioned=True)).family_mentioned


def test_skipping_a_needed_question_is_refused_with_words(form):
    assert form.skip(told(form, **OPENING), "name") == form.words.problems["needed"]


def test_any_line_can_be_edited_and_the_form_returns_to_the_preview(form):
    draft = complete(form)
    changed = form.answer(form.edit(draft, "name"), "name", "Other")
    assert form.ready(changed)
    assert changed.answers == draft.answers | {"name": "Other"}


def test_editing_what_is_not_asked_changes_nothing(form):
    draft = complete(form)
    assert form.edit(draft, "parent_danger") == draft


def test_another_contact_is_asked_about_anew(form):
    draft = form.answer(complete(form), "phone", "07400 654321")
    assert form.next_field(draft).id == "safe"


def test_the_same_contact_again_is_not(form):
    assert form.ready(form.answer(complete(form), "phone", REST["phone"]))


def test_an_answer_can_be_taken_back_by_skipping(form):
    draft = form.skip(complete(form), "area")
    assert form.ready(draft)
    assert "area" not in form.answers(draft)


def test_editing_an_opening_answer_can_close_the_form(form):
    draft = form.answer(complete(form), "age_group", "13_to_17")
    assert not form.ready(draft)
    assert form.route(draft).way == "person"


def test_before_the_first_question_it_says_who_may_ask_for_the_words(form):
    for line in ("could be asked for by the police or a court", "You do not need to say what", "Demonstration"):
        assert line in form.introduction()
