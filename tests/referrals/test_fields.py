"""What counts as an answer to each question."""

import pytest

from bot.referrals.draft import Draft
from tests.referrals.conftest import LANDLINE, MOBILE, OPENING, REST, complete, told

ASKED = list(OPENING) + list(REST)


def test_the_minimum_fields_are_asked_in_order(form):
    draft, asked = Draft(), []
    given = OPENING | REST
    while (field := form.next_field(draft)) is not None:
        asked.append(field.id)
        draft = form.answer(draft, field.id, given[field.id])
    assert asked == ASKED


def test_only_opening_questions_a_name_and_one_way_of_contact_are_needed(form):
    draft, needed = Draft(), []
    given = OPENING | REST
    while (field := form.next_field(draft)) is not None:
        if form.question(draft, field).can_skip and field.id != "age_group":
            draft = form.skip(draft, field.id)
        else:
            needed.append(field.id)
            draft = form.answer(draft, field.id, given[field.id])
    assert needed == ["about", "age_group", "clear", "seen", "name", "whose", "route", "phone", "safe"]
    assert form.ready(draft)


def test_no_question_asks_what_happened(form):
    asked = " ".join(f"{words.question} {words.help}" for words in form.words.fields.values()).lower()
    for story in ("tell us what happened", "describe", "what did", "how did it happen"):
        assert story not in asked
    assert max(field.most for field in form.file.fields) <= 254


def test_every_question_has_words_for_itself_and_all_its_choices(form):
    assert set(form.words.fields) == {field.id for field in form.file.fields}
    for field in form.file.fields:
        assert list(form.words.fields[field.id].choices) == field.choices


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("07400 123456", "+447400123456"), ("+44 7400 123 456", "+447400123456"), ("+48 512 345 678", "+48512345678")],
)
def test_phone_numbers_are_british_unless_they_say_otherwise(form, typed, kept):
    assert told(form, **OPENING, whose="mine", route="call", phone=typed).answers["phone"] == kept


@pytest.mark.parametrize("typed", ["999", "12345", "call me", "07400 12345", "0909 879 0000", "0800 1111"])
def test_what_is_no_persons_number_is_not_taken(form, typed):
    draft = told(form, **OPENING, whose="mine", route="call")
    assert isinstance(form.answer(draft, "phone", typed), str)


def test_a_text_needs_a_mobile_number(form):
    draft = told(form, **OPENING, whose="mine", route="text")
    assert form.answer(draft, "phone", LANDLINE) == form.words.problems["mobile"]


def test_a_call_may_go_to_a_landline(form):
    assert told(form, **OPENING, whose="mine", route="call", phone=LANDLINE).answers["phone"] == "+441214960123"


@pytest.mark.parametrize("typed", ["demo@example.org", "a.b+c@mail.example.org"])
def test_an_email_address_is_taken(form, typed):
    assert told(form, **OPENING, whose="mine", route="email", email=typed).answers["email"] == typed


@pytest.mark.parametrize(
    "typed", ["demo", "demo@", "@example.org", "a b@example.org", "a@b@example.org", "a@example", "a@x.org,b@x.org"]
)
def test_what_is_no_email_address_is_not(form, typed):
    draft = told(form, **OPENING, whose="mine", route="email")
    assert form.answer(draft, "email", typed) == form.words.problems["email"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("b13", "B13"),
        ("B13 9AB", "B13"),
        ("B139AB", "B13"),
        ("cv1", "CV1"),
        ("SW1A 1AA", "SW1A"),
        ("W1A", "W1A"),
        ("birmingham", "Birmingham"),
        ("Stratford-upon-Avon", "Stratford-upon-Avon"),
    ],
)
def test_an_area_is_a_council_or_the_first_half_of_a_postcode_and_no_more_is_kept(form, typed, kept):
    assert form.answer(told(form, **OPENING), "area", typed).answers["area"] == kept


@pytest.mark.parametrize("typed", ["12 High Street", "B1399AB9", "13", "B13; DROP TABLE"])
def test_an_address_is_no_area(form, typed):
    assert form.answer(told(form, **OPENING), "area", typed) == form.words.problems["area"]


def test_a_choice_may_be_typed_in_its_own_words(form):
    assert told(form, about="yes, about me.").answers == {"about": "me"}


def test_several_choices_may_be_typed_with_commas(form):
    draft = form.answer(told(form, **OPENING), "help", "someone to talk to, My rights and the police")
    assert draft.answers["help"] == ["talk", "rights"]


def test_one_choice_whose_words_have_a_comma_may_be_typed(form):
    draft = form.answer(told(form, **OPENING), "help", "Practical help, such as locks or forms")
    assert draft.answers["help"] == ["practical"]


def test_nobody_can_see_it_and_somebody_can_is_asked_again(form):
    opening = {key: OPENING[key] for key in ("about", "age_group", "clear")}
    assert form.answer(told(form, **opening), "seen", ["nobody", "phone"]) == form.words.problems["alone"]


@pytest.mark.parametrize("typed", ["", "   ", "\n\t"])
def test_blanks_are_no_name(form, typed):
    assert form.answer(told(form, **OPENING), "name", typed) == form.words.problems["empty"]


def test_a_story_does_not_fit(form):
    assert "60" in form.answer(told(form, **OPENING), "name", "x" * 61)


def test_line_breaks_never_reach_a_message(form):
    assert form.answer(told(form, **OPENING), "name", "Demo\r\nBcc: x@example.org").answers["name"] == (
        "Demo Bcc: x@example.org"
    )


@pytest.mark.parametrize("typed", ["not when my visa interview is", "after the Home Office meeting", "asylum hotel"])
def test_immigration_status_is_never_taken(form, typed):
    assert form.answer(told(form, **OPENING), "never_times", typed) == form.words.problems["immigration"]


@pytest.mark.parametrize("field", ["does_not_exist", "email", "parent_danger"])
def test_what_is_not_asked_cannot_be_answered(form, field):
    draft = told(form, **OPENING, whose="mine", route="call", phone=MOBILE)
    assert form.answer(draft, field, "yes") == form.words.problems["not_asked"]


def test_defaults_are_the_careful_ones(form):
    draft = complete(form, **{})
    for field in ("voicemail", "say_who"):
        draft = form.skip(draft, field)
    assert form.answers(draft)["voicemail"] == form.answers(draft)["say_who"] == "no"
