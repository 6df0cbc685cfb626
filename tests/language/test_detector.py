"""langdetect made fit for chat."""

import pytest

from bot.language.detector import ChatFactory, points
from bot.language.words import fold, words


@pytest.fixture(scope="module")
def factory() -> ChatFactory:
    return ChatFactory({"en": None, "pl": None, "so": None})


def test_it_is_a_langdetect_detector_with_all_of_its_interface(factory: ChatFactory) -> None:
    detector = factory.create()
    detector.append("gdzie jest moj telefon")
    assert detector.detect() == "pl"
    assert sum(one.prob for one in detector.get_probabilities()) <= 1.0 + 1e-9


def test_text_without_letters_gives_the_prior_instead_of_raising(factory: ChatFactory) -> None:
    detector = factory.create()
    detector.set_prior_map({"en": 0.2, "so": 0.8})
    detector.append("... 123")
    assert detector.detect() == "so"


def test_every_run_is_equal(factory: ChatFactory) -> None:
    assert len({tuple(points(factory, ["sprawa", "casework"]).items()) for _ in range(100)}) == 1


def test_one_word_cannot_outvote_the_others(factory: ChatFactory) -> None:
    found = points(factory, ["szczegolowoprzeprowadzonegosledztwa"])
    assert max(found.values()) - min(found.values()) <= 2.0


def test_a_language_without_a_profile_is_learnt_from_its_sample() -> None:
    factory = ChatFactory({"en": None, "ku": "ez dixwazim bi polis re biaxivim"})
    found = points(factory, ["dixwazim"])
    assert found["ku"] > found["en"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Heeeey", ["hey"]),
        ("Zażółć", ["zazolc"]),
        ("don’t", ["dont"]),
        ("SW1A 2AA", []),
        ("me@example.com www.gov.uk https://x.y/z @me #tag", []),
        ("me\u200bet", ["meet"]),
        ("می‌خواهم", ["میخواهم"]),
        ("й ї", ["й", "ї"]),
    ],
)
def test_words(text: str, plain: list[str]) -> None:
    assert [word.plain for word in words(text)] == plain


def test_names_are_capitals_inside_a_sentence() -> None:
    assert [word.plain for word in words("Ask Maria. She KNOWS it. Then Jan") if word.name] == ["maria", "jan"]


def test_fold_leaves_other_scripts_alone() -> None:
    assert fold("мій") == "мій"
    assert fold("ਮਦਦ") == "ਮਦਦ"
