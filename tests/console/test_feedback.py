"""The feedback inbox: what did not help, by topic, and what became of it."""

import pytest

from bot.console.feedback import FeedbackSection
from bot.store.feedback import Feedback, FeedbackStore
from bot.store.feedback_inbox import FeedbackInbox, ReasonMissing
from tests.console.conftest import as_staff

NOW = 1_800_000_000.0
ADVISER = as_staff("adviser")
TITLES = {"right_06/how_long": "How long it takes", "right_07/dates": "Dates of the trial"}


@pytest.fixture
def inbox(database, vault):
    return FeedbackInbox(database, vault)


@pytest.fixture
def given(database):
    """Gives a judgement; its id."""
    made = iter(range(100))

    def give(topic="right_06/how_long", helped=False, why="hard", at=NOW):
        one = Feedback(
            id=f"judgement-{next(made)}", topic=topic, right=6, language="en", helped=helped, why=why, given=at
        )
        FeedbackStore(database).give(one)
        return one.id

    return give


@pytest.fixture
def client(console, inbox):
    return console([FeedbackSection(inbox, TITLES, clock=lambda: NOW)])


def page(client, path="/feedback", who=ADVISER):
    return client.get(path, headers=who)


def save(client, one, who=ADVISER, **form):
    return client.post(f"/feedback/{one}", headers=who, data=form)


def test_what_did_not_help_is_listed_and_what_helped_is_only_counted(client, given):
    given()
    given("right_07/dates", helped=True, why=None)
    shown = page(client).text
    assert "1 answer that did not help" in shown
    assert "It was hard to understand" in shown
    assert "15 January 2027, 08:00" in shown


def test_totals_stand_by_topic_with_the_worst_first(inbox, given):
    given("right_07/dates", helped=True)
    given("right_07/dates")
    given()
    seen = given()
    inbox.mark(seen, "seen", "", by="staff-1", now=NOW)
    found = [(one.topic, one.helped, one.not_helped, one.new) for one in inbox.totals()]
    assert found == [("right_06/how_long", 0, 2, 1), ("right_07/dates", 1, 1, 1)]


def test_a_topic_and_a_state_can_be_asked_for(client, given, inbox):
    given()
    fixed = given("right_07/dates", why="wrong")
    inbox.mark(fixed, "fixed", "New wording", by="staff-1", now=NOW)
    assert "I think it is wrong" not in page(client).text
    assert "I think it is wrong" in page(client, "/feedback?state=fixed").text
    assert "I think it is wrong" in page(client, "/feedback?state=all&topic=right_07%2Fdates").text
    assert "There is nothing like that" in page(client, "/feedback?state=fixed&topic=right_06%2Fhow_long").text


def test_what_became_of_it_is_kept_with_who_when_and_why(client, given, inbox, recorded):
    one = given()
    assert save(client, one, state="kept", reason="The law says it so").status_code == 303
    kept = inbox.find(one)
    assert (kept.state, kept.staff, kept.marked, kept.reason) == (
        "kept",
        ADVISER["X-Staff"],
        NOW,
        "The law says it so",
    )
    assert recorded.named("feedback.mark") == [one]
    assert "The law says it so" not in str(recorded.acts)


@pytest.mark.parametrize("state", ["fixed", "kept"])
def test_it_is_not_put_aside_without_a_reason(client, given, inbox, state):
    one = given()
    answer = save(client, one, state=state, reason="   ")
    assert answer.status_code == 400
    assert "Say why, in a few words" in answer.text
    assert inbox.find(one).state == "new"


def test_seen_needs_no_reason(client, given, inbox):
    one = given()
    save(client, one, state="seen")
    assert inbox.find(one).state == "seen"


@pytest.mark.parametrize("state", ["", "new", "gone"])
def test_a_state_that_is_none_is_refused_and_the_reason_is_not_lost(client, given, inbox, state):
    one = given()
    answer = save(client, one, state=state, reason="My reason")
    assert answer.status_code == 400
    assert "Choose what became of it" in answer.text
    assert "My reason" in answer.text
    assert inbox.find(one).state == "new"


def test_the_reason_is_sealed(inbox, given, database):
    inbox.mark(given(), "fixed", "canary words", by="staff-1", now=NOW)
    with database.connect() as db:
        assert "canary" not in str(db.exec_driver_sql("SELECT * FROM feedback").all())


def test_a_second_thought_of_the_person_is_new_again(inbox, given, database):
    one = given()
    inbox.mark(one, "fixed", "Done", by="staff-1", now=NOW)
    again = Feedback(
        id=one, topic="right_06/how_long", right=6, language="en", helped=False, why="wrong", given=NOW + 1
    )
    FeedbackStore(database).give(again)
    assert (inbox.find(one).state, inbox.find(one).reason) == ("new", "")


def test_what_helped_cannot_be_marked(inbox, given):
    assert not inbox.mark(given(helped=True), "seen", "", by="staff-1", now=NOW)


def test_a_reason_of_blanks_is_none(inbox, given):
    with pytest.raises(ReasonMissing):
        inbox.mark(given(), "kept", "\n ", by="staff-1", now=NOW)


def test_what_is_not_there_is_not_found(client):
    assert page(client, "/feedback/nothing").status_code == 404
    assert save(client, "nothing", state="seen").status_code == 404


def test_a_form_of_another_session_changes_nothing(client, given, inbox):
    one = given()
    answer = save(client, one, who={**ADVISER, "X-CSRF-Token": "of another session"}, state="seen")
    assert answer.status_code == 403
    assert inbox.find(one).state == "new"


@pytest.mark.parametrize("role", ["administrator", "auditor", "case_officer"])
def test_other_roles_see_no_feedback(client, given, role):
    one = given()
    who = as_staff(role)
    assert [page(client, path, who).status_code for path in ("/feedback", f"/feedback/{one}")] == [403, 403]
