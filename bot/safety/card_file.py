"""What data/safety/cards.yml and data/safety/words.en.yml hold, as typed objects."""

import msgspec


class OfferIf(msgspec.Struct, frozen=True):
    """A service added, or put in the place of another, when the message holds a hint."""

    hint: str
    add: str
    in_place_of: str | None = None
    words: str | None = None


class HealthLine(msgspec.Struct, frozen=True):
    """A health line with fixed words; a medical one needs two signatures."""

    id: str
    text: str
    medical: bool = False
    alert: bool = False
    signed_by: str | None = None
    signed_on: str | None = None


class Category(msgspec.Struct, frozen=True):
    """One kind of danger: what its card says and whom it offers."""

    id: str
    say_first: str
    offer_first: list[str]
    offer_interrupt: list[str]
    interrupt_when: str | None = None
    alert: bool = False
    offer_first_men: list[str] | None = None
    offer_first_under_18: list[str] | None = None
    offer_first_adult: list[str] | None = None
    offer_interrupt_men: list[str] | None = None
    offer_interrupt_under_18: list[str] | None = None
    offer_interrupt_adult: list[str] | None = None
    offer_night: list[str] | None = None
    offer_local: dict[str, str] = {}
    offer_local_adult: dict[str, str] = {}
    offer_if: list[OfferIf] = []
    offer_if_status: list[str] = []
    offer_first_accused_victim: list[str] | None = None
    offer_first_wants_to_stop: list[str] | None = None
    first_line: str | None = None
    card: list[str] | None = None
    card_men: list[str] | None = None
    card_under_18: list[str] | None = None
    child_words: str | None = None
    say_first_adult: str | None = None
    say_unknown_age: str | None = None
    say_for_someone_else: str | None = None
    say_if_fgm: str | None = None
    say_if_airport: str | None = None
    say_if_abroad: str | None = None
    say_if_status: str | None = None
    say_accused_victim: str | None = None
    say_wants_to_stop: str | None = None


class CardFile(msgspec.Struct, frozen=True):
    """data/safety/cards.yml."""

    first_words: dict[str, str]
    health_lines: list[HealthLine]
    categories: list[Category]


class CardWords(msgspec.Struct, frozen=True):
    """data/safety/words.en.yml."""

    emergency: str
    repeated: str
    aloud: str
    aloud_phrase: str
    numbers: list[str]
    buttons: dict[str, str]
    notes: dict[str, str]
    days: list[str]
    today: str
    tomorrow: str


class Person(msgspec.Struct, frozen=True):
    """What the person has said of themselves, as far as it changes a card."""

    hints: frozenset[str]
    man: bool
    child: bool
    about_child: bool
