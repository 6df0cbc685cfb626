"""What a card says and offers, for every category, by day and by night."""

import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from bot.conversation.messages import Mode, Reply, Verdict
from bot.directory import LONDON, Directory
from bot.safety.cards import MOST_LINES, MOST_WORDS, Cards, load_cards
from bot.safety.contacts import MOST_CONTACTS

DATA = Path(__file__).parents[2] / "data"

FILE = yaml.safe_load((DATA / "safety" / "cards.yml").read_text(encoding="utf-8"))
CATEGORIES = {one["id"]: one for one in FILE["categories"]}
TUESDAY = datetime(2026, 11, 24, 11, 0, tzinfo=LONDON)
NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=LONDON)
MOMENTS = pytest.mark.parametrize("moment", [TUESDAY, NIGHT], ids=["tuesday", "night"])
SAID = [
    "",
    "im 12",
    "my daughter is being cut",
    "I am a man",
    "im deaf",
    "he calls from prison",
    "at the airport",
    "i am in pakistan",
    "my visa",
    "a courier is coming",
    "I want to stop hitting her",
    "he sent my nudes im 14",
]


def verdict(category: str, now: bool = False, health: list[str] | None = None) -> Verdict:
    mode: Mode = CATEGORIES[category]["mode"]
    shown: Mode = "interrupt" if mode == "attach" and now else mode
    return Verdict(category=category, mode=shown, pattern="test", now=now, health_lines=health or [])


def every_card(cards: Cards, moment: datetime) -> list[tuple[str, Reply]]:
    return [
        (category, cards.card(verdict(category, now, health), now=moment, text=text, under_18=age, man=man))
        for category in CATEGORIES
        for now in (False, True)
        for health in ([], ["strangled"], ["strangling_now", "strangled"], ["after_assault", "spiked"])
        for text in SAID
        for age, man in ((None, False), (True, False), (False, False), (None, True))
    ]


@MOMENTS
def test_a_card_is_short(cards: Cards, moment: datetime) -> None:
    for category, card in every_card(cards, moment):
        assert len(card.text.splitlines()) <= MOST_LINES, category
        assert len(card.text.split()) <= MOST_WORDS, category
        assert len(card.contacts) <= MOST_CONTACTS, category
        assert card.text and "{" not in card.text


@MOMENTS
def test_nothing_that_must_never_be_said_stands_on_a_card(cards: Cards, moment: datetime) -> None:
    banned = [one["text"].lower() for one in FILE["banned_words"] if one["when"] == "always"]
    for category, card in every_card(cards, moment):
        words = " ".join([card.text, *(f"{c.name} {c.note}" for c in card.contacts)]).lower()
        for never in [*CATEGORIES[category]["never_say"], *banned]:
            assert never.lower().rstrip(".?") not in words, (category, never)


@MOMENTS
def test_an_open_line_stands_first_and_a_closed_one_says_when_it_opens(cards: Cards, moment: datetime) -> None:
    for category, card in every_card(cards, moment):
        closed = ["Closed" in contact.note for contact in card.contacts]
        assert not closed or not closed[0], category
        assert closed == sorted(closed), category
        for contact in card.contacts:
            assert "Closed" not in contact.note or "Opens" in contact.note, contact


@MOMENTS
def test_hours_that_are_not_known_come_neither_first_nor_alone(cards: Cards, moment: datetime) -> None:
    for category, card in every_card(cards, moment):
        if card.contacts:
            assert "Check the website" not in card.contacts[0].note, category


@MOMENTS
def test_a_number_that_may_not_be_shown_is_not(cards: Cards, moment: datetime) -> None:
    services = Directory(DATA, demo=True).services.values()
    hidden = {one.phone for one in services if one.phone and one.number is None}
    for category, card in every_card(cards, moment):
        shown = card.text + " ".join(contact.number for contact in card.contacts)
        assert not [number for number in hidden if number in shown], category


@MOMENTS
@pytest.mark.parametrize(
    ("category", "now", "numbers"),
    [
        ("immediate_danger", True, ["999", "999 then 55"]),
        ("medical_emergency", True, ["999"]),
        ("suicide_self_harm", False, ["999", "116 123", "111"]),
        ("suicide_self_harm", True, ["999", "116 123", "111"]),
        ("domestic_abuse_risk", False, ["999", "0808 2000 247"]),
        ("domestic_abuse_risk", True, ["999", "0808 2000 247"]),
        ("device_may_be_monitored", False, ["999", "0808 2000 247"]),
        ("stalking", True, ["999", "0808 16 89 111"]),
        ("sexual_assault_recent", True, ["999", "0808 500 2222"]),
        ("child_at_risk", True, ["999", "0800 1111"]),
        ("forced_marriage", True, ["999", "0800 953 9777"]),
        ("modern_slavery", False, ["999", "08000 121 700"]),
        ("threats_or_witness_intimidation", False, ["999", "101", "0808 16 89 111"]),
        ("adult_at_risk", False, ["999", "0808 16 89 111"]),
        ("fraud_in_progress", True, ["159"]),
        ("disclosure_of_own_offence", False, ["999"]),
        ("abusive_to_bot", False, ["0808 16 89 111"]),
    ],
)
def test_a_card_holds_the_fitting_number(
    cards: Cards, moment: datetime, category: str, now: bool, numbers: list[str]
) -> None:
    card = cards.card(verdict(category, now), now=moment)
    shown = " ".join([card.text, *(contact.number for contact in card.contacts)])
    assert [number for number in numbers if number not in shown] == []


def test_999_comes_first_when_it_is_now(cards: Cards) -> None:
    for category in CATEGORIES.keys() - {
        "fraud_in_progress",
        "watched_now",
        "disclosure_of_own_offence",
        "abusive_to_bot",
    }:
        assert cards.card(verdict(category, now=True), now=NIGHT).contacts[0].number == "999", category


def test_the_bank_comes_first_in_a_fraud(cards: Cards) -> None:
    card = cards.card(verdict("fraud_in_progress", now=True), now=TUESDAY)
    assert card.contacts[0].name == "Call the number on your bank card"


def test_someone_at_the_door_brings_999_into_a_fraud(cards: Cards) -> None:
    card = cards.card(verdict("fraud_in_progress", now=True), now=NIGHT, text="a courier is coming for my card")
    assert "999" in [contact.number for contact in card.contacts]


def test_the_quiet_card_says_nothing(cards: Cards) -> None:
    card = cards.card(verdict("watched_now", now=True), now=NIGHT, text="he is next to me")
    words = " ".join([card.text, *(button.title for button in card.buttons)]).lower()
    assert card.display == "quiet" and card.contacts == []
    assert [button.title for button in card.buttons] == ["Exit", "Numbers", "Go on"]
    assert [button.payload for button in card.buttons] == ["gateway:exit", "gateway:numbers", "gateway:go_on"]
    for never in CATEGORIES["watched_now"]["card_must_not_hold"]:
        assert never.lower() not in words


def test_the_numbers_button_shows_bare_numbers(cards: Cards) -> None:
    reply = cards.numbers(NIGHT)
    assert reply.text.splitlines() == ["999", "999 then 55 from a mobile", "0808 2000 247, any time"]
    assert reply.contacts == [] and reply.private.safety is None


@pytest.mark.parametrize("category", sorted(CATEGORIES.keys() - {"watched_now"}))
def test_buttons_follow_the_mode(cards: Cards, category: str) -> None:
    said = verdict(category)
    card = cards.card(said, now=TUESDAY)
    payloads = [button.payload for button in card.buttons]
    assert payloads == (["gateway:answer", "gateway:hide"] if said.mode == "interrupt" else ["gateway:hide"])
    assert card.display == "card" and card.private.safety == category


def test_a_repeated_card_is_one_line_with_999_and_one_more(cards: Cards) -> None:
    card = cards.card(verdict("suicide_self_harm", now=True), now=NIGHT, repeated=True)
    assert len(card.text.splitlines()) == 1 and "999" in card.text
    assert [contact.number for contact in card.contacts] == ["999", "116 123"]


def test_a_child_gets_the_childrens_line(cards: Cards) -> None:
    for category in (
        "suicide_self_harm",
        "sexual_assault_recent",
        "child_at_risk",
        "forced_marriage",
        "modern_slavery",
    ):
        for card in (
            cards.card(verdict(category), now=NIGHT, under_18=True),
            cards.card(verdict(category), now=NIGHT, text="im 13 and scared"),
        ):
            assert "0800 1111" in [contact.number for contact in card.contacts], category


def test_a_worried_adult_gets_other_words_than_the_child(cards: Cards) -> None:
    card = cards.card(verdict("child_at_risk", now=True), now=TUESDAY, text="my daughter says grandad touches her")
    assert "Do not question the child" in card.text
    assert "0808 800 5000" in [contact.number for contact in card.contacts]


def test_images_of_a_child_bring_report_remove_and_no_adult_service(cards: Cards) -> None:
    card = cards.card(verdict("child_at_risk", now=True), now=TUESDAY, text="someone has my nudes im 14")
    names = " ".join(contact.name for contact in card.contacts)
    assert "Report Remove" in names and "Revenge" not in names and "StopNCII" not in names


def test_a_man_at_night_is_offered_an_open_line(cards: Cards) -> None:
    card = cards.card(verdict("domestic_abuse_risk"), now=NIGHT, man=True)
    assert card.contacts[0].number == "0808 16 89 111"
    assert "National Domestic Abuse Helpline" not in card.text


def test_a_deaf_person_is_offered_a_text(cards: Cards) -> None:
    card = cards.card(verdict("immediate_danger", now=True), now=NIGHT, deaf=True)
    text = next(contact for contact in card.contacts if contact.name == "emergencySMS")
    assert text.note == "only if this phone is already registered"


def test_cutting_has_its_own_words(cards: Cards) -> None:
    card = cards.card(verdict("forced_marriage", now=True), now=TUESDAY, text="they want to have my sister circumcised")
    assert "Cutting a girl" in card.text


def test_someone_who_wants_to_stop_is_heard(cards: Cards) -> None:
    card = cards.card(verdict("disclosure_of_own_offence"), now=TUESDAY, text="I want to stop hurting her")
    assert "Respect Phoneline" in card.text and "999" in card.text


def test_contact_from_prison_brings_the_service_that_stops_it(cards: Cards) -> None:
    card = cards.card(verdict("threats_or_witness_intimidation"), now=TUESDAY, text="he keeps calling from prison")
    assert "0300 060 6699" in [contact.number for contact in card.contacts]


def test_an_area_brings_its_own_open_line(cards: Cards) -> None:
    card = cards.card(verdict("domestic_abuse_risk"), now=NIGHT, area="sandwell")
    assert "Black Country Women's Aid" in [contact.name for contact in card.contacts]


def test_health_lines_come_with_the_card(cards: Cards) -> None:
    card = cards.card(verdict("domestic_abuse_risk", now=True, health=["strangled"]), now=TUESDAY)
    assert "See a doctor or go to A&E even if you feel fine." in card.text and "999" in card.text


def test_card_lines_are_sentences_of_the_approved_text() -> None:
    approved = " ".join(
        str(value) for one in CATEGORIES.values() for key, value in one.items() if key.startswith("say_")
    ).replace("before he looks", "before anyone looks")
    for category in CATEGORIES.values():
        for key in ("card", "card_men", "card_under_18"):
            for line in category.get(key, []):
                for sentence in re.split(r"(?<=\.) ", line):
                    assert sentence.rstrip(".") in approved, sentence


def test_outside_a_demo_nothing_unrung_is_shown() -> None:
    live = load_cards(DATA, Directory(DATA, demo=False))
    allowed = Directory(DATA, demo=False)
    for category in CATEGORIES:
        card = live.card(verdict(category, now=True), now=NIGHT)
        for contact in card.contacts:
            if contact.number:
                known = next(one for one in allowed.services.values() if one.name == contact.name)
                assert allowed.may_show_in_danger(known.id)


def test_first_words_name_the_controller_and_never_hide_the_staff(cards: Cards) -> None:
    with_staff, alone = cards.first_words("Test Force", True), cards.first_words("Test Force", False)
    assert "run by Test Force" in with_staff and "staff are on duty" in with_staff
    assert "no one is alerted" in alone and "no one is alerted" not in with_staff


def test_the_emergency_line_is_honest(cards: Cards) -> None:
    assert "999" in cards.emergency_line() and "cannot send help" in cards.emergency_line()


def test_unsigned_medical_lines_are_known(cards: Cards) -> None:
    assert set(cards.unsigned) == {
        line["id"] for line in FILE["health_lines"] if line["medical"] and not line["signed_by"]
    }
