"""The conversation store, on every kind of database we support."""

import pytest

from bot.conversation.messages import Button, Command, Message, Reply
from bot.store.conversations import Conversation, ConversationStore, LeaseLost, Memory

NOW = 1_800_000_000.0
LATER = NOW + 900


@pytest.fixture
def conversation(store: ConversationStore) -> Conversation:
    store.start("token", "web", [Reply(text="first words")], NOW, LATER)
    found = store.find("token", NOW)
    assert found is not None
    return found


def finish(store: ConversationStore, conversation: Conversation, inbox: int, owner: str = "me", **changes) -> None:
    outcome = {"new_events": [], "new_replies": [], "new_commands": [], "memory": Memory(), "now": NOW} | changes
    store.finish(conversation, owner, inbox, **outcome)


def test_a_token_finds_its_conversation(store, conversation):
    assert store.find("token", NOW).id == conversation.id


def test_another_token_finds_nothing(store, conversation):
    assert store.find("guessed", NOW) is None


def test_a_token_ends_when_it_expires(store, conversation):
    assert store.find("token", LATER + 1) is None


def test_an_ended_conversation_is_not_found(store, conversation):
    store.end(conversation.id)
    assert store.find("token", NOW) is None


def test_the_same_client_id_is_accepted_once(store, conversation):
    message = Message(client_id="a", text="hello")
    first, again = store.accept(conversation, message, NOW), store.accept(conversation, message, NOW)
    assert (first[1], again) == (True, (first[0], False))


def test_messages_wait_in_the_order_they_came(store, conversation):
    for text in ("one", "two"):
        store.accept(conversation, Message(client_id=text, text=text), NOW)
    assert store.next_waiting(conversation).message.text == "one"


def test_each_look_at_a_waiting_message_counts_as_an_attempt(store, conversation):
    store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    assert [store.next_waiting(conversation).attempts for _ in range(2)] == [1, 2]


def test_finishing_stores_replies_events_memory_and_commands_at_once(store, conversation):
    inbox, _ = store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    store.lease(conversation.id, "me", NOW, LATER)
    finish(
        store,
        conversation,
        inbox,
        new_events=[{"event": "user"}],
        new_replies=[Reply(text="answer")],
        new_commands=[Command(kind="erase")],
        memory=Memory(waiting="q"),
    )
    now = store.get(conversation.id)
    assert [r.reply.text for r in store.replies_after(now, 0)] == ["first words", "answer"]
    assert store.recent_events(now, 10) == [{"event": "user"}]
    assert now.memory.waiting == "q"
    assert [one.kind for one in store.due_commands(NOW + 1, ("erase",))] == ["erase"]
    assert store.next_waiting(now) is None


def test_only_the_holder_of_the_lease_may_finish(store, conversation):
    inbox, _ = store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    store.lease(conversation.id, "other", NOW, LATER)
    with pytest.raises(LeaseLost):
        finish(store, conversation, inbox, new_replies=[Reply(text="answer")])
    assert len(store.replies_after(conversation, 0)) == 1


def test_a_message_is_finished_once(store, conversation):
    inbox, _ = store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    store.lease(conversation.id, "me", NOW, LATER)
    finish(store, conversation, inbox, new_replies=[Reply(text="answer")])
    with pytest.raises(LeaseLost):
        finish(store, conversation, inbox, new_replies=[Reply(text="answer")])
    assert len(store.replies_after(conversation, 0)) == 2


def test_a_lease_is_one_workers_until_it_ends(store, conversation):
    assert store.lease(conversation.id, "me", NOW, NOW + 30)
    assert not store.lease(conversation.id, "other", NOW + 10, NOW + 40)
    assert store.lease(conversation.id, "other", NOW + 31, NOW + 60)


def test_work_left_behind_is_found_once_the_lease_has_ended(store, conversation):
    store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    store.lease(conversation.id, "dead", NOW, NOW + 30)
    assert store.with_work(NOW + 10) == []
    assert store.with_work(NOW + 31) == [conversation.id]


def test_buttons_get_ids_and_only_those_are_known(store, conversation):
    inbox, _ = store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    store.lease(conversation.id, "me", NOW, LATER)
    finish(store, conversation, inbox, new_replies=[Reply(text="?", buttons=[Button(title="Yes", payload="/affirm")])])
    assert store.button(conversation, "2.0").payload == "/affirm"
    assert store.button(conversation, "2.1") is None
    assert store.button(conversation, "/affirm") is None


def test_only_the_last_turns_are_read(store, conversation):
    store.lease(conversation.id, "me", NOW, LATER)
    for turn in range(12):
        inbox, _ = store.accept(conversation, Message(client_id=str(turn), text="hello"), NOW)
        finish(store, conversation, inbox, new_events=[{"turn": turn}])
    assert [event["turn"] for event in store.recent_events(conversation, 10)] == list(range(2, 12))


def test_erasing_leaves_nothing(store, conversation):
    store.accept(conversation, Message(client_id="a", text="hello"), NOW)
    store.erase(conversation.id)
    assert store.get(conversation.id) is None
    assert store.with_work(NOW + 1000) == []


def test_purging_erases_only_what_was_not_touched(store, conversation):
    store.start("young", "web", [], NOW + 500, LATER)
    assert store.purge(NOW + 100) == 1
    assert store.get(conversation.id) is None
    assert store.find("young", NOW + 500) is not None
