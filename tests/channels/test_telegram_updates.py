"""Everything the Bot API may send, generated from the library's classes: answered properly, or ignored safely."""

import pytest
from structlog.testing import capture_logs
from telegram import Update

from bot.channels.telegram.updates import meaning, readable
from tests.channels.generated import messages, updates

PERSONS = {"message", "edited_message", "callback_query", "my_chat_member"}


def test_there_is_an_example_of_every_type_the_library_knows():
    assert set(updates()) == {str(kind) for kind in Update.ALL_TYPES}


async def test_every_type_of_update_is_dealt_with_and_the_next_message_answered(person):
    with capture_logs() as logs:
        for kind, body in updates().items():
            await person._new({kind: body})
    assert [one for one in logs if one["event"] == "telegram.failed"] == []
    assert (await person.says("and now"))[-1] == "echo and now"


@pytest.mark.parametrize("kind", sorted(set(updates()) - PERSONS))
def test_what_does_not_come_from_a_person_in_a_private_chat_means_nothing(kind):
    assert meaning(Update.de_json({"update_id": 1, kind: updates()[kind]}, None)) is None


async def test_every_kind_of_message_is_answered_in_words_or_is_no_message_of_a_person(person, engine):
    with capture_logs() as logs:
        for content in messages().values():
            said = await person._new({"message": content})
            assert not said or any("I can only read words" in text for text in said)
    assert [one for one in logs if one["event"] in ("telegram.failed", "telegram.refused")] == []
    assert engine.asked == []


@pytest.mark.parametrize(
    "kind", ["photo", "voice", "sticker", "location", "venue", "contact", "poll", "document", "video_note", "story"]
)
def test_content_is_told_apart_from_telegrams_own_notes(kind):
    assert type(meaning(readable({"update_id": 1, "message": messages()[kind]}, None))).__name__ == "NotWords"


@pytest.mark.parametrize("kind", ["new_chat_members", "pinned_message", "write_access_allowed", "boost_added"])
def test_telegrams_own_notes_mean_nothing(kind):
    content = messages().get(kind)
    assert content is None or meaning(readable({"update_id": 1, "message": content}, None)) is None


@pytest.mark.parametrize("found", [{"update_id": 1}, {"update_id": 1, "message": 7}, {"update_id": 1, "message": {}}])
def test_what_cannot_be_read_means_nothing(found):
    update = readable(found, None)
    assert update is None or meaning(update) is None
