"""Papers in the conversation: the question about the device first, each line confirmed, nothing kept but the draft."""

from datetime import date, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from actions.context import answers
from actions.paper_context import papers as phrases
from actions.paper_context import words
from bot.conversation.messages import Message
from bot.settings import Settings
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault
from bot.store.tables import inbox
from tests.action_engine import ActionEngine
from tests.talking import NOW, Talk, core_with, talk_with, text_of, titles

B, DEVICE = words().buttons, phrases().device
CHARGED = "he was charged on Monday 2 November and nobody told me"
COMPLAIN, OUTLINE, MENU = "how do i complain", "what is a victim personal statement", "menu please"
TRAVEL = "can i get my travel to court paid?"
WARNING = "could be asked for by the police or a court"
OWN_WORDS = "I felt left out and I could not sleep"


@pytest.fixture
def action_engine() -> ActionEngine:
    return ActionEngine(
        {
            CHARGED: "right_06__charge_decision",
            COMPLAIN: "right_12__how_to_complain",
            OUTLINE: "right_07__what_is_a_vps",
            MENU: "menu",
            TRAVEL: "right_10__expenses",
            "yes": "affirm",
            # What is typed as one's own words may look like a topic.
            OWN_WORDS: "right_04__self_referral",
        }
    )


async def begin(talk: Talk, question: str, button: str, way: str = DEVICE.choices["screen"]) -> str:
    """Open a paper by its button, answer the question about the device; the next question."""
    await talk.say(question)
    await talk.press(button)
    return text_of(await talk.press(way))


async def complaint_by_clock(talk: Talk) -> str:
    """From what happened to the first line of the letter."""
    await talk.say(CHARGED)
    await talk.press("Yes, that is right")
    await talk.press("Write a complaint")
    return text_of(await talk.press(DEVICE.choices["screen"]))


# --- the device, and the court


@pytest.mark.parametrize(
    ("question", "button"),
    [
        (COMPLAIN, "Write a complaint"),
        (OUTLINE, "Plan my statement"),
        (MENU, "My rights now, on one page"),
        (MENU, "Write a complaint"),
        (MENU, "Plan my statement"),
    ],
)
async def test_before_any_paper_the_device_is_asked_about(talk: Talk, question: str, button: str) -> None:
    await talk.say(question)
    (asked,) = await talk.press(button)
    assert DEVICE.question in asked.text
    assert titles([asked]) == [*DEVICE.choices.values(), "Stop"]
    assert asked.display == "form"


@pytest.mark.parametrize(("question", "button"), [(COMPLAIN, "Write a complaint"), (OUTLINE, "Plan my statement")])
async def test_before_anything_is_typed_it_is_said_that_a_court_could_ask(
    talk: Talk, question: str, button: str
) -> None:
    await talk.say(question)
    assert WARNING in text_of(await talk.press(button))


async def test_on_screen_is_what_happens_where_the_question_is_skipped(talk: Talk) -> None:
    await talk.say(MENU)
    await talk.press("My rights now, on one page")
    replies = await talk.say("skip")
    assert replies[-1].documents[0].ways == ["screen"]


# --- the complaint


async def test_a_complaint_from_the_clock_knows_its_duty_and_day(talk: Talk) -> None:
    assert "Your letter will say:" in (first := await complaint_by_clock(talk))
    assert "The police must tell you about the charge" in first
    assert "happened on Monday 2 November 2026" in text_of(await talk.press(B.keep))


async def test_every_line_is_confirmed_and_the_letter_holds_just_those(talk: Talk) -> None:
    await complaint_by_clock(talk)
    await talk.press(B.keep)
    asked = text_of(await talk.press(B.keep))
    assert asked == words().ask["what_happened"]
    assert OWN_WORDS in text_of(await talk.say(OWN_WORDS))
    assert text_of(await talk.press(B.keep)) == words().ask["wants"]
    await talk.press("an apology")
    assert words().picked.format(title="an apology") in titles(await talk.press("the reasons for what was decided"))
    assert "• an apology\n• the reasons for what was decided" in text_of(await talk.press(B.done))
    notes, letter = await talk.press(B.keep)
    assert phrases().complaint.police_suspect in notes.text
    for part in (
        OWN_WORDS,
        "• an apology",
        "Monday 2 November 2026",
        "The last day for this was Monday 9 November 2026",
    ):
        assert part in letter.text
    assert letter.display == "card"


async def test_a_line_can_be_changed(talk: Talk) -> None:
    await complaint_by_clock(talk)
    assert text_of(await talk.press(B.change)) == words().ask["duty"]
    assert "The police must tell you about the charge and the first hearing" in titles(talk.last)


async def test_lines_can_be_left_out(talk: Talk) -> None:
    await complaint_by_clock(talk)
    await talk.press(B.keep)
    await talk.press(B.leave_out)
    await talk.press("Skip")
    _, letter = await talk.press(B.done)
    for part in ("November", phrases().complaint.what_happened, phrases().complaint.want):
        assert part not in letter.text


async def test_the_duty_itself_cannot_be_left_out(talk: Talk) -> None:
    await complaint_by_clock(talk)
    assert B.leave_out not in titles(talk.last)
    assert "Your letter will say:" in text_of(await talk.say("skip"))


async def test_a_complaint_without_the_clock_asks_which_duty_and_which_day(talk: Talk) -> None:
    asked = await begin(talk, COMPLAIN, "Write a complaint")
    assert asked == words().ask["duty"]
    await talk.press("The police must tell you when someone is arrested")
    assert text_of(await talk.press(B.keep)) == words().ask["day"]
    assert "Tuesday 10 November 2026" in text_of(await talk.say("10 November"))


async def test_no_letter_names_the_last_day_for_news_of_an_arrest(talk: Talk) -> None:
    await begin(talk, COMPLAIN, "Write a complaint")
    await talk.press("The police must tell you when someone is arrested")
    await talk.press(B.keep)
    await talk.say("10 November")
    await talk.press(B.keep)
    await talk.press("Skip")
    _, letter = await talk.press(B.done)
    assert "The last day for this" not in letter.text
    assert phrases().complaint.not_got in letter.text


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("31 February", words().no_such_day),
        ("1 December 2026", words().still_to_come),
        ("in October", words().two_days),
        ("no idea", words().no_day),
    ],
)
async def test_a_day_that_cannot_be_taken_is_asked_again(talk: Talk, said: str, problem: str) -> None:
    await begin(talk, COMPLAIN, "Write a complaint")
    await talk.press("The police must tell you when someone is arrested")
    await talk.press(B.keep)
    assert text_of(await talk.say(said)) == f"{problem}\n{words().ask['day']}"


async def test_where_two_may_answer_it_is_asked_who(talk: Talk, action_engine: ActionEngine) -> None:
    action_engine.intents["he got a caution on 2 November and nobody told me"] = "right_06__out_of_court"
    await talk.say("he got a caution on 2 November and nobody told me")
    await talk.press("Yes, that is right")
    await talk.press("Write a complaint")
    await talk.press(DEVICE.choices["screen"])
    assert text_of(await talk.press(B.keep)) == words().ask["body"]
    prosecutors = phrases().complaint.bodies["Crown Prosecution Service"].to
    assert prosecutors in text_of(await talk.press(prosecutors))


async def test_something_else_leads_to_the_answer_on_complaints(talk: Talk) -> None:
    await begin(talk, COMPLAIN, "Write a complaint")
    (reply,) = await talk.press(B.other_duty)
    assert reply.text == words().no_other_duty
    assert reply.buttons[0].payload == "/right_12__how_to_complain"


async def test_wishes_may_be_typed(talk: Talk) -> None:
    await complaint_by_clock(talk)
    await talk.press(B.keep)
    await talk.press(B.keep)
    await talk.press("Skip")
    assert "• a call from someone in charge" in text_of(await talk.say("a call from someone in charge"))


async def test_going_back_opens_the_line_before(talk: Talk) -> None:
    await complaint_by_clock(talk)
    await talk.press(B.keep)
    await talk.press(B.keep)
    assert text_of(await talk.say("go back")) == words().ask["day"]
    assert text_of(await talk.say("go back")) == words().ask["duty"]


async def test_a_question_in_between_is_answered_and_the_line_asked_again(talk: Talk) -> None:
    await complaint_by_clock(talk)
    await talk.press(B.keep)
    await talk.press(B.keep)
    replies = await talk.say(TRAVEL)
    assert replies[0].topic == "right_10/expenses"
    assert replies[-1].text.startswith(words().ask["what_happened"])


# --- the statement


async def test_the_statement_is_gone_through_section_by_section(talk: Talk) -> None:
    assert await begin(talk, OUTLINE, "Plan my statement") == words().how
    first, second, *rest = phrases().statement.sections
    assert first.heading in text_of(await talk.press(B.guided))
    assert second.heading in text_of(await talk.say(OWN_WORDS))
    for section in rest:
        assert section.heading in text_of(await talk.press("Skip"))
    notes, outline = await talk.press("Skip")
    assert phrases().statement.who_sees in notes.text
    assert f"{OWN_WORDS}" in outline.text
    assert all(section.heading in outline.text for section in phrases().statement.sections)


async def test_the_statement_may_be_ended_early_or_written_by_hand(talk: Talk) -> None:
    await begin(talk, OUTLINE, "Plan my statement")
    _, by_hand = await talk.press(B.by_hand)
    assert "____" in by_hand.text
    await begin(talk, OUTLINE, "Plan my statement")
    await talk.press(B.guided)
    await talk.say(OWN_WORDS)
    _, early = await talk.press(B.enough)
    assert OWN_WORDS in early.text


async def test_going_back_in_the_statement_opens_the_section_anew(talk: Talk) -> None:
    await begin(talk, OUTLINE, "Plan my statement")
    await talk.press(B.guided)
    await talk.say(OWN_WORDS)
    assert phrases().statement.sections[0].heading in text_of(await talk.say("go back"))
    _, outline = await talk.press(B.enough)
    assert OWN_WORDS not in outline.text


# --- the sheet


async def test_the_sheet_holds_what_was_confirmed(talk: Talk) -> None:
    await talk.say(CHARGED)
    await talk.press("Yes, that is right")
    await talk.press("My rights now, on one page")
    (sheet,) = await talk.press(DEVICE.choices["copy"])
    assert "by Monday 9 November 2026" in sheet.text
    assert sheet.documents[0].ways == ["copy"]
    assert "Victim Support (Supportline): 0808 16 89 111" in sheet.text


async def test_the_sheet_of_someone_who_told_nothing_has_the_main_topics(talk: Talk) -> None:
    sheet = await begin(talk, MENU, "My rights now, on one page")
    assert phrases().sheet.nothing in sheet
    catalogue = answers().catalogue
    edition = catalogue.edition(date(2026, 11, 25))
    assert all(catalogue.title(topic, edition) in sheet for topic in words().sheet_topics)


# --- languages, and what is kept


async def test_a_paper_that_is_to_be_downloaded_is_not_shown(talk: Talk) -> None:
    await begin(talk, MENU, "My rights now, on one page", DEVICE.choices["download"])
    assert phrases().sheet.title not in text_of(talk.last)
    assert talk.last[-1].documents[0].ways == ["download"]


async def test_only_the_draft_is_remembered(talk: Talk) -> None:
    await begin(talk, MENU, "My rights now, on one page")
    draft = await talk.paper()
    assert draft is not None
    assert (draft.kind, draft.made_on) == ("sheet", date(2026, 11, 25))


async def test_once_it_is_made_what_was_typed_for_it_is_forgotten(talk: Talk, sqlite: Engine, vault: Vault) -> None:
    await begin(talk, OUTLINE, "Plan my statement")
    await talk.press(B.guided)
    await talk.say(OWN_WORDS)
    assert OWN_WORDS in said_in(sqlite, vault, talk)
    await talk.press(B.enough)
    assert OWN_WORDS not in said_in(sqlite, vault, talk)


async def test_stopping_forgets_the_paper_and_says_so(talk: Talk, sqlite: Engine, vault: Vault) -> None:
    await begin(talk, MENU, "My rights now, on one page")
    await begin(talk, OUTLINE, "Plan my statement")
    await talk.press(B.guided)
    await talk.say(OWN_WORDS)
    assert "Your answers are deleted here" in text_of(await talk.say("stop"))
    assert OWN_WORDS not in said_in(sqlite, vault, talk)
    assert await talk.paper() is None
    assert not any(one.get("name") == "paper" for one in (await talk.memory()).carry)


async def test_the_next_paper_takes_the_place_of_the_one_before(talk: Talk) -> None:
    await begin(talk, MENU, "My rights now, on one page")
    await begin(talk, OUTLINE, "Plan my statement")
    await talk.press(B.by_hand)
    draft = await talk.paper()
    assert draft is not None
    assert draft.kind == "statement"


class Moved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Moved:
    return Moved()


@pytest.fixture
async def timed(sqlite: Engine, vault: Vault, action_engine: ActionEngine, settings: Settings, time: Moved) -> Talk:
    """A conversation whose page stays open, with a clock to move."""
    patient = msgspec.structs.replace(settings, idle_minutes=600)
    core, papers = core_with(ConversationStore(sqlite, vault), action_engine, patient, time)
    return await talk_with(core, papers)


async def test_after_thirty_idle_minutes_the_paper_and_what_was_shown_of_it_are_gone(timed: Talk, time: Moved) -> None:
    await begin(timed, MENU, "My rights now, on one page")
    time.now = NOW + timedelta(minutes=29)
    assert await timed.core.forget_lapsed() == 0
    time.now = NOW + timedelta(minutes=31)
    assert await timed.core.forget_lapsed() == 1
    assert await timed.paper() is None
    left = [one.reply.text for one in await timed.core.replies(timed.conversation, 0)]
    assert not any(phrases().sheet.title in text for text in left)


async def test_while_the_conversation_is_in_use_the_paper_stays(timed: Talk, time: Moved) -> None:
    await begin(timed, MENU, "My rights now, on one page")
    for minutes in (20, 40):
        time.now = NOW + timedelta(minutes=minutes)
        await timed.say(TRAVEL)
        assert await timed.core.forget_lapsed() == 0
    assert await timed.paper() is not None


async def test_ending_the_conversation_forgets_the_paper(timed: Talk, time: Moved) -> None:
    await begin(timed, MENU, "My rights now, on one page")
    await timed.core.end(timed.conversation)
    assert await timed.core.forget_lapsed() == 1


def said_in(database: Engine, vault: Vault, talk: Talk) -> str:
    """All messages of the conversation that are stored."""
    with database.connect() as db:
        bodies = db.execute(sa.select(inbox.c.body)).scalars().all()
    return "\n".join(vault.open(talk.conversation.key, body, Message).text or "" for body in bodies)
