"""Erasing takes what it can, says what it cannot, and is stopped by a hold."""

from datetime import date

import pytest

from bot.privacy.erasure import erase, load_words
from bot.referrals.store import spoken
from bot.settings import ROOT
from bot.store.conversations import ConversationStore
from tests.referrals.conftest import NOW, submitted

WORDS = load_words(ROOT / "data").erase
CONVERSATION = "conversation-1"


class Everything:
    """Erases with the real referral store and notes the rest."""

    def __init__(self, referrals, proofs=0):
        self.referrals, self.proofs, self.order, self.call_backs = referrals, proofs, [], 0

    def __call__(self, held_conversations=(), held_referrals=(), at=NOW):
        def gone(conversation, held):
            self.order.append("referrals")
            return self.referrals.erase_unsent(conversation, at, held)

        return erase(
            CONVERSATION,
            held_conversations=held_conversations,
            held_referrals=held_referrals,
            referrals=gone,
            proofs=lambda _: self.order.append("proofs") or self.proofs,
            words=lambda _: self.order.append("words") is None,
            call_backs=lambda _: self.call_backs,
        )


@pytest.fixture
def everything(referrals):
    return Everything(referrals, proofs=1)


def test_it_erases_conversation_unsent_referral_and_proof(everything, referrals, form):
    reference = submitted(referrals, form)
    done = everything()
    assert (done.conversation, done.proofs, done.referrals.deleted) == (True, 1, [reference])
    assert referrals.status(reference) is None
    assert referrals.claim("me", NOW, NOW + 60) is None


def test_the_conversation_goes_last_so_that_a_crash_can_be_repeated(everything):
    everything()
    assert everything.order == ["referrals", "proofs", "words"]


def test_a_sent_referral_is_not_recalled_and_it_says_so(everything, referrals, form):
    reference = submitted(referrals, form)
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    done = everything()
    assert done.referrals.sent == [reference]
    assert any(spoken(reference) in line and "cannot pull it back" in line for line in done.lines(WORDS, "the DPO"))
    assert referrals.status(reference) == "sent"
    assert referrals.of_conversation(CONVERSATION) == []


def test_one_that_is_being_sent_at_this_moment_counts_as_sent(everything, referrals, form):
    reference = submitted(referrals, form)
    referrals.claim("me", NOW, NOW + 60)
    assert everything().referrals.sent == [reference]


def test_one_that_was_tried_in_vain_is_deleted_and_it_says_that_a_copy_may_have_got_through(
    everything, referrals, form
):
    reference = submitted(referrals, form)
    referrals.not_delivered(referrals.claim("me", NOW, NOW + 60), "ReadTimeout", NOW + 30)
    done = everything()
    assert done.referrals.unsure == [reference]
    assert referrals.claim("me", NOW + 99, NOW + 199) is None
    assert any("cannot tell" in line for line in done.lines(WORDS, "the DPO"))


def test_an_alert_stays_and_everyone_is_told_so_whether_there_is_one_or_not(everything):
    assert WORDS.alert in everything().lines(WORDS, "the DPO")


def test_a_call_back_is_taken_back_and_it_says_so(everything):
    assert WORDS.call_back not in everything().lines(WORDS, "the DPO")
    everything.call_backs = 1
    assert WORDS.call_back in everything().lines(WORDS, "the DPO")
    assert WORDS.call_back not in everything({CONVERSATION}).lines(WORDS, "the DPO")


def test_a_hold_on_the_conversation_keeps_it_and_the_person_is_told(everything):
    done = everything(held_conversations={CONVERSATION})
    assert not done.conversation
    assert "words" not in everything.order
    assert any("must be kept" in line and "the DPO" in line for line in done.lines(WORDS, "the DPO"))
    assert WORDS.done not in done.lines(WORDS, "the DPO")


def test_a_hold_on_a_referral_keeps_only_that(everything, referrals, form):
    held, free = submitted(referrals, form, "message-1"), submitted(referrals, form, "message-2")
    done = everything(held_referrals={held})
    assert (done.referrals.held, done.referrals.deleted, done.conversation, done.held) == ([held], [free], True, True)
    assert referrals.of_conversation(CONVERSATION) == [held]


def test_another_conversations_referral_is_left_alone(everything, referrals, form):
    submitted(referrals, form)
    assert referrals.erase_unsent("another", NOW).deleted == []


def test_erasing_again_after_a_crash_is_harmless(everything, referrals, form):
    submitted(referrals, form)
    everything()
    assert everything().referrals.deleted == []


def test_with_the_real_conversation_store_and_holds(database, vault, referrals, holds, form):
    conversations = ConversationStore(database, vault)
    conversation = conversations.start("token", "web", [], NOW, NOW + 900)
    number = holds.place(
        "conversation",
        conversation,
        reason="A court has asked.",
        by="demo",
        role="supervisor",
        review_on=date(2027, 6, 1),
        today=date(2027, 1, 15),
        now=NOW,
    )

    def go():
        return erase(
            conversation,
            held_conversations=holds.held("conversation"),
            held_referrals=holds.held("referral"),
            referrals=lambda one, held: referrals.erase_unsent(one, NOW, held),
            proofs=lambda _: 0,
            words=conversations.erase,
        )

    assert not go().conversation
    assert conversations.get(conversation) is not None
    holds.lift(number, by="demo", role="supervisor", now=NOW)
    assert go().conversation
    assert conversations.get(conversation) is None
