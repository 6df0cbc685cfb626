"""Questions that were not answered, in the console: two supervisors, none of them of the force."""

import uuid

import pytest

from bot.console.unanswered import UnansweredSection
from bot.conversation.messages import Reply
from bot.unanswered.store import Unanswered
from tests.console.conftest import CSRF, as_staff

NOW = 1_800_000_000.0
TOPIC = "right_07/court_dates"
TOPICS = {TOPIC: "Court dates", "oos/housing": "Not for us: housing"}
WORDS = "my ex got done by the police and nobody rang me when is he up"
NEW = "who tells me the date of the hearing"
ANNA = as_staff("supervisor", organisation="victim_support")
# Another person: the id of staff in these tests is the header itself.
BEA = as_staff("supervisor", "adviser", organisation="victim_support")
OFFICER = as_staff("supervisor", organisation="police")


@pytest.fixture
def unanswered(database, vault):
    return Unanswered(database, vault)


@pytest.fixture
def client(console, unanswered):
    return console([UnansweredSection(unanswered, TOPICS, clock=lambda: NOW)])


@pytest.fixture
def asked(database, unanswered, store):
    """Keeps a question; its id."""
    conversation = store.start(uuid.uuid4().hex, "web", [Reply(text="hello")], NOW, NOW + 1)

    def ask(text=WORDS, topic=TOPIC) -> int:
        with database.begin() as db:
            unanswered.keep(db, conversation, "unclear", topic, text, NOW)
        return unanswered.of_topic(topic)[-1].id

    return ask


def page(client, path="/unanswered", who=ANNA):
    return client.get(path, headers=who)


def rewrite(client, question, text=NEW, topic=TOPIC, who=ANNA):
    return client.post(f"/unanswered/{question}/rewrite", headers=who, data={"text": text, "topic": topic})


def approve(client, question, who=BEA, rewritten=repr(NOW)):
    return client.post(f"/unanswered/{question}/approve", headers=who, data={"rewritten": rewritten})


def test_topics_are_listed_without_a_word_of_anybodys(client, asked, recorded):
    asked()
    shown = page(client).text
    assert "Court dates" in shown
    assert WORDS not in shown
    assert recorded.acts == []


def test_whoever_reads_questions_is_noted(client, asked, recorded):
    question = asked()
    assert WORDS in page(client, f"/unanswered/about?topic={TOPIC}").text
    assert WORDS in page(client, f"/unanswered/{question}").text
    assert recorded.named("unanswered.read") == [TOPIC, str(question)]


def test_one_writes_and_another_approves(client, asked, unanswered, recorded):
    question = asked()
    assert rewrite(client, question).status_code == 303
    assert "Somebody else must approve it" in page(client, f"/unanswered/{question}").text
    shown = page(client, f"/unanswered/{question}", BEA).text
    assert NEW in shown
    assert repr(NOW) in shown
    assert approve(client, question).status_code == 303
    assert [example.text for example in unanswered.approved()] == [NEW]
    assert page(client, f"/unanswered/{question}").status_code == 404
    assert recorded.named("unanswered.rewrite") == recorded.named("unanswered.approve") == [str(question)]
    assert "Approved so far: 1" in page(client).text


def test_whoever_wrote_it_is_not_offered_to_approve_and_cannot(client, asked, unanswered):
    question = asked()
    rewrite(client, question)
    assert "/approve" not in page(client, f"/unanswered/{question}").text
    answer = approve(client, question, who=ANNA)
    assert answer.status_code == 400
    assert "Somebody else must decide on it" in answer.text
    assert unanswered.approved() == []


@pytest.mark.parametrize(
    ("text", "topic", "said"),
    [
        ("", TOPIC, "Write an example"),
        (WORDS, TOPIC, "still too close"),
        ("a" * 300, TOPIC, "at most 200 characters"),
        ("call 07700 900123 now", TOPIC, "Take out numbers"),
        (NEW, "", "Choose a topic"),
        (NEW, "right_99/none", "Choose a topic"),
    ],
)
def test_what_is_no_example_is_said_to_be_none_and_not_lost(client, asked, unanswered, text, topic, said):
    question = asked()
    answer = rewrite(client, question, text, topic)
    assert answer.status_code == 400
    assert "There is a problem" in answer.text
    assert said in answer.text
    assert text in answer.text
    assert unanswered.find(question).state == "open"


@pytest.mark.parametrize("rewritten", ["", "yesterday", "nan", repr(NOW - 1)])
def test_an_approval_of_what_was_not_read_is_refused(client, asked, unanswered, rewritten):
    question = asked()
    rewrite(client, question)
    answer = approve(client, question, rewritten=rewritten)
    assert answer.status_code == 400
    assert "Read it again" in answer.text
    assert unanswered.approved() == []


def test_an_example_can_be_sent_back_and_a_question_deleted(client, asked, unanswered, recorded):
    question = asked()
    rewrite(client, question)
    assert client.post(f"/unanswered/{question}/send-back", headers=BEA).status_code == 303
    assert unanswered.find(question).state == "open"
    assert client.post(f"/unanswered/{question}/drop", headers=BEA).status_code == 303
    assert unanswered.find(question) is None
    assert recorded.named("unanswered.send_back") == recorded.named("unanswered.drop") == [str(question)]


def test_nobody_in_the_force_reads_or_changes_one(client, asked, unanswered, recorded):
    question = asked()
    paths = ["/unanswered", f"/unanswered/about?topic={TOPIC}", f"/unanswered/{question}"]
    answers = [page(client, path, OFFICER) for path in paths]
    answers += [rewrite(client, question, who=OFFICER), approve(client, question, who=OFFICER)]
    answers += [client.post(f"/unanswered/{question}/{act}", headers=OFFICER) for act in ("send-back", "drop")]
    assert {answer.status_code for answer in answers} == {403}
    assert not any(WORDS in answer.text for answer in answers)
    assert unanswered.find(question).state == "open"
    assert len(recorded.named("refused")) == len(answers)


@pytest.mark.parametrize("role", ["adviser", "administrator", "auditor", "case_officer"])
def test_other_roles_read_none(client, asked, role):
    question = asked()
    who = as_staff(role, organisation="victim_support")
    assert [page(client, path, who).status_code for path in ("/unanswered", f"/unanswered/{question}")] == [403, 403]


@pytest.mark.parametrize("act", ["rewrite", "approve", "send-back", "drop"])
def test_a_form_of_another_session_changes_nothing(client, asked, unanswered, act):
    question = asked()
    headers = {**ANNA, "X-CSRF-Token": CSRF[::-1]}
    data = {"text": NEW, "topic": TOPIC}
    assert client.post(f"/unanswered/{question}/{act}", headers=headers, data=data).status_code == 403
    assert unanswered.find(question).state == "open"


@pytest.mark.parametrize("number", ["0", "999", "-1", "one", "١", "99999999999999999999"])
def test_what_is_not_there_is_not_found(client, number):
    assert page(client, f"/unanswered/{number}").status_code == 404
    assert rewrite(client, number).status_code == 404


def test_a_topic_without_questions_leads_back(client):
    answer = page(client, "/unanswered/about?topic=nothing")
    assert answer.headers["location"].startswith("/unanswered?done=")


def test_words_of_people_are_shown_as_words(client, asked):
    question = asked("<script>alert(1)</script> what is this thing")
    assert "<script>alert" not in page(client, f"/unanswered/{question}").text
