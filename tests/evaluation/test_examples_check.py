"""The check of the training examples: each rule on made-up examples, and all of them on the real ones."""

from collections import Counter

import pytest

from bot.data_files import DataError
from bot.evaluation.examples_check import (
    Example,
    alike,
    check_examples,
    counted,
    counted_elsewhere,
    frame_of,
    framed_alike,
    held_out,
    in_two_intents,
    read_examples,
    read_held_out,
)
from bot.settings import ROOT


def example(text, intent="right_01__interpreter", style=None, language="en"):
    return Example(f"{language}/right_01.yml", language, intent, style, text)


def test_the_real_examples_are_in_order():
    assert [str(finding) for finding in check_examples(ROOT / "data")] == []


# --- counts


def test_a_topic_needs_enough_of_each_kind():
    problems = [finding.problem for finding in counted([example("can someone translate")])]
    assert len(problems) == 7
    assert problems[0] == "1 examples in all: 60 are needed"


@pytest.mark.parametrize(("intent", "needed"), [("greet", ["40"]), ("oos__divorce", [])])
def test_what_is_no_topic_needs_less(intent, needed):
    problems = [finding.problem for finding in counted([example("hello", intent)])]
    assert problems == [f"1 examples in all: {count} are needed" for count in needed]


def test_other_languages_need_examples_of_all_but_signposts():
    english = [example("hello", "greet"), example("divorce", "oos__divorce")]
    found = list(counted_elsewhere([*english, *(example(f"helo {n}", "greet", language="cy") for n in range(12))]))
    assert Counter(finding.intent for finding in found) == {"greet": 5}
    assert found[0].file == "pl/right_01.yml"


# --- copies


def test_near_copies_are_found_and_named():
    found = list(alike([example("will someone translate for me"), example("Will someone translate for me?")]))
    assert [finding.example for finding in found] == ["Will someone translate for me?"]
    assert '"will someone translate for me"' in str(found[0])


def test_across_intents_examples_may_be_more_alike():
    texts = "who will pay for the train to court", "who will pay for their taxi to court"
    within = list(alike([example(text) for text in texts]))
    across = list(alike([example(text, intent) for text, intent in zip(texts, ["greet", "thanks"], strict=True)]))
    assert len(within) == 1
    assert across == []


def test_an_example_stands_in_one_intent():
    found = list(in_two_intents([example("Yes  please", "affirm"), example("yes please", "menu"), example("yes")]))
    assert [(finding.intent, finding.problem) for finding in found] == [("menu", "stands in affirm, too")]


def test_nothing_held_out_is_trained_on():
    found = list(held_out([example("Delete my data"), example("wipe my chat")], ["delete my data", "bye"]))
    assert [finding.example for finding in found] == ["Delete my data"]


# --- frames


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("What's the VPS?", "what's the _"),
        ("parole hearing, when", "_ when"),
        ("VPS parole", ""),
        ("why", "why"),
        ("!!", ""),
    ],
)
def test_frames(text, frame):
    assert frame_of(text, {"vps", "parole", "hearing"}) == frame


def test_three_may_share_a_frame():
    # Each noun is seen often, and in one topic only.
    nouns = ["parole", "bail", "inquest", "refund"]
    filler = [example(f"{noun} {noun} {number}", noun) for number, noun in enumerate(nouns * 10)]
    assert not list(framed_alike([*filler, *(example(f"but why {noun}", noun) for noun in nouns[:3])]))
    found = list(framed_alike([*filler, *(example(f"but why {noun}", noun) for noun in nouns)]))
    assert [finding.example for finding in found] == ["but why refund"]


# --- reading


def test_where_an_example_stands(tmp_path):
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy" / "a.yml").write_text(
        "nlu:\n- intent: greet\n  metadata: {style: short}\n  examples: |\n    - shwmae\n"
    )
    assert read_examples(tmp_path) == [Example("cy/a.yml", "cy", "greet", "short", "shwmae")]


def test_broken_files_are_named(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "a.yml").write_text("nlu:\n- intent: greet\n")
    with pytest.raises(DataError, match=r"a\.yml:2"):
        read_examples(tmp_path)
    (tmp_path / "en.jsonl").write_text('{"txt": "hello"}\n')
    with pytest.raises(DataError, match=r"en\.jsonl"):
        read_held_out(tmp_path / "en.jsonl")
