"""Identification by example: a message, the language in use, and the language to go on with."""

import json
import socket
import statistics
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.data_files import DataError
from bot.language import Identified, direction, identify, load_identifier, names
from bot.language.languages import DATA, load_languages
from bot.language.words import words

HERE = Path(__file__).parent
MESSAGES = yaml.safe_load((HERE / "messages.yml").read_text(encoding="utf-8"))
MIXED = yaml.safe_load((HERE / "mixed.yml").read_text(encoding="utf-8"))
HELD_OUT = yaml.safe_load((HERE / "heldout.yml").read_text(encoding="utf-8"))
NEUTRAL = [str(one) for one in yaml.safe_load((HERE / "neutral.yml").read_text(encoding="utf-8"))]
TAGS = sorted(path.stem for path in (DATA / "languages").glob("[a-z]*.yml"))
EXAMPLES = [(tag, text) for tag, texts in MESSAGES.items() for text in texts]


def test_every_language_is_served_and_has_examples() -> None:
    assert sorted(names()) == TAGS == sorted(MESSAGES)
    assert len(TAGS) == 28
    assert min(len(texts) for texts in MESSAGES.values()) >= 12
    assert len(NEUTRAL) >= 60


@pytest.mark.parametrize(("tag", "text"), EXAMPLES)
def test_first_message(tag: str, text: str) -> None:
    assert identify(text, in_use="en").language == tag


@pytest.mark.parametrize(("tag", "text"), EXAMPLES)
def test_a_message_in_the_language_in_use_keeps_it(tag: str, text: str) -> None:
    assert identify(text, in_use=tag).language == tag


@pytest.mark.parametrize(("tag", "text"), [(tag, text) for tag, texts in MIXED.items() for text in texts])
def test_mixed_messages_go_by_their_function_words(tag: str, text: str) -> None:
    assert identify(text, in_use="en").language == tag


@pytest.mark.parametrize("in_use", ["en", "pl", "ur", "so", "ur-Latn", "vi"])
@pytest.mark.parametrize("text", NEUTRAL)
def test_neutral_messages_keep_the_language_in_use(text: str, in_use: str) -> None:
    assert identify(text, in_use=in_use).language == in_use


@pytest.mark.parametrize("in_use", ["pl", "ur", "es", "so", "cy"])
@pytest.mark.parametrize(
    "text",
    [
        "when is my hearing",
        "what happens next",
        "I don't understand, can we do this in English",
        "wen do i get me fone",
    ],
)
def test_english_takes_over_when_it_is_clear(text: str, in_use: str) -> None:
    assert identify(text, in_use=in_use).language == "en"


@pytest.mark.parametrize("text", ["yes", "no", "ok thanks", "thank you", "sorry", "hello", "bye"])
@pytest.mark.parametrize("in_use", ["pl", "ur", "ro", "bn"])
def test_english_everyone_knows_does_not(text: str, in_use: str) -> None:
    assert identify(text, in_use=in_use).language == in_use


def test_a_chosen_language_wins_until_changed() -> None:
    found = identify("gdzie jest mój telefon", in_use="pl", chosen="en")
    assert found == Identified("en", True, "pl")
    assert identify("where is my phone", in_use="en", chosen="cy") == Identified("cy", True, "en")
    assert identify("ok", in_use="en", chosen="pa") == Identified("pa", True)


def test_unsure_keeps_the_language_in_use_and_offers_the_likely_one() -> None:
    found = identify("haa", in_use="en")
    assert found == Identified("en", False, "so")


def test_look_alikes_go_on_in_the_likelier_and_offer_the_other() -> None:
    found = identify("mujhe madad chahiye", in_use="en")
    assert found == Identified("ur-Latn", False, "hi-Latn")


@pytest.mark.parametrize("prior", [{"page": "hi"}, {"telegram": "hi"}])
def test_page_and_telegram_decide_between_look_alikes(prior: dict[str, str]) -> None:
    assert identify("mujhe madad chahiye", in_use="en", **prior).language == "hi-Latn"


def test_language_in_use_decides_between_look_alikes() -> None:
    assert identify("mujhe madad chahiye", in_use="hi").language == "hi-Latn"
    assert identify("mujhe madad chahiye", in_use="ur").language == "ur-Latn"


@pytest.mark.parametrize("page", ["pl", "ur", "zh", "en"])
@pytest.mark.parametrize("text", ["when is my hearing", "can i get help pls"])
def test_neither_overrules_what_is_written(text: str, page: str) -> None:
    assert identify(text, in_use="en", page=page, telegram=page).language == "en"


@pytest.mark.parametrize(
    ("code", "tag"),
    [("pt-BR", "pt"), ("EN_gb", "en"), ("zh-hans", "zh"), ("und", "en"), ("de", "en"), ("", "en")],
)
def test_regions_are_dropped_and_und_is_never_used(code: str, tag: str) -> None:
    assert identify("ok", in_use=code).language == tag


@pytest.mark.parametrize(
    "text",
    [
        "Ich möchte mit der Polizei sprechen",
        "どこですか警察",
        "경찰 어디",
        "παρακαλώ βοήθεια",
        "merhaba telefonum nerede",
    ],
)
def test_languages_we_do_not_serve_keep_the_one_in_use(text: str) -> None:
    assert identify(text, in_use="en").language == "en"


def test_capitals_drawn_out_letters_and_fancy_letters() -> None:
    assert identify("GDZIE JEST MOJ TELEFON", in_use="en").language == "pl"
    assert identify("dziekujeeee bardzoooo", in_use="en").language == "pl"
    assert identify("𝓰𝓭𝔃𝓲𝓮 𝓳𝓮𝓼𝓽 𝓶𝓸𝓳", in_use="en").language == "pl"
    assert identify("c\u0327a va mal, j\u2019ai peur", in_use="en").language == "fr"


HOSTILE = [
    "",
    " ",
    "\n\n\t",
    "\x00\x01\x02",
    "a" * 1_000_000,
    "ą" * 1_000_000,
    "ਮ" * 1_000_000,
    "中" * 1_000_000,
    "'" * 100_000,
    "a'" * 100_000,
    "a@" * 100_000,
    "a." * 100_000,
    "\u202ehelp\u202c \u2066me\u2069" * 1_000,
    "h\u0336e\u0335l\u0337p" * 5_000,
    "e" + "\u0301" * 10_000,
    "\ud800",
    "\udfff\ud800 help \udc00",
    "\ufdfa" * 10_000,
    "İİİ İstanbul ıI",
    "\u200d\u200b\ufeff",
    "क" + "्" * 5_000,
    "Aa " * 400_000,
    "%s%n{0}{{}}/intent",
    "١٢٣ ۴۵۶ १२३",
]


@pytest.mark.parametrize("in_use", ["en", "ur", "pl", "und"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_never_raises_and_is_quick(text: str, in_use: str) -> None:
    started = time.perf_counter()
    found = identify(text, in_use=in_use)
    assert time.perf_counter() - started < 0.2
    assert found.language in TAGS


@given(st.text(st.characters(), max_size=300), st.sampled_from([*TAGS, "und", ""]))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_text_gives_a_language_we_serve(text: str, in_use: str) -> None:
    found = identify(text, in_use=in_use, page=text[:5], telegram=text[:2])
    assert found.language in TAGS
    assert found.offer is None or (found.offer in TAGS and found.offer != found.language)


def test_same_answer_every_time() -> None:
    texts = [text for _, text in EXAMPLES[::9]] + NEUTRAL[::9] + ["mujhe madad chahiye", "salut", "quando"]
    first = [identify(text, in_use="en") for text in texts]
    for _ in range(100):
        assert [identify(text, in_use="en") for text in texts] == first
    fresh = load_identifier(DATA)
    assert [fresh.identify(text, in_use="en") for text in texts] == first


def test_nothing_is_read_after_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    identify("ok", in_use="en")

    def no(*_: object, **__: object) -> None:
        raise AssertionError("input or output")

    monkeypatch.setattr("builtins.open", no)
    monkeypatch.setattr(Path, "read_text", no)
    monkeypatch.setattr(socket, "socket", no)
    assert identify("gdzie jest telefon", in_use="en").language == "pl"


def test_english_training_data_stays_english() -> None:
    """Our own English examples; the few in another language ask for that language."""
    texts = []
    for path in sorted((DATA / "nlu" / "en").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            texts += [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
    held = (DATA / "heldout" / "en.jsonl").read_text(encoding="utf-8").splitlines()
    texts += [json.loads(line)["text"] for line in held]
    wrong = [text for text in texts if identify(text, in_use="en").language != "en"]
    assert len(wrong) <= 0.01 * len(texts), wrong[:30]


def test_held_out_score() -> None:
    """The figure of docs: never tuned on, so it may only be looked at as a whole."""
    right = {tag: sum(identify(text, in_use="en").language == tag for text in texts) for tag, texts in HELD_OUT.items()}
    total = sum(len(texts) for texts in HELD_OUT.values())
    assert sum(right.values()) >= 0.94 * total, right


def test_it_takes_little_time() -> None:
    taken = []
    for _, text in EXAMPLES * 3:
        started = time.perf_counter()
        identify(text, in_use="en")
        taken.append(time.perf_counter() - started)
    # The target is 1.5 ms; machines that run tests are shared.
    assert statistics.quantiles(taken, n=20)[18] < 0.005


def test_every_listed_word_can_be_found_in_a_message() -> None:
    for tag, language in load_languages(DATA).items():
        listed = [*language.words.split(), *language.weak.split()]
        assert [word for word in listed if len(words(word, None)) != 1] == [], tag


def test_direction_and_names() -> None:
    assert {tag for tag in TAGS if direction(tag) == "rtl"} == {"ar", "ur", "fa", "ps"}
    assert direction("xx") == "ltr"
    assert names()["cy"] == "Cymraeg"
    assert names()["pa"] == "ਪੰਜਾਬੀ"


def test_adding_a_language_is_adding_a_file(tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    for path in (DATA / "languages").glob("*.yml"):
        (tmp_path / "languages" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "languages" / "tr.yml").write_text(
        "name: Türkçe\nenglish: Turkish\ndirection: ltr\nscripts: [Latn]\nspeakers: 70\nletters: çğıöşü\n"
        "words: merhaba telefonum nerede ne zaman için yardım istiyorum\n",
        encoding="utf-8",
    )
    found = load_identifier(tmp_path).identify("merhaba telefonum nerede", in_use="en")
    assert found.language == "tr"


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "xx.yml").write_text(
        "name: X\nenglish: X\ndirection: ltr\nscripts: [Xxxx]\nspeakers: 1\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match=r"xx\.yml:1: unknown script Xxxx"):
        load_languages(tmp_path)
