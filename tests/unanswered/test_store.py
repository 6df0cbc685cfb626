"""Questions that were not answered: two people make an example of each, and the person's words go."""

from datetime import date

import pytest

from bot.privacy.holds import Holds
from bot.referrals.sealing import RotatingVault, rewrap_all
from bot.referrals.store import ReferralStore
from bot.unanswered.export import as_nlu
from bot.unanswered.model import Refused
from tests.conftest import KEY
from tests.referrals.conftest import complete, real_form, yes
from tests.unanswered.conftest import DAY, NOW, TOPIC, TOPICS, WORDS, started

NEW = "who tells me the date of the hearing"
OTHER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def rewrite(unanswered, question, text=NEW, topic=TOPIC, by="anna", now=NOW):
    unanswered.rewrite(question.id, text, topic, TOPICS, by=by, now=now)


def problem_of(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.problem


def hold(database, vault, conversation):
    return Holds(database, vault).place(
        "conversation",
        conversation,
        reason="A court asked",
        by="sam",
        role="supervisor",
        review_on=date(2027, 2, 1),
        today=date(2027, 1, 15),
        now=NOW,
    )


# --- two people


def test_one_writes_and_another_approves_and_the_persons_words_are_gone(unanswered, asked):
    question = asked()
    rewrite(unanswered, question)
    unanswered.approve(question.id, NOW, by="bea", now=NOW + 1)
    (example,) = unanswered.approved()
    assert (example.topic, example.text, example.rewritten_by, example.approved_by) == (TOPIC, NEW, "anna", "bea")
    assert unanswered.find(question.id) is None
    assert unanswered.groups() == []


def test_whoever_writes_does_not_approve_or_send_back(unanswered, asked):
    question = asked()
    rewrite(unanswered, question)
    assert problem_of(lambda: unanswered.approve(question.id, NOW, by="anna", now=NOW)) == "same_person"
    assert problem_of(lambda: unanswered.send_back(question.id, by="anna")) == "same_person"
    assert unanswered.approved() == []


def test_whoever_writes_it_anew_does_not_approve_either(unanswered, asked):
    question = asked()
    rewrite(unanswered, question)
    rewrite(unanswered, question, "when do they go to court", by="bea", now=NOW + 1)
    assert problem_of(lambda: unanswered.approve(question.id, NOW + 1, by="bea", now=NOW)) == "same_person"


def test_what_was_written_anew_since_it_was_read_is_not_approved_unread(unanswered, asked):
    question = asked()
    rewrite(unanswered, question)
    rewrite(unanswered, question, "when do they go to court", now=NOW + 1)
    assert problem_of(lambda: unanswered.approve(question.id, NOW, by="bea", now=NOW)) == "changed"


def test_nothing_is_approved_that_nobody_wrote(unanswered, asked):
    question = asked()
    assert problem_of(lambda: unanswered.approve(question.id, NOW, by="bea", now=NOW)) == "changed"


def test_what_is_sent_back_waits_for_another(unanswered, asked):
    question = asked()
    rewrite(unanswered, question)
    unanswered.send_back(question.id, by="bea")
    found = unanswered.find(question.id)
    assert (found.state, found.rewriting, found.rewritten_by) == ("open", "", "")


def test_what_teaches_nothing_is_deleted(unanswered, asked):
    question = asked()
    unanswered.drop(question.id)
    assert unanswered.find(question.id) is None
    assert unanswered.approved() == []


@pytest.mark.parametrize(
    ("text", "topic", "problem"),
    [
        (" \n", TOPIC, "empty"),
        ("a" * 201, TOPIC, "too_long"),
        (WORDS, TOPIC, "too_close"),
        (NEW, "right_99/nothing", "unknown_topic"),
        ("ring 07700 900123 about it", TOPIC, "tells"),
    ],
)
def test_what_is_no_example_is_refused_and_nothing_is_kept_of_it(unanswered, asked, text, topic, problem):
    question = asked()
    assert problem_of(lambda: rewrite(unanswered, question, text, topic)) == problem
    assert unanswered.find(question.id) == question


def test_what_is_not_there_cannot_be_worked_on(unanswered):
    for act in (
        lambda: unanswered.rewrite(7, NEW, TOPIC, TOPICS, by="anna", now=NOW),
        lambda: unanswered.approve(7, NOW, by="bea", now=NOW),
        lambda: unanswered.send_back(7, by="bea"),
        lambda: unanswered.drop(7),
    ):
        assert problem_of(act) == "not_found"


# --- what staff see


def test_questions_stand_by_topic_with_how_many_wait(unanswered, asked):
    rewrite(unanswered, asked())
    asked()
    asked(topic="oos/housing")
    assert [(one.topic, one.open, one.rewritten) for one in unanswered.groups()] == [
        (TOPIC, 1, 1),
        ("oos/housing", 1, 0),
    ]


def test_questions_of_a_conversation_that_becomes_restricted_are_seen_no_more(
    database, unanswered, asked, conversation
):
    question = asked()
    form = real_form()
    draft = complete(form, insider="yes")
    ReferralStore(database, RotatingVault([KEY]), form).submit(
        draft, yes(form, draft), "message-1", NOW, conversation=conversation
    )
    assert unanswered.find(question.id) is None
    assert unanswered.groups() == unanswered.of_topic(TOPIC) == []
    assert problem_of(lambda: rewrite(unanswered, question)) == "not_found"
    assert unanswered.purge(NOW - DAY) == 1


# --- sealed, and gone in time


def test_no_words_stand_in_the_clear(database, unanswered, asked):
    question = asked("canary original words here")
    rewrite(unanswered, question, "canary example")
    with database.connect() as db:
        assert "canary" not in str(db.exec_driver_sql("SELECT * FROM unanswered").all())


def test_each_question_has_a_key_of_its_own_that_can_be_changed(database, unanswered, asked):
    asked(), asked()
    with database.connect() as db:
        assert len(set(db.exec_driver_sql("SELECT key FROM unanswered").scalars())) == 2
    assert rewrap_all(database, RotatingVault([OTHER_KEY, KEY])) == 2
    assert type(unanswered)(database, RotatingVault([OTHER_KEY])).of_topic(TOPIC)[0].original == WORDS


def test_whoever_erases_a_conversation_erases_its_questions(unanswered, asked, store, conversation):
    mine, other = asked(), asked(of=started(store), topic="oos/housing")
    store.erase(conversation)
    assert unanswered.find(mine.id) is None
    assert unanswered.find(other.id) is not None


def test_a_question_outlives_the_conversations_own_time_and_leads_back_to_none(database, unanswered, asked, store):
    question = asked()
    assert store.purge(NOW + 1) == 1
    assert unanswered.find(question.id).original == WORDS
    with database.connect() as db:
        assert db.exec_driver_sql("SELECT conversation FROM unanswered").scalar() is None


def test_it_is_deleted_after_its_time_whatever_was_made_of_it(unanswered, asked):
    rewrite(unanswered, asked(at=NOW - 15 * DAY))
    young = asked(at=NOW - 13 * DAY)
    assert unanswered.purge(NOW - 14 * DAY) == 1
    assert [one.id for one in unanswered.of_topic(TOPIC)] == [young.id]


def test_what_is_under_a_hold_stays_though_nobody_works_on_it_any_more(
    database, unanswered, asked, conversation, vault
):
    question = asked()
    placed = hold(database, vault, conversation)
    rewrite(unanswered, question)
    unanswered.approve(question.id, NOW, by="bea", now=NOW)
    assert unanswered.find(question.id) is None
    assert unanswered.purge(NOW + DAY) == 0
    Holds(database, vault).lift(placed, by="sam", role="supervisor", now=NOW + DAY)
    assert unanswered.purge(NOW + DAY) == 1


def test_erasing_a_conversation_under_a_hold_keeps_its_questions(
    database, unanswered, asked, conversation, store, vault
):
    question = asked()
    hold(database, vault, conversation)
    assert not store.erase(conversation)
    assert unanswered.find(question.id) is not None


# --- to be trained with


def test_approved_examples_are_a_file_of_training_examples(unanswered, asked):
    for topic, text in ((TOPIC, NEW), (TOPIC, "Court date: who says?"), ("oos/housing", "the council wants me out")):
        question = asked()
        rewrite(unanswered, question, text, topic)
        unanswered.approve(question.id, NOW, by="bea", now=NOW)
    assert as_nlu(unanswered.approved()) == (
        "version: '3.1'\nnlu:\n- intent: oos__housing\n  examples: |\n    - the council wants me out\n"
        "- intent: right_07__court_dates\n  examples: |\n"
        "    - who tells me the date of the hearing\n    - Court date: who says?\n"
    )


def test_an_example_that_stands_twice_is_written_once(unanswered, asked):
    for _ in range(2):
        question = asked()
        rewrite(unanswered, question)
        unanswered.approve(question.id, NOW, by="bea", now=NOW)
    assert as_nlu(unanswered.approved()).count(NEW) == 1
