"""Talking to a person from the first words to the last, through the gateway's core with the real actions."""

import asyncio

import msgspec
import pytest

from bot.conversation.turns import GO_ON
from bot.handoff.words import END, GO, LEAVE, STAY
from bot.rights.answers import intent_of
from bot.store.conversations import Memory
from bot.store.tables import conversations, inbox
from tests.action_engine import ActionEngine
from tests.conversation.hand_off_parts import FORM, INTENTS, PERSON, Parts
from tests.conversation.test_core import ATTACHED, DANGER, QUESTION, WATCHED
from tests.handoff.conftest import AMIRA, OFFICER

ASKED = "/" + intent_of("right_06/investigation_updates")


@pytest.fixture
def parts(sqlite, vault, settings):
    return Parts(sqlite, vault, settings, ActionEngine(INTENTS))


@pytest.fixture
async def talk(parts):
    return await parts.talk()


# --- before


async def test_who_is_there_is_said_by_role_and_organisation_and_never_by_name(talk):
    await talk.say(PERSON)
    assert "Victim Support, an adviser (Monday to Friday 8am to 8pm" in talk.text
    assert "The police, an adviser" in talk.text
    assert "commissioner" not in talk.text.lower()
    assert "Amira" not in talk.text


async def test_it_says_first_that_words_may_be_asked_for(talk):
    await talk.say(PERSON)
    assert "could be asked for by the police or a court" in talk.text


async def test_questions_come_in_their_order_and_the_preview_last(talk):
    await talk.say(PERSON)
    assert await talk.fill() == ["age_group", "insider", "organisation", "told", "contact"]
    assert talk.last[-1].display == "consent"


async def test_all_but_whom_to_talk_to_may_be_skipped(talk):
    await talk.say(PERSON)
    await talk.fill(age_group=None, insider=None, told=None, contact=None)
    assert talk.step.startswith("preview")


async def test_the_preview_shows_exactly_what_staff_will_see(parts, talk):
    await talk.wait(contact="me@example.org", seen="no")
    await talk.parts.conversations.settle()
    found = parts.desk.claim(AMIRA, talk.standing.id, parts.clock.now)
    shown = parts.desk.open(AMIRA, found.id, parts.clock.now).shown
    assert (shown.told, shown.contact, shown.child) == ("i need help with court", "me@example.org", False)


async def test_each_line_of_the_preview_can_be_changed(talk):
    await talk.say(PERSON)
    await talk.fill()
    await talk.say("change line 4")
    assert talk.step == "told"
    await talk.say("something else")
    assert "What you tell them: something else" in talk.text


async def test_the_topic_is_shown_and_can_be_taken_out(parts):
    talk = await parts.talk()
    memory = Memory(carry=[{"event": "slot", "name": "last_topic", "value": "right_06/investigation_updates"}])
    await remember(parts, talk, memory)
    await talk.say(PERSON)
    await talk.fill()
    assert "Topic: not given" not in talk.text
    await talk.choose("edit:topic")
    assert "Topic: not given" in talk.text


async def test_no_means_that_nobody_sees_anything(parts, talk):
    await talk.say(PERSON)
    await talk.fill()
    await talk.choose("do_not_send")
    assert "Nothing was shown to anyone." in talk.text
    assert parts.desk.queue(AMIRA) == []


async def test_a_bare_yes_is_asked_about_again(parts, talk):
    await talk.say(PERSON)
    await talk.fill()
    await talk.say("yes")
    assert talk.step.startswith("preview")
    assert parts.desk.queue(AMIRA) == []


async def test_the_yes_under_an_older_list_does_not_show_the_newer_one(parts, talk):
    await talk.say(PERSON)
    await talk.fill()
    older, payload = talk.last, FORM % (talk.step, "send")
    await talk.choose("edit:told")
    await talk.say("other words")
    await talk.press(payload, older)
    assert parts.desk.queue(AMIRA) == []
    assert talk.step.startswith("preview")


@pytest.mark.parametrize("step", ["age_group", "insider", "organisation", "told", "contact"])
async def test_stopping_works_at_every_question_and_leaves_nothing(talk, step):
    await talk.say(PERSON)
    await talk.fill(until=step)
    await talk.choose("control:stop")
    assert "Nothing was shown to anyone." in talk.text and "Your answers are deleted here." in talk.text
    assert talk.step is None


async def test_what_was_typed_into_the_form_is_forgotten_once_it_is_agreed_to(parts, talk):
    await talk.wait(told="CANARY")
    with parts.database.connect() as db:
        key = (await talk.fresh()).key
        kept = [parts.vault.open(key, row.body) for row in db.execute(inbox.select()).all()]
    assert "CANARY" not in repr(kept)


@pytest.mark.parametrize("answer", ["yes", "not_sure"])
async def test_a_contact_that_somebody_else_may_see_is_not_kept(talk, answer):
    await talk.say(PERSON)
    await talk.fill(contact="me@example.org", seen=answer)
    assert "Safe contact: not given" in talk.text


async def test_a_child_below_13_gets_childline_and_no_form(parts, talk):
    await talk.say(PERSON)
    await talk.choose("under_13")
    assert "Childline" in talk.text + repr(talk.last[-1].contacts)
    assert talk.step is None


async def test_from_13_to_17_the_line_about_telling_others_comes_first(talk):
    await talk.say(PERSON)
    await talk.choose("13_to_17")
    assert "they may have to tell people whose job is to keep you safe" in talk.text


async def test_where_somebody_may_know_them_the_force_is_not_offered(parts, talk):
    found = await talk.wait(age_group="18_or_over", insider="yes")
    assert (found.organisation, found.restricted) == ("victim_support", True)
    assert parts.desk.queue(OFFICER) == []


async def test_what_the_referral_was_told_is_not_asked_again(parts, talk):
    draft = {"draft": {"answers": {"age_group": "18_or_over", "insider": "yes"}}}
    await remember(parts, talk, Memory(carry=[{"event": "slot", "name": "referral", "value": draft}]))
    await talk.say(PERSON)
    assert talk.step == "told"


async def test_who_may_work_here_is_asked_once_whatever_is_asked_for(parts, talk):
    await talk.wait(insider=None)
    await talk.press(LEAVE)
    await talk.say(PERSON)
    assert "insider" not in await talk.fill()
    slots = {one.get("name"): one.get("value") for one in (await talk.fresh()).memory.carry}
    assert slots["insider"] == "skipped"


# --- nobody there


async def test_out_of_hours_nobody_is_offered_but_what_can_be_done_now(parts, talk):
    parts.clock.forward(hours=9)
    await talk.say(PERSON)
    assert "Nobody from staff is there now." in talk.text
    assert "Victim Support: Monday to Friday 8am to 8pm" in talk.text
    assert {contact.name for contact in talk.last[-1].contacts} >= {"Victim Support (Supportline)"}
    assert [one for one in talk.payloads if "call_back" in one] and "/referral" in talk.payloads


async def test_nobody_is_offered_who_is_not_on_duty(parts, talk):
    parts.duty.there = []
    await talk.say(PERSON)
    assert "Nobody from staff is there now." in talk.text
    assert talk.step is None


async def test_who_went_off_duty_meanwhile_is_not_waited_for(parts, talk):
    await talk.say(PERSON)
    await talk.fill()
    parts.duty.there, step = [], talk.step
    parts.clock.forward(seconds=5)
    await talk.press(FORM % (step, "send"))
    with pytest.raises(AssertionError):
        _ = talk.standing


async def test_a_call_back_is_asked_for_with_window_and_code_word(parts, talk):
    parts.clock.forward(hours=9)
    await talk.say(PERSON)
    await talk.press('/speak_to_human{"form_answer": "call_back"}')
    asked = await talk.fill()
    assert asked == ["age_group", "insider", "organisation", "number", "number_seen", "window", "code_word", "told"]
    assert "Number: +44 " in talk.text
    await talk.choose("send")
    assert "They ring Thursday 26 November, 8am to 10am, and at no other time" in talk.text
    (call_back,) = parts.desk.call_backs.to_make(AMIRA)
    parts.desk.call_backs.take(AMIRA, call_back.id, parts.clock.now)
    assert parts.desk.call_backs.open(AMIRA, call_back.id, parts.clock.now).number == ""


async def test_a_phone_that_somebody_else_may_answer_is_not_rung(parts, talk):
    parts.clock.forward(hours=9)
    await talk.say(PERSON)
    await talk.press('/speak_to_human{"form_answer": "call_back"}')
    await talk.fill(until="number_seen")
    await talk.choose("not_sure")
    assert "It does not sound safe to ring you now" in talk.text
    assert talk.step is None and parts.desk.call_backs.to_make(AMIRA) == []


async def test_without_a_console_it_stays_as_it_was(sqlite, vault, settings):
    parts = Parts(sqlite, vault, settings, ActionEngine(INTENTS))
    parts.conversations._turns._hand_offs = None
    talk = await parts.talk()
    await talk.say(PERSON)
    assert "Nobody from staff can join this chat yet." in talk.text
    assert talk.step is None


# --- waiting


async def test_the_place_and_an_honest_wait_are_told(talk):
    await talk.wait()
    assert "Your place: 1." in talk.text and "I cannot say how long it will take." in talk.text
    assert (talk.last[-1].hand_off.state, talk.last[-1].hand_off.place) == ("waiting", 1)


async def test_while_waiting_the_engine_is_not_asked_and_that_is_said_once(parts, talk):
    await talk.wait()
    asked = len(parts.engine.asked)
    await talk.say(QUESTION)
    assert "Your words are kept for the person who comes" in talk.text
    assert await talk.say("hello?") == []
    assert len(parts.engine.asked) == asked


async def test_leaving_the_queue_brings_the_bot_back(parts, talk):
    await talk.wait()
    await talk.press(LEAVE)
    assert talk.last[-1].hand_off.state == "ended"
    assert parts.desk.queue(AMIRA) == []
    assert (await talk.say("what now"))[-1].text


async def test_the_token_lives_an_hour_while_waiting(parts, talk):
    await talk.wait()
    await parts.conversations.find(talk.token)
    parts.clock.forward(minutes=59)
    assert await parts.conversations.find(talk.token) is not None
    parts.clock.forward(minutes=61)
    assert await parts.conversations.find(talk.token) is None


# --- talking


async def test_from_the_take_over_on_nothing_comes_but_the_words_of_staff(parts, talk):
    found = await talk.talks()
    for text in (QUESTION, PERSON, "cancel", "menu"):
        assert await talk.say(text) == []
    parts.desk.send(AMIRA, found.id, "a", "Hello.", parts.clock.now)
    assert [reply.text for reply in await talk.read()] == ["Hello."]
    lines = [one.text for one in parts.desk.open(AMIRA, found.id, parts.clock.now).lines if one.by == "person"]
    assert lines == [QUESTION, PERSON, "cancel", "menu"]


async def test_a_button_of_before_reaches_staff_as_what_it_says(parts, talk):
    await talk.say("zzz")
    before = talk.last
    found = await talk.talks()
    button = next(one for reply in before for one in reply.buttons)
    assert await talk.press(button.payload, before) == []
    (line,) = [one for one in parts.desk.open(AMIRA, found.id, parts.clock.now).lines if one.by == "person"]
    assert (line.text, line.button) == (button.title, True)


async def test_danger_still_gets_its_card_raises_an_alert_and_reaches_staff(parts, talk):
    found = await talk.talks()
    await talk.say(DANGER)
    assert talk.last[-1].display == "card" and "999" in repr(talk.last[-1].contacts)
    assert "gateway:answer" not in talk.payloads
    opened = parts.desk.open(AMIRA, found.id, parts.clock.now)
    assert DANGER in [one.text for one in opened.lines]
    assert opened.hand_off.urgent and opened.alerts == ["immediate_danger"]


async def test_a_weaker_sign_gets_its_card_and_nothing_else(talk):
    await talk.talks()
    assert [reply.display for reply in await talk.say(ATTACHED)] == ["card"]


async def test_danger_while_waiting_jumps_the_queue(parts):
    first, second = await parts.talk(), await parts.talk()
    one = await first.wait()
    parts.clock.forward(seconds=10)
    other = await second.wait()
    await second.say(DANGER)
    assert [found.id for found in parts.desk.queue(AMIRA)] == [other.id, one.id]


async def test_behind_the_quiet_card_staff_write_nothing_until_the_person_goes_on(parts, talk):
    found = await talk.talks()
    await talk.say(WATCHED)
    assert [reply.display for reply in talk.last] == ["quiet"]
    assert parts.desk.open(AMIRA, found.id, parts.clock.now).hand_off.quiet
    await talk.press(GO_ON)
    assert "You are talking to Amira." in talk.text
    assert not talk.standing.quiet


async def test_a_talk_that_ended_behind_the_quiet_card_is_told_of_afterwards(parts, talk):
    found = await talk.talks()
    quiet = await talk.say(WATCHED)
    parts.desk.end(AMIRA, found.id, "safety", parts.clock.now)
    assert await talk.read() == []
    await talk.press(GO_ON, quiet)
    assert talk.last[-1].hand_off.state == "ended"


async def test_the_person_ends_the_talk_and_may_say_how_it_was(parts, talk):
    await talk.talks()
    await talk.press(END)
    assert talk.last[0].hand_off.state == "ended"
    await talk.press(next(one for one in talk.payloads if one.endswith("helped:yes")))
    assert "say things again" in talk.text
    await talk.press(next(one for one in talk.payloads if one.endswith("said_again:no")))
    assert parts.desk.feedback(AMIRA) == {"helped": {"yes": 1}, "said_again": {"no": 1}}


async def test_the_questions_may_be_left_unanswered(parts, talk):
    await talk.talks()
    await talk.press(END)
    await talk.press(next(one for one in talk.payloads if one.endswith("helped:")))
    assert parts.desk.feedback(AMIRA) == {}
    assert talk.payloads == []


async def test_afterwards_the_bot_knows_the_topic_and_a_second_hand_off_works(parts, talk):
    carry = [{"event": "slot", "name": "last_topic", "value": "right_06/investigation_updates"}]
    await remember(parts, talk, Memory(carry=carry))
    first = await talk.talks()
    parts.desk.end(AMIRA, first.id, "answered", parts.clock.now)
    slots = {one.get("name"): one.get("value") for one in (await talk.fresh()).memory.carry}
    assert slots["last_topic"] == "right_06/investigation_updates"
    second = await talk.wait()
    assert second.id != first.id
    assert "Your place: 1." in talk.text


async def test_a_message_that_staff_have_not_yet_got_when_they_end_is_answered_by_the_bot(parts, talk):
    found = await talk.talks()
    standing = parts.desk.person.standing

    def and_then_they_end_it(hand_off):
        seen = standing(hand_off)
        if seen.state == "talking":
            parts.desk.end(AMIRA, found.id, "answered", parts.clock.now)
        return seen

    parts.desk.person.standing = and_then_they_end_it
    await talk.say("zzz one more thing")
    assert parts.engine.asked[-1].text == "zzz one more thing" if parts.engine.asked else talk.last[-1].text
    assert "zzz one more thing" not in [one.text for one in parts.desk.open(AMIRA, found.id, parts.clock.now).lines]


# --- another organisation


@pytest.mark.parametrize(("answer", "organisation"), [(GO, "police"), (STAY, "victim_support")])
async def test_the_person_decides_whether_another_organisation_goes_on(parts, talk, answer, organisation):
    found = await talk.talks()
    parts.desk.propose(AMIRA, found.id, "police", parts.clock.now)
    await talk.read()
    await talk.press(answer)
    assert talk.standing.organisation == organisation


# --- silence, and people who leave


async def test_a_long_silence_is_asked_about_and_then_ends_kindly(parts, talk):
    found = await talk.talks()
    parts.desk.send(AMIRA, found.id, "a", "Hello.", parts.clock.now)
    parts.clock.forward(minutes=11)
    await parts.conversations.keep_hand_offs()
    await parts.conversations.keep_hand_offs()
    assert [reply.text.partition("?")[0] for reply in await talk.read()] == ["Hello.", "Are you still there"]
    parts.clock.forward(minutes=11)
    await parts.conversations.find(talk.token)
    await parts.conversations.keep_hand_offs()
    assert "It has been quiet for a while" in "".join(reply.text for reply in await talk.read())
    assert (await talk.fresh()).hand_off is None


async def test_who_waits_for_a_word_of_staff_goes_back_to_their_place(parts, talk):
    await talk.talks()
    await talk.say("are you there")
    parts.clock.forward(minutes=21)
    await parts.conversations.keep_hand_offs()
    assert talk.standing.state == "waiting"
    assert "had to leave" in "".join(reply.text for reply in await talk.read())


async def test_a_queue_without_staff_is_not_kept_waiting(parts, talk):
    await talk.wait()
    parts.duty.there = []
    for _ in range(2):
        await parts.conversations.keep_hand_offs()
        parts.clock.forward(minutes=4)
    await parts.conversations.keep_hand_offs()
    assert "Nobody is there any more" in "".join(reply.text for reply in await talk.read())


async def test_staff_who_are_back_soon_cost_nobody_their_place(parts, talk):
    await talk.wait()
    there, parts.duty.there = parts.duty.there, []
    await parts.conversations.keep_hand_offs()
    parts.duty.there = there
    parts.clock.forward(minutes=4)
    await parts.conversations.keep_hand_offs()
    assert talk.standing.state == "waiting"


async def test_who_moves_up_is_told(parts):
    first, second = await parts.talk(), await parts.talk()
    one = await first.wait()
    await second.wait()
    assert "Your place: 2." in second.text
    parts.desk.claim(AMIRA, one.id, parts.clock.now)
    parts.clock.forward(minutes=2)
    await parts.conversations.keep_hand_offs()
    assert "Your place: 1." in "".join(reply.text for reply in await second.read())


async def test_who_has_closed_the_page_is_taken_out_of_the_queue(parts, talk):
    await talk.wait()
    await parts.conversations.away(talk.token)
    parts.clock.forward(minutes=3)
    await parts.conversations.keep_hand_offs()
    assert parts.desk.queue(AMIRA) == []


async def test_leaving_ends_the_hand_off(parts, talk):
    await talk.talks()
    await parts.conversations.end(talk.conversation)
    await parts.conversations.keep_hand_offs()
    assert parts.desk.talks(AMIRA) == []


async def test_erasing_during_a_talk_leaves_no_words(parts, talk):
    found = await talk.talks(told="CANARY")
    await talk.say("CANARY")
    await parts.conversations.erase(talk.conversation)
    assert "CANARY" not in repr(parts.desk.open(AMIRA, found.id, parts.clock.now))


async def test_answers_about_talks_are_purged_after_their_time(parts, talk):
    await talk.talks()
    await talk.press(END)
    await talk.press(next(one for one in talk.payloads if one.endswith("helped:yes")))
    parts.clock.forward(days=parts.settings.feedback_retention_days + 2)
    await parts.conversations.purge()
    assert parts.desk.feedback(AMIRA) == {}


# --- typing, and other processes


async def test_typing_is_told_both_ways(parts, talk):
    found = await talk.talks()
    parts.desk.typing(AMIRA, found.id, parts.clock.now)
    assert await parts.conversations.staff_types_until(await talk.fresh()) > parts.clock.now
    await parts.conversations.person_types(await talk.fresh())
    assert parts.desk.lines(AMIRA, found.id)[0].person_typing_until > parts.clock.now


async def test_a_word_of_staff_is_there_at_once_for_who_waits_for_it(parts, talk):
    found = await talk.talks()
    parts.conversations.listen()
    waiting = asyncio.ensure_future(parts.conversations.replies(talk.conversation, talk._cursor, 25.0))
    await asyncio.sleep(0)
    await asyncio.to_thread(parts.desk.send, AMIRA, found.id, "a", "Hello.", parts.clock.now)
    assert [one.reply.text for one in await asyncio.wait_for(waiting, 20)] == ["Hello."]
    await parts.conversations.close()


async def test_staff_know_each_message_the_moment_it_is_stored(parts, talk):
    found = await talk.talks()
    heard = []
    parts.desk.room.fanout.listen(heard.append)
    await talk.say("hello")
    assert f"conversation:{found.conversation}" in heard


# --- the alert of a chat without a hand-off


async def test_staff_on_duty_may_open_a_chat_with_an_alert_and_the_person_is_told(parts, talk):
    await talk.say("CANARY before")
    await talk.say(DANGER)
    (alert,) = parts.desk.alerts.to_see(AMIRA)
    _, lines = parts.desk.alerts.open(AMIRA, alert.id, parts.clock.now)
    assert DANGER in [one.text for one in lines] and "CANARY" not in repr(lines)
    assert "Staff on duty were shown your last words" in "".join(reply.text for reply in await talk.read())


async def remember(parts, talk, memory):
    """Put something into the memory of a conversation, as an earlier turn would have."""
    found = await talk.fresh()
    memory = msgspec.structs.replace(found.memory, carry=memory.carry)
    with parts.database.begin() as db:
        sealed = parts.vault.seal(found.key, memory)
        db.execute(conversations.update().where(conversations.c.id == found.id).values(memory=sealed))
