"""What staff may do with hand-offs, on every kind of database we support."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.handoff.model import Refused
from tests.handoff.conftest import AMIRA, BEN, COMMISSIONER, LEAD, NOON, OFFICER, staff


def texts(people, found):
    return [reply.text for reply in people.hears(found)]


def refused(act, *args):
    with pytest.raises(Refused) as error:
        act(*args)
    return error.value.problem


def test_who_asked_waits_in_the_queue_of_the_organisation_they_chose(desk, people):
    found = people.ask()
    assert [one.id for one in desk.queue(AMIRA)] == [found.id]
    assert desk.queue(OFFICER) == []


def test_safety_comes_first_then_the_clock_then_who_asked_first(desk, people):
    first, second, third = (people.ask(now=NOON + after) for after in (0, 1, 2))
    people.says(third, "help", now=NOON + 3, urgent=True)
    assert [one.id for one in desk.queue(AMIRA)] == [third.id, first.id, second.id]


def test_claiming_tells_the_person_who_is_there(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON + 5)
    last = people.hears(found)[-1]
    assert (last.hand_off.state, last.hand_off.adviser) == ("talking", "Amira")
    assert "Amira from Victim Support is here now" in last.text


def test_a_second_claim_is_refused_and_ones_own_is_harmless(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    assert refused(desk.claim, BEN, found.id, NOON) == "taken"
    before = texts(people, found)
    desk.claim(AMIRA, found.id, NOON)
    assert texts(people, found) == before


def test_of_many_claims_at_once_one_wins(desk, people):
    found = people.ask()
    advisers = [staff(f"Adviser {n}") for n in range(6)]

    def claim(one):
        try:
            return desk.claim(one, found.id, NOON).staff
        except Refused:
            return None

    with ThreadPoolExecutor(6) as pool:
        winners = [one for one in pool.map(claim, advisers) if one]
    assert len(winners) == 1
    assert sum("is here now" in text for text in texts(people, found)) == 1


def test_words_of_staff_reach_the_person_in_order_and_once(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    for client_id, text in (("a", "one"), ("b", "two"), ("a", "one")):
        desk.send(AMIRA, found.id, client_id, text, NOON)
    assert texts(people, found)[-2:] == ["one", "two"]


def test_a_repeat_gives_the_first_line(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    assert desk.send(AMIRA, found.id, "a", "one", NOON).id == desk.send(AMIRA, found.id, "a", "one", NOON).id


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_sent_without_words(desk, people, text):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    assert refused(desk.send, AMIRA, found.id, "a", text, NOON) == "empty"


def test_only_who_has_the_talk_may_write(desk, people):
    found = people.ask()
    assert refused(desk.send, AMIRA, found.id, "a", "hello", NOON) == "taken"
    desk.claim(BEN, found.id, NOON)
    assert refused(desk.send, AMIRA, found.id, "a", "hello", NOON) == "taken"


def test_nothing_is_written_while_somebody_may_be_reading_beside_the_person(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    people.says(found, "he is here", quiet=True)
    heard = texts(people, found)
    assert refused(desk.send, AMIRA, found.id, "a", "hello", NOON) == "quiet"
    desk.end(AMIRA, found.id, "safety", NOON)
    assert texts(people, found) == heard


def test_staff_see_what_was_agreed_to_and_said_since_and_nothing_before(desk, people, store):
    conversation = people.start()
    people.work(conversation, "CANARY before", lambda db, inbox: None, NOON)
    found = people.ask(conversation, topic="Updates", told="my words", contact="a@example.org")
    people.says(found, "while waiting")
    desk.claim(AMIRA, found.id, NOON)
    desk.send(AMIRA, found.id, "a", "hello", NOON)
    people.says(found, "hi")
    opened = desk.open(AMIRA, found.id, NOON)
    assert (opened.shown.topic, opened.shown.told, opened.shown.contact) == ("Updates", "my words", "a@example.org")
    assert [(one.by, one.text) for one in opened.lines if one.by != "service"] == [
        ("person", "while waiting"),
        ("staff", "hello"),
        ("person", "hi"),
    ]
    assert "CANARY" not in repr(opened)


def test_lines_are_read_on_from_the_last_one_seen(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    line = desk.send(AMIRA, found.id, "a", "one", NOON)
    people.says(found, "two")
    assert [one.text for one in desk.lines(AMIRA, found.id, line.id)[1]] == ["two"]


def test_one_that_waits_or_is_a_colleagues_cannot_be_opened_but_by_a_supervisor(desk, people):
    found = people.ask()
    assert refused(desk.open, AMIRA, found.id, NOON) == "taken"
    desk.claim(BEN, found.id, NOON)
    assert refused(desk.open, AMIRA, found.id, NOON) == "taken"
    assert desk.open(LEAD, found.id, NOON).hand_off.staff == BEN.id


@pytest.mark.parametrize("other", [OFFICER, COMMISSIONER, staff("Chief", "police", "supervisor", restricted=True)])
def test_another_organisation_finds_nothing(desk, people, other):
    found = people.ask()
    for act in (desk.claim, desk.open, desk.release):
        assert refused(act, other, found.id, NOON) == "not_found"
    assert refused(desk.note, other, found.id, "note", NOON) == "not_found"
    assert refused(desk.open, other, 4711, NOON) == "not_found"


def test_a_restricted_one_is_seen_by_the_named_supervisor_only(desk, people):
    found = people.ask(organisation="commissioner", restricted=True)
    named = staff("Named", "commissioner", "supervisor", restricted=True)
    assert desk.queue(COMMISSIONER) == []
    assert refused(desk.claim, COMMISSIONER, found.id, NOON) == "not_found"
    assert [one.id for one in desk.queue(named)] == [found.id]


def test_the_force_never_sees_a_restricted_one(desk, people):
    found = people.ask(organisation="police", restricted=True)
    named = staff("Named", "police", "supervisor", restricted=True)
    assert desk.queue(named) == []
    assert refused(desk.claim, named, found.id, NOON) == "not_found"


def test_restricting_takes_a_talk_away_from_the_force(desk, people):
    found = people.ask(organisation="police")
    desk.claim(OFFICER, found.id, NOON)
    people.says(found, "before")
    desk.restrict(OFFICER, found.id, NOON)
    assert refused(desk.lines, OFFICER, found.id) == "not_found"
    desk.claim(AMIRA, found.id, NOON)
    assert "before" not in [one.text for one in desk.open(AMIRA, found.id, NOON).lines]


def test_what_was_restricted_once_stays_so_in_a_later_hand_off(desk, people):
    conversation = people.start()
    first = people.ask(conversation, restricted=True)
    desk.claim(AMIRA, first.id, NOON)
    desk.end(AMIRA, first.id, "other", NOON)
    assert people.ask(conversation, organisation="police").restricted


def test_a_transfer_to_a_colleague_keeps_all_that_was_said(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    people.says(found, "hi")
    desk.transfer(AMIRA, found.id, BEN, NOON)
    assert "Ben from Victim Support goes on" in texts(people, found)[-1]
    assert "hi" in [one.text for one in desk.open(BEN, found.id, NOON).lines]
    assert refused(desk.send, AMIRA, found.id, "z", "late", NOON) == "taken"


def test_nobody_of_another_organisation_can_be_given_one(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    assert refused(desk.transfer, AMIRA, found.id, OFFICER, NOON) == "not_allowed"


def test_only_a_supervisor_assigns(desk, people):
    found = people.ask()
    assert refused(desk.assign, AMIRA, found.id, BEN, NOON) == "not_allowed"
    assert desk.assign(LEAD, found.id, BEN, NOON).staff == BEN.id


def test_going_back_into_the_queue_keeps_the_place_of_asking(desk, people):
    first, second = people.ask(now=NOON), people.ask(now=NOON + 60)
    desk.claim(AMIRA, first.id, NOON + 70)
    desk.release(AMIRA, first.id, NOON + 80)
    assert [one.id for one in desk.queue(AMIRA)] == [first.id, second.id]
    assert people.hears(first)[-1].hand_off.place == 1


class TestAnotherOrganisation:
    """Going on with another organisation: by consent only, and it sees nothing that was said until then."""

    @pytest.fixture
    def proposed(self, desk, people):
        found = people.ask(told="agreed to")
        desk.claim(AMIRA, found.id, NOON)
        people.says(found, "SECRET")
        desk.note(AMIRA, found.id, "our note", NOON)
        desk.propose(AMIRA, found.id, "police", NOON)
        return found

    def answer(self, desk, people, found, go):
        conversation = people.store.get(found.conversation)
        people.work(conversation, "", lambda db, inbox: desk.person.answer(db, found.id, go, NOON + 1), NOON)

    def test_the_person_is_asked_first(self, desk, people, proposed):
        assert "The police may help you better" in texts(people, proposed)[-1]
        assert desk.queue(OFFICER) == []

    def test_yes_puts_them_into_the_other_queue(self, desk, people, proposed):
        self.answer(desk, people, proposed, go=True)
        assert [one.id for one in desk.queue(OFFICER)] == [proposed.id]
        assert refused(desk.open, AMIRA, proposed.id, NOON) == "not_found"
        desk.claim(OFFICER, proposed.id, NOON + 2)
        opened = desk.open(OFFICER, proposed.id, NOON + 2)
        assert opened.shown.told == "agreed to"
        assert "SECRET" not in repr(opened) and "our note" not in repr(opened)

    def test_no_leaves_all_as_it_was(self, desk, people, proposed):
        self.answer(desk, people, proposed, go=False)
        assert people.now(proposed).staff == AMIRA.id
        with pytest.raises(Refused):
            self.answer(desk, people, proposed, go=True)

    def test_nobody_is_proposed_who_is_not_there(self, desk, people, proposed):
        assert refused(desk.propose, AMIRA, proposed.id, "commissioner", NOON) == "nobody"

    def test_the_force_is_not_proposed_for_a_restricted_one(self, desk, people):
        found = people.ask(restricted=True)
        desk.claim(AMIRA, found.id, NOON)
        assert refused(desk.propose, AMIRA, found.id, "police", NOON) == "nobody"


def test_ending_needs_a_known_code_and_asks_two_questions(desk, people, store):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    assert refused(desk.end, AMIRA, found.id, "nonsense", NOON) == "unknown"
    desk.end(AMIRA, found.id, "answered", NOON)
    said = people.hears(found)
    assert [reply.hand_off.state for reply in said if reply.hand_off][-1] == "ended"
    assert "Did it help" in said[-1].text
    assert store.get(found.conversation).hand_off is None


def test_after_the_end_nothing_can_be_sent(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    desk.end(AMIRA, found.id, "answered", NOON)
    assert refused(desk.send, AMIRA, found.id, "a", "wait", NOON) == "over"
    assert refused(desk.claim, BEN, found.id, NOON) == "over"


def test_a_talk_that_the_person_ended_waits_for_its_code(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    conversation = people.store.get(found.conversation)
    people.work(conversation, "", lambda db, inbox: desk.person.leave(db, found.id, "talking", NOON), NOON)
    assert [one.id for one in desk.without_code(AMIRA)] == [found.id]
    desk.wrap_up(AMIRA, found.id, "answered", NOON)
    assert desk.without_code(AMIRA) == []


def test_each_act_and_each_opening_is_noted_without_words(desk, people, record):
    found = people.ask(told="CANARY")
    desk.claim(AMIRA, found.id, NOON)
    desk.open(AMIRA, found.id, NOON)
    desk.note(AMIRA, found.id, "CANARY", NOON)
    desk.end(AMIRA, found.id, "answered", NOON)
    assert [act for _, act, _ in record.acts] == ["hand_off.claim", "hand_off.open", "hand_off.note", "hand_off.end"]
    assert "CANARY" not in repr(record.acts)


def test_typing_shows_for_a_while_and_ends_with_the_message(desk, people):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    desk.typing(AMIRA, found.id, NOON)
    desk.person.types(found.id, NOON)
    assert people.now(found).staff_typing_until > NOON < people.now(found).person_typing_until
    desk.send(AMIRA, found.id, "a", "hello", NOON + 1)
    people.says(found, "hi", now=NOON + 1)
    assert people.now(found).staff_typing_until == people.now(found).person_typing_until == 0.0


def test_words_and_notes_are_erased_with_the_conversation_and_only_times_stay(desk, people, store):
    found = people.ask(told="CANARY")
    desk.claim(AMIRA, found.id, NOON)
    desk.note(AMIRA, found.id, "CANARY", NOON)
    store.erase(found.conversation)
    gone = people.now(found)
    assert (gone.conversation, gone.state, gone.ended_by) == (None, "ended", "erased")
    assert "CANARY" not in repr(desk.open(AMIRA, found.id, NOON))


def test_what_was_handed_over_is_kept_for_its_own_time(desk, people, store):
    waited, talked = people.ask(), people.ask()
    desk.claim(AMIRA, talked.id, NOON)
    desk.end(AMIRA, talked.id, "answered", NOON)
    conversation = people.store.get(waited.conversation)
    people.work(conversation, "", lambda db, inbox: desk.person.leave(db, waited.id, "waiting", NOON), NOON)
    assert store.purge(NOON + 1) == 1
    assert store.get(talked.conversation) is not None
    assert desk.upkeep.purge(NOON + 1) == 1
    assert store.get(talked.conversation) is None


def test_an_open_hand_off_is_never_purged(desk, people, store):
    found = people.ask()
    assert store.purge(NOON + 1e9) == 0
    assert store.get(found.conversation) is not None


def test_answers_about_a_talk_lead_to_nobody(desk, people, database):
    found = people.ask()
    desk.claim(AMIRA, found.id, NOON)
    for answer in ("no", "yes"):
        with database.begin() as db:
            about = {"organisation": "victim_support", "question": "helped", "answer": answer, "now": NOON}
            desk.person.judge(db, found.conversation, found.id, **about)
    assert desk.feedback(AMIRA) == {"helped": {"yes": 1}}
    assert desk.feedback(OFFICER) == {}
