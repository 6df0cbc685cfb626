"""What the gate says about messages."""

import time
from pathlib import Path

import pytest
import yaml

from bot.safety import gate as gate_module
from bot.safety.gate import FAILED, Gate

DATA = Path(__file__).parents[2] / "data"

HERE = Path(__file__).parent
CARDS = yaml.safe_load((DATA / "safety" / "cards.yml").read_text(encoding="utf-8"))
DANGER = [
    (category, text)
    for name in ("danger.yml", "danger_more.yml", "danger_last.yml", "danger_check.yml")
    for category, texts in yaml.safe_load((HERE / name).read_text(encoding="utf-8")).items()
    for text in texts
]
ORDINARY = [
    text for texts in yaml.safe_load((HERE / "ordinary.yml").read_text(encoding="utf-8")).values() for text in texts
]


@pytest.mark.parametrize("line", CARDS["quiet_danger"], ids=lambda line: line["text"])
def test_danger_that_does_not_sound_like_danger(gate: Gate, line: dict[str, str]) -> None:
    verdict = gate.check(line["text"])
    assert verdict is not None and verdict.category == line["category"]


@pytest.mark.parametrize("line", CARDS["not_an_emergency"], ids=lambda line: line["text"])
def test_an_ordinary_question_with_violent_words_has_no_card_in_front(gate: Gate, line: dict[str, str]) -> None:
    verdict = gate.check(line["text"])
    assert verdict is None or verdict.mode == "attach"


@pytest.mark.parametrize("text", ORDINARY)
def test_history_law_and_talk_are_not_danger(gate: Gate, text: str) -> None:
    verdict = gate.check(text)
    assert verdict is None or verdict.mode == "attach"


@pytest.mark.parametrize(("category", "text"), DANGER)
def test_danger_in_other_words_is_found(gate: Gate, category: str, text: str) -> None:
    assert gate.check(text) is not None


def test_nine_in_ten_are_found_in_their_own_category(gate: Gate) -> None:
    right = [1 for category, text in DANGER if (found := gate.check(text)) and found.category == category]
    assert len(right) >= 0.9 * len(DANGER)


def test_few_ordinary_training_questions_are_interrupted(gate: Gate) -> None:
    lines = [
        line.strip()[2:]
        for path in sorted((DATA / "nlu" / "en").glob("*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("- ") and "intent:" not in line
    ]
    sample = lines[::11]
    interrupted = [line for line in sample if (found := gate.check(line)) and found.mode in ("interrupt", "quiet")]
    assert len(interrupted) <= 0.01 * len(sample), interrupted


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("he's outside with a knife and I want to die", "immediate_danger"),
        ("I've taken all my tablets, I want to die", "medical_emergency"),
        ("hes sat next to me and hes got a knife", "immediate_danger"),
        ("my ex keeps turning up at my work and I want to die", "suicide_self_harm"),
    ],
)
def test_the_strongest_category_wins(gate: Gate, text: str, category: str) -> None:
    verdict = gate.check(text)
    assert verdict is not None and verdict.category == category


def test_watched_with_a_cry_for_help_is_immediate_danger(gate: Gate) -> None:
    verdict = gate.check("hes sat right here. he raped me last night")
    assert verdict is not None and (verdict.category, verdict.mode) == ("immediate_danger", "interrupt")


def test_an_attaching_category_interrupts_when_it_is_now(gate: Gate) -> None:
    usual, now = gate.check("my husband hits me"), gate.check("my husband hits me and hes coming home soon")
    assert usual is not None and now is not None
    assert (usual.mode, now.mode, now.now) == ("attach", "interrupt", True)


@pytest.mark.parametrize(
    "text",
    [
        "He was sentenced in 2019. He's outside my house now.",
        "he got released this morning and hes outside my flat",
        "my ex was arrested last night but hes back and hes banging on the door",
        "he got bail and hes just turned up with a knife",
        "police let him go and now hes at my door",
        "he is under investigation and he just hit me again",
        "they released him an hour ago and he is coming round",
        "just got back from court and he is following me home",
        "the court order says he cant come near but hes outside my house",
        "i gave evidence today and now theres men outside my house",
        "the trial starts tomorrow and hes outside my window",
    ],
)
def test_past_and_court_words_do_not_cancel_what_happens_now(gate: Gate, text: str) -> None:
    verdict = gate.check(text)
    assert verdict is not None and verdict.category == "immediate_danger"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("my boyfriend strangled me on saturday", ["strangled"]),
        ("he is strangling me", ["strangled", "strangling_now"]),
        ("someone threw acid in my face", ["acid"]),
        ("I was raped last night", ["after_assault"]),
        ("woke up with no memory and my clothes on wrong", ["after_assault", "spiked"]),
        ("my husband hits me", []),
    ],
)
def test_health_lines_join_what_was_said(gate: Gate, text: str, lines: list[str]) -> None:
    verdict = gate.check(text)
    assert verdict is not None and sorted(verdict.health_lines) == lines


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00\x01\x02",
        "a" * 1_000_000,
        "help " * 200_000,
        "\ud800\udfff he",
        "😀" * 10_000,
        "h\u0335\u0321e\u0334l\u0337p\u0336" * 1_000,
        "\u202eplh\u202c \u200bmy\u200b \ufeff",
        "\ufdfa" * 5_000,
        "he " * 5_000,
        "he is " * 2_000 + "kill",
        "((((((((((" * 500,
        "\\d+(.*)*" * 300,
        "। ؟ 。" * 900,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_input_never_raises_and_is_quick(gate: Gate, text: str) -> None:
    start = time.process_time()
    gate.check(text)
    assert time.process_time() - start < 0.5


def test_disguised_words_are_read(gate: Gate) -> None:
    for text in (
        "h e l p  m e",
        "HЕLP МЕ",
        "h\u200be\u200blp me",
        "heeeelp meeee",
        "k1ll myself",
        "𝐡𝐞𝐥𝐩 𝐦𝐞",
        "kil myself",
    ):
        assert gate.check(text) is not None, text


def test_the_end_of_a_long_message_is_read(gate: Gate) -> None:
    assert gate.check("I have a question about my statement. " * 500 + "he is breaking the door down") is not None


def test_a_gate_that_cannot_look_says_danger(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(text: str) -> list[str]:
        raise MemoryError

    monkeypatch.setattr(gate_module, "flat_readings", full)
    assert gate.check("hello") == FAILED


def test_the_same_message_gives_the_same_answer(gate: Gate) -> None:
    assert len({repr(gate.check("hes outside my house")) for _ in range(5)}) == 1


def test_most_messages_take_under_two_milliseconds(gate: Gate) -> None:
    def spent(text: str) -> float:
        start = time.process_time()
        gate.check(text)
        return time.process_time() - start

    # The quickest of three, since other work shares the machine.
    times = sorted(min(spent(text) for _ in range(3)) for text in ORDINARY)
    assert times[int(0.95 * len(times))] < 0.002
