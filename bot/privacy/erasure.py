"""Erasing what a person has here, and saying honestly what cannot be recalled.

It covers the conversation, referrals not yet sent, and the proof of identity for a case. It does not take back a
referral that was sent, nor a live safety alert, and says so (shared/protection.md, "On the device"). What is under a
hold stays, and the person is told that some of this must be kept.
"""

from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from bot.data_files import load
from bot.referrals.store import Erased, spoken


class EraseWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about erasing (data/conversation/privacy.<language>.yml)."""

    done: str
    proof: str
    not_sent: str
    unsure: str
    sent: str
    call_back: str
    alert: str
    held: str


class BeforeErasing(msgspec.Struct, frozen=True, kw_only=True):
    """What is said before somebody erases: what goes, and what cannot be taken back."""

    all_goes: str
    not_sent: str
    unsure: str
    sent: str
    call_back: str
    alert: str
    held: str
    erase: str
    keep: str


class PrivacyWords(msgspec.Struct, frozen=True, kw_only=True):
    """data/conversation/privacy.<language>.yml."""

    version: int
    before: BeforeErasing
    erase: EraseWords
    complaint: dict[str, str]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What erasing did.

    Attributes:
        conversation: the conversation is gone.
        proofs: how many proofs of identity were let go.
        referrals: what became of the referrals.
        held: something is kept because of a hold.
        call_backs: how many call-backs were taken back.
    """

    conversation: bool
    proofs: int
    referrals: Erased
    held: bool
    call_backs: int = 0

    def lines(self, words: EraseWords, contact: str) -> list[str]:
        """What the person is told.

        Args:
            words: in the person's language.
            contact: how to reach the controller.
        """

        said = [words.done] if self.conversation else []
        said += [words.proof] if self.proofs else []
        said += [words.not_sent] if self.referrals.deleted else []
        said += [words.unsure.format(references=_names(self.referrals.unsure))] if self.referrals.unsure else []
        said += [words.sent.format(references=_names(self.referrals.sent))] if self.referrals.sent else []
        said += [words.call_back] if self.call_backs and self.conversation else []
        # Said to everyone: whether there is an alert is not for whoever holds the phone to find out.
        said.append(words.alert)
        said += [words.held.format(contact=contact)] if self.held else []
        return said


def before(
    words: BeforeErasing, first: str, contact: str, *, held: bool, referrals: Erased, call_backs: int = 0
) -> list[str]:
    """What somebody is told before they erase.

    Args:
        words: in the person's language.
        first: that the chat goes; not said where it must be kept.
        contact: how to reach the controller.
        held: a hold is on the conversation.
        referrals: what erasing would do to its referrals (`ReferralStore.unsent`).
        call_backs: how many calls it would take back.
    """
    said = [] if held else [first]
    said += [words.held.format(contact=contact)] if held or referrals.held else []
    said += [words.not_sent] if referrals.deleted else []
    said += [words.unsure.format(references=_names(referrals.unsure))] if referrals.unsure else []
    said += [words.sent.format(references=_names(referrals.sent))] if referrals.sent else []
    said += [words.call_back] if call_backs and not held else []
    return [*said, words.alert]


def _names(references: list[str]) -> str:
    return ", ".join(spoken(one) for one in references)


def erase(
    conversation: str,
    *,
    held_conversations: Collection[str],
    held_referrals: Collection[str],
    referrals: Callable[[str, Collection[str]], Erased],
    proofs: Callable[[str], int],
    words: Callable[[str], bool],
    call_backs: Callable[[str], int] = lambda _: 0,
) -> Erasure:
    """Erase what belongs to a conversation. Repeating it after a crash is harmless; the conversation goes last.

    Args:
        conversation: its id.
        held_conversations: ids of conversations with a hold on them.
        held_referrals: references of referrals with a hold on them.
        referrals: deletes its referrals not yet sent, given the held ones (`ReferralStore.erase_unsent`).
        proofs: lets go of its proofs of identity, and says how many there were.
        call_backs: counts its call-backs still to be made, which are deleted with it.
        words: deletes the conversation itself, and says whether it is gone (`ConversationStore.erase`).
    """
    gone = referrals(conversation, held_referrals)
    proved, calls = proofs(conversation), call_backs(conversation)
    kept = conversation in held_conversations or not words(conversation)
    return Erasure(conversation=not kept, proofs=proved, referrals=gone, held=kept or bool(gone.held), call_backs=calls)


def load_words(data: Path, language: str = "en") -> PrivacyWords:
    """The words of a language.

    Raises:
        bot.data_files.DataError: the file is wrong or missing.
    """
    return load(data / "conversation" / f"privacy.{language}.yml", PrivacyWords)
