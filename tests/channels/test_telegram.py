"""Talking in Telegram: over HTTP to a stand-in of the Bot API, with a stand-in engine behind the real core."""

import pytest

from bot.channels.telegram.commands import COMMANDS
from bot.conversation.messages import Button, Contact, HandOff, Link, Message, Reply, Response
from bot.store.telegram_tables import telegram_chats
from tests.channels.bot_api import Refused, Visible
from tests.conftest import real_translations

QUESTION = "when do i get my phone back"
DANGER = "he is outside with a knife and he is trying to break in"
WATCHED = "hes sat right here"
POLISH = "kiedy dostanę z powrotem mój telefon od policji"


def answering(engine, *replies: Reply):
    """Have the engine answer everything with these replies."""

    async def answer(request):
        engine.asked.append(request)
        return Response(events=[], carry=[], replies=list(replies))

    engine.answer = answer


# --- conversations


async def test_the_first_message_gets_the_first_words_with_what_telegram_can_see_and_then_the_answer(person):
    first, answer = await person.says(QUESTION)
    assert "A computer answers" in first
    assert "Telegram can read and keep what is written here" in first
    assert "lock screen" in first
    assert answer == f"echo {QUESTION}"


async def test_what_telegram_can_see_is_said_once(person):
    await person.says(QUESTION)
    assert await person.says("and my bike") == ["echo and my bike"]


async def test_every_message_is_silent_and_protected(person):
    await person.says("/start")
    assert all(one["silent"] and one["protected"] for one in person.sees if one["mine"])
    assert len(person.texts) == 2


async def test_danger_gets_the_card_and_the_question_waits_behind_it(person, engine):
    await person.says("/start")
    card = await person.says(DANGER)
    assert "999" in card[0]
    assert len(engine.asked) == 1
    assert await person.presses("Answer my question") == [f"echo {DANGER}"]


async def test_a_quiet_card_stands_alone_in_the_chat(person):
    await person.says(QUESTION)
    await person.says(WATCHED)
    assert len(person.sees) == 1
    words = person.sees[0]["text"].lower() + " ".join(button["text"] for button in person.sees[0]["buttons"]).lower()
    for word in ("abuse", "victim", "police", "crime", "helpline", "999"):
        assert word not in words


async def test_while_someone_may_be_looking_nothing_but_the_quiet_card_is_said(person):
    await person.says(WATCHED)
    quiet = person.texts
    for content in ({"text": "/rights"}, {"text": "who is this"}, {"dice": {"emoji": "🎲", "value": 1}}):
        assert await person.sends(**content) == quiet
    assert len(person.sees) == 1


async def test_messages_of_one_chat_are_answered_in_order(person, api, engine):
    await person.says("/start")
    engine.pause.clear()
    for text in ("one", "two", "three"):
        last = await api.push(**person._put({"text": text}))
    await api.confirmed(last)
    engine.pause.set()
    await person.settle()
    assert person.texts[-3:] == ["echo one", "echo two", "echo three"]


async def test_two_people_do_not_see_each_other(world):
    one, other = world.person(), world.person(700_000_002)
    await one.says(QUESTION)
    await other.says("and mine")
    assert f"echo {QUESTION}" not in other.texts
    assert "echo and mine" not in one.texts


async def test_an_update_that_comes_twice_is_answered_once(person, world):
    update = {"update_id": 77, **person._put({"text": QUESTION})}
    for _ in range(2):
        assert await world.telegram.receive(as_update(world, update))
    await person.settle()
    assert person.texts.count(f"echo {QUESTION}") == 1


async def test_an_edited_message_is_a_correction(person):
    await person.says("when do i get my fone")
    mine = max(number for number, one in person.api.messages[person.address].items() if not one["mine"])
    assert await person.edits(mine, QUESTION) == [f"echo {QUESTION}"]


async def test_typing_is_shown_while_an_answer_is_worked_on(person, api, engine):
    await person.says("/start")
    engine.pause.clear()
    await api.push(**person._put({"text": QUESTION}))
    await api.until(lambda: api.sent("sendChatAction"))
    engine.pause.set()
    await person.settle()
    assert api.sent("sendChatAction")[0] == {"chat_id": person.address, "action": "typing"}


async def test_a_chat_that_was_silent_for_an_hour_begins_anew(person, clock):
    await person.says(QUESTION)
    clock.forward(minutes=61)
    assert "A computer answers" in (await person.says("hello there"))[0]


# --- commands


async def test_every_command_is_described_in_every_language_of_the_front_door(world, api):
    tags = {tag for tag in real_translations().tags if len(tag) == 2}
    assert set(api.commands) == {"", *tags}
    for tag, commands in api.commands.items():
        assert [one["command"] for one in commands] == list(COMMANDS)
        if tag:
            english = {one["command"]: one["description"] for one in api.commands[""]}
            same = {one["command"] for one in commands if one["description"] == english[one["command"]]}
            assert same <= {"start"}, tag


@pytest.mark.parametrize(
    ("command", "payload"),
    [("/start", "/menu"), ("/help", "/about_bot"), ("/case", "/case_status"), ("/person", "/speak_to_human")],
)
async def test_a_command_means_what_its_button_means(person, command, payload):
    assert (await person.says(command))[-1] == f"echo {payload}"


@pytest.mark.parametrize(("command", "words"), [("/rights", "Your 12 rights"), ("/support", "Victim Support")])
async def test_a_command_of_the_front_door_needs_no_engine(person, engine, command, words):
    assert words in (await person.says(command))[-1]
    assert engine.asked == []


async def test_languages_are_listed_in_pages(person):
    await person.says("/language")
    first = [button["text"] for button in person.sees[-1]["buttons"]]
    await person.presses("More")
    second = [button["text"] for button in person.sees[-1]["buttons"]]
    assert first[0] == "English"
    assert len(first) == len(second) == 9
    assert not set(first[:-1]) & set(second[:-1])


async def test_privacy_says_who_reads_along_and_what_is_kept(person):
    await person.says("hello")
    notice, kept = await person.says("/privacy")
    assert "Telegram can read" in notice
    assert kept == "echo /privacy"


@pytest.mark.parametrize(
    ("link", "payload"),
    [
        ("right_06", "/right_06__investigation_updates"),
        ("right_06__how_long", "/right_06__how_long"),
        ("case", "/case_status"),
    ],
)
async def test_a_link_of_a_leaflet_opens_its_topic(person, link, payload):
    assert (await person.says(f"/start {link}"))[-1] == f"echo {payload}"


@pytest.mark.parametrize("text", [f"/start {DANGER}", f"/help {DANGER}", f"/rights {DANGER}"])
async def test_words_behind_a_command_are_read_by_the_safety_gate(person, text):
    assert "999" in (await person.says(text))[-1]


@pytest.mark.parametrize("text", ["/case_status", '/form{"form_step": "x"}', "/restart", "/unknown"])
async def test_a_typed_payload_is_only_words(person, engine, text):
    await person.says(text)
    assert engine.asked[-1].payload is None


# --- languages


@pytest.mark.parametrize(("tag", "words"), [("cy", "cyfrifiadur"), ("ur", "کمپیوٹر")])
async def test_the_first_words_are_in_the_language_of_the_phone(world, tag, words):
    person = world.person(language=tag)
    assert words in (await person.says("/start"))[0].lower()


async def test_a_message_in_another_language_meets_its_front_door(person):
    assert any("I speak Polish" in text for text in await person.says(POLISH))


async def test_right_to_left_lines_begin_with_their_mark(world):
    person = world.person(language="ur")
    await person.says("/start")
    await person.says("/rights")
    rights = person.texts[-1].split("\n")
    assert len(rights) == 13
    assert all(line.startswith("\u200f") for line in rights[1:])


# --- buttons


async def test_a_button_works_once_and_all_of_its_message_go(person, engine):
    answering(engine, Reply(text="Which?", buttons=[Button(title="A", payload="/a"), Button(title="B", payload="/b")]))
    await person.says(QUESTION)
    number, message = max(person.api.messages[person.address].items())
    data = message["buttons"][0]["callback_data"]
    await person.presses("A")
    assert message["buttons"] == []
    asked = len(engine.asked)
    assert await person.sends_data(data, number) == []
    assert len(engine.asked) == asked
    assert "no longer works" in person.api.sent("answerCallbackQuery")[-1]["text"]


async def test_forged_data_does_nothing(person, engine):
    answering(engine, Reply(text="Which?", buttons=[Button(title="A", payload="/a")]))
    await person.says(QUESTION)
    number, message = max(person.api.messages[person.address].items())
    data = message["buttons"][0]["callback_data"]
    asked = len(engine.asked)
    for forged in ("", "2.0", "/a", data[:-1], data[:-1] + "g", "x" + data[1:], data.replace(".0.", ".1."), "b" * 64):
        assert await person.sends_data(forged, number) == []
    assert len(engine.asked) == asked


async def test_a_button_of_someone_else_does_nothing(world, engine):
    answering(engine, Reply(text="Which?", buttons=[Button(title="A", payload="/a")]))
    one, other = world.person(), world.person(700_000_002)
    for person in (one, other):
        await person.says(QUESTION)
    number, message = max(one.api.messages[one.address].items())
    asked = len(engine.asked)
    await other.sends_data(message["buttons"][0]["callback_data"], number)
    assert len(engine.asked) == asked


async def test_a_button_of_a_conversation_that_ended_does_nothing(person, engine, clock):
    answering(engine, Reply(text="Which?", buttons=[Button(title="A", payload="/a")]))
    await person.says(QUESTION)
    clock.forward(minutes=61)
    assert await person.presses("A") == []


async def test_hiding_a_card_deletes_it(person):
    await person.says(DANGER)
    card = person.texts[-1]
    await person.presses("Hide this")
    assert card not in person.texts


async def test_the_links_of_an_answer_stand_in_its_text_and_links_alone_are_buttons(person, engine):
    link = Link(title="GOV.UK: rights & costs", url="https://www.gov.uk/?a=1&b=2")
    answering(engine, Reply(text="Answer", links=[link], buttons=[Button(title="More on it", payload="/a")]))
    await person.says(QUESTION)
    assert '<a href="https://www.gov.uk/?a=1&amp;b=2">GOV.UK: rights &amp; costs</a>' in person.sees[-1]["html"]
    answering(engine, Reply(text="Answer", links=[link]))
    await person.says("again")
    assert person.sees[-1]["buttons"] == [{"text": link.title, "url": link.url}]


async def test_contacts_stand_below_the_words(person, engine):
    answering(engine, Reply(text="Ring <someone>", contacts=[Contact(name="A & B", number="0800 000", note="free")]))
    assert (await person.says(QUESTION))[-1] == "Ring <someone>\nA & B: \u20660800 000\u2069 (free)"


# --- leaving


async def test_erasing_deletes_what_a_bot_may_delete_and_says_what_stays(person, world):
    await person.says(QUESTION)
    await person.says("/erase")
    assert len(person.sees) == 1
    for words in ("under 48 hours", "Delete chat"):
        assert words in person.texts[0]
    assert world.store.with_work(world.clock().timestamp()) == []
    assert rows(world) == []


async def test_messages_older_than_48_hours_stay_and_are_no_longer_noted(person, clock):
    await person.says(QUESTION)
    before = len(person.sees)
    clock.forward(hours=49)
    await person.says("hello there")
    await person.says("/exit")
    assert len(person.sees) == before + 1


async def test_leaving_says_nothing_of_what_the_chat_was_about(person):
    await person.says(QUESTION)
    await person.says("/exit")
    for word in ("abuse", "victim", "police", "crime", "helpline", "rights", "999"):
        assert word not in person.texts[0].lower()


async def test_after_leaving_a_new_conversation_begins(person, engine):
    await person.says(QUESTION)
    await person.says("/exit")
    assert "A computer answers" in (await person.says("hello there"))[0]
    assert engine.asked[-1].events == []


async def test_the_exit_button_of_the_quiet_card_leaves(person):
    await person.says(WATCHED)
    await person.presses("Exit")
    assert len(person.sees) == 1
    assert "Delete chat" in person.texts[0]


async def test_erasing_where_nothing_is_says_the_same(person):
    assert "Delete chat" in (await person.says("/erase"))[0]


async def test_more_than_a_hundred_messages_are_deleted_in_several_calls(person, api, engine):
    answering(engine, *[Reply(text=str(number)) for number in range(120)])
    await person.says(QUESTION)
    await person.says("/exit")
    assert len(person.sees) == 1
    assert len(api.sent("deleteMessages")) == 2


async def test_a_typed_code_is_deleted(person):
    await person.says("hello there")
    await person.says("123 456")
    assert "123 456" not in [one["text"] for one in person.sees]
    assert person.texts[-1] == "echo 123 456"


# --- silence


async def test_nothing_is_sent_ten_minutes_after_the_person_wrote(person, world, clock):
    await person.says(QUESTION)
    await late_reply(world, person, clock)
    assert "from staff" not in person.texts
    assert "from staff" in await person.says("hello again")


async def test_who_agreed_is_told_once_that_there_is_a_reply(person, world, clock, engine):
    answering(engine, Reply(text="You are next.", hand_off=HandOff(state="waiting", place=1)))
    await person.says(QUESTION)
    await person.presses("Yes, send that")
    await late_reply(world, person, clock)
    await world.telegram._delivery.recover()
    assert person.texts.count("There is a reply.") == 1
    assert "from staff" not in person.texts


async def test_who_did_not_agree_is_not_told(person, world, clock, engine):
    answering(engine, Reply(text="You are next.", hand_off=HandOff(state="waiting", place=1)))
    await person.says(QUESTION)
    await person.presses("No, stay silent")
    await late_reply(world, person, clock)
    assert "There is a reply." not in person.texts


async def test_a_reply_that_comes_soon_is_sent(person, world):
    await person.says(QUESTION)
    say_as_staff(world, person)
    await world.telegram._delivery.recover()
    await person.settle()
    assert person.texts[-1] == "from staff"


def say_as_staff(world, person):
    """A reply that answers no message, as a colleague's would be stored."""
    conversation = world.store.get(rows(world)[0].conversation)
    now = world.clock().timestamp()
    world.store.lease(conversation.id, "staff", now, now + 5)
    world.store.notice(conversation, "staff", [Reply(text="from staff")])
    world.store.release(conversation.id, "staff")


async def late_reply(world, person, clock):
    clock.forward(minutes=11)
    say_as_staff(world, person)
    await world.telegram._delivery.recover()
    await person.settle()


# --- what else comes


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
        {"sticker": {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False}},
        {"location": {"latitude": 52.0, "longitude": -1.0}},
        {"contact": {"phone_number": "0", "first_name": "Nobody"}},
        {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                  "is_anonymous": True, "type": "regular", "allows_multiple_answers": False}},
        {"photo": "of a kind the library cannot read"},
        {"something_new": {"of": "Telegram"}},
    ],
    ids=lambda content: next(iter(content)),
)  # fmt: skip
async def test_what_is_no_words_is_answered_and_never_fetched(person, engine, content):
    await person.says("/rights")
    (said,) = await person.sends(**content)
    assert "I can only read words" in said
    assert "999" in said
    assert engine.asked == []


async def test_words_under_a_photo_are_read(person):
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    said = await person.sends(photo=photo, caption=DANGER)
    assert any("999" in text and "knife" not in text for text in said)


async def test_a_forwarded_message_is_read_like_any_other(person):
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Nobody"}
    assert (await person.sends(text=QUESTION, forward_origin=origin))[-1] == f"echo {QUESTION}"


async def test_telegrams_own_notes_are_ignored(person):
    assert await person.sends(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}) == []


async def test_a_location_that_moves_is_ignored(person, api):
    moved = {**person._message(5, {"location": {"latitude": 52.0, "longitude": -1.0}}), "edit_date": 1}
    assert await person._new({"edited_message": moved}) == []


async def test_a_group_is_left_politely_and_once(person, api):
    group = {"id": -100, "type": "group", "title": "Group"}
    added = {"chat": group, "from": person.user, "date": 1, "old_chat_member": member("left")}
    await person._new({"my_chat_member": {**added, "new_chat_member": member("member")}})
    await person._new({"message": {"message_id": 1, "date": 1, "chat": group, "from": person.user, "text": "hi"}})
    assert [one["text"] for one in api.messages[-100].values()] == [
        "I only work in private chats, so I am leaving this group."
    ]
    assert api.sent("leaveChat") == [{"chat_id": -100}]


async def test_who_blocks_the_bot_gets_nothing_more(person, world):
    await person.says(QUESTION)
    chat = {"chat": person.chat, "from": person.user, "date": 1, "old_chat_member": member("member")}
    await person._new({"my_chat_member": {**chat, "new_chat_member": {**member("kicked"), "until_date": 0}}})
    assert rows(world) == []


async def test_a_chat_that_is_gone_ends_its_conversation(person, api, world):
    await person.says(QUESTION)
    api.blocked.add(person.address)
    await person.says("hello there")
    assert world.store.get(rows(world)[0].conversation).state == "ended"


async def test_a_flood_of_messages_is_refused_once_with_the_emergency_line(open_world):
    person = (await open_world(messages_per_minute=2)).person()
    for text in ("one", "two"):
        await person.says(text)
    refused = await person.says("three")
    assert "wait a minute" in refused[0]
    assert "999" in refused[0]
    assert await person.says("four") == []


# --- trouble


async def test_a_flood_limit_of_telegram_is_waited_out(person, api):
    await person.says("hello there")
    api.flood.append("sendMessage")
    assert await person.says(QUESTION) == [f"echo {QUESTION}"]


async def test_what_telegram_does_not_take_holds_up_nothing(person, engine):
    answering(engine, Reply(text="Answer", links=[Link(title="Bad", url="tel:999")]), Reply(text="After it"))
    said = await person.says(QUESTION)
    assert "999" in said[-2]
    assert said[-1] == "After it"


async def test_a_broken_store_is_told_honestly_and_danger_still_gets_its_card(person, world, monkeypatch):
    await person.says("hello there")
    monkeypatch.setattr(world.store, "accept", broken)
    assert "Your words were not stored" in (await person.says(QUESTION))[0]
    assert "999" in (await person.says(DANGER))[0]
    assert await person.says(WATCHED) == [person.texts[-1]]


async def test_an_update_that_could_neither_be_stored_nor_answered_comes_again(person, world, api, monkeypatch):
    await person.says("hello there")
    with monkeypatch.context() as patch:
        patch.setattr(world.store, "accept", broken)
        api.down = True
        update = as_update(world, {"update_id": 9_000, **person._put({"text": QUESTION})})
        assert not await world.telegram.receive(update)
    api.down = False
    assert await world.telegram.receive(update)
    await person.settle()
    assert person.texts[-1] == f"echo {QUESTION}"


def broken(*_):
    from sqlalchemy.exc import OperationalError

    raise OperationalError("insert", {}, Exception("disk full"))


def test_the_stand_in_is_strict_about_html():
    for wrong in ("<b>", "</b>", "<div>x</div>", "a < b", "a & b", "&nbsp;"):
        with pytest.raises(Refused):
            Visible(wrong)


# --- helpers


def as_update(world, update):
    from telegram import Update

    return Update.de_json(update, world.telegram._app.bot)


def member(status):
    return {"status": status, "user": {"id": 1, "is_bot": True, "first_name": "Assistant"}}


def rows(world):
    with world.store._engine.begin() as db:
        return db.execute(telegram_chats.select()).fetchall()


def message_of(text):
    return Message(client_id=text, text=text)
