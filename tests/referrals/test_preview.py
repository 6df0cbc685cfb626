"""Consent is to exactly what was shown, and to nothing else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referrals.preview import ConsentVoid, check, preview
from tests.referrals.conftest import REST, complete, real_form, yes


def test_every_answer_that_is_sent_has_a_line_that_can_be_edited(form):
    draft = complete(form)
    shown = preview(form, draft)
    assert [line.number for line in shown.lines] == list(range(1, len(shown.lines) + 1))
    assert set(form.answers(draft)) <= {line.field for line in shown.lines}
    for line in shown.lines:
        assert form.next_field(form.edit(draft, line.field)).id == line.field


def test_the_preview_says_to_whom_why_how_long_and_how_to_withdraw(form):
    text = preview(form, complete(form)).text
    for part in ("Victim Support", "Why:", "30 days", "90 days", "change your mind", "identity not checked"):
        assert part in text


def test_answers_are_shown_as_they_will_be_read(form):
    text = preview(form, complete(form)).text
    for part in ("+44 7400 123456", "Someone to talk to; My rights and the police", "I prefer not to say", "pineapple"):
        assert part in text


def test_what_was_skipped_is_shown_as_not_given(form):
    draft = form.skip(complete(form), "area")
    assert "Area: not given" in preview(form, draft).text


def test_a_guarded_and_restricted_referral_says_so(form):
    shown = preview(form, complete(form, family="yes", insider="not_sure"))
    assert "no letter, no home phone, no relative" in shown.text
    assert "not the police" in shown.text


def test_what_is_not_sent_is_not_in_it(form):
    assert {"insider", "family", "clear"}.isdisjoint(form.answers(complete(form, insider="yes", family="yes")))


def test_braces_in_an_answer_are_only_braces(form):
    assert "{recipient}" in preview(form, complete(form, name="{recipient}")).text


def test_consent_to_what_was_shown_holds(form):
    draft = complete(form)
    check(form, draft, yes(form, draft))


@pytest.mark.parametrize("changed", [{"name": "Other"}, {"voicemail": "yes"}, {"help": ["court"]}, {"crime": "theft"}])
def test_consent_does_not_hold_for_a_changed_answer(form, changed):
    draft = complete(form)
    with pytest.raises(ConsentVoid):
        check(form, complete(form, **changed), yes(form, draft))


def test_consent_does_not_hold_once_somebody_may_work_here(form):
    draft = complete(form)
    with pytest.raises(ConsentVoid):
        check(form, complete(form, insider="yes"), yes(form, draft))


def test_consent_to_another_wording_does_not_hold(form):
    draft = complete(form)
    old = msgspec.structs.replace(yes(form, draft), version="0")
    with pytest.raises(ConsentVoid):
        check(form, draft, old)


def test_nothing_can_be_agreed_to_before_all_is_settled(form):
    draft = form.edit(complete(form), "name")
    with pytest.raises(ConsentVoid):
        check(form, draft, yes(form, draft))


@given(st.sampled_from(["name", "safe_times", "code_word"]), st.text(min_size=1, max_size=30).filter(str.strip))
def test_the_preview_shows_whatever_will_be_sent(field, text):
    form = real_form()
    after = form.answer(complete(form), field, text)
    if not isinstance(after, str):
        assert f": {after.answers[field]}" in preview(form, after).text
        assert after.answers[field] == form.answers(after)[field]


def test_the_defaults_stand_in_the_preview(form):
    text = preview(form, form.skip(complete(form, **REST), "voicemail")).text
    assert "They may leave a voicemail or send a text: No" in text
