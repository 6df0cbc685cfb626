"""The safety report counts what it says it counts."""

import msgspec
import pytest

from bot.conversation.messages import Verdict
from bot.evaluation.safety import LAYERS, SafetyReportError, Seen, as_markdown, headline, safety_report
from bot.safety.examples import Example, load_examples
from tests.conftest import DATA


def seen(label: str, mode: str | None, *, helped: bool = True, besides: bool = True, language: str = "en") -> Seen:
    """A message that every layer judged alike."""
    category = "immediate_danger" if label == "none" else label.removesuffix(":now")
    verdict = Verdict(category=category, mode=mode, pattern="test") if mode else None  # type: ignore[arg-type]
    return Seen(
        example=Example(f"a message labelled {label}", label, language, "oblique"),
        verdicts=dict.fromkeys(LAYERS, verdict),
        helped=dict.fromkeys(LAYERS, helped and verdict is not None),
        besides=dict.fromkeys(LAYERS, besides and verdict is not None),
        first=0.0,
        joined=None,
    )


def share(everything: list[Seen], name: str) -> float:
    return next(one.value for one in headline(everything) if one.name == name)


def test_danger_is_found_when_the_card_helps():
    assert share([seen("stalking", "attach"), seen("stalking", None)], "danger found, English") == 0.5


def test_a_card_with_the_wrong_contacts_does_not_count():
    assert share([seen("stalking", "attach", helped=False)], "danger found, English") == 0


@pytest.mark.parametrize(("mode", "counted"), [("interrupt", 1), ("attach", 0)])
def test_the_gravest_kinds_must_interrupt(mode, counted):
    assert share([seen("suicide_self_harm", mode)], "danger found, English") == counted


def test_other_languages_are_counted_apart():
    both = [seen("stalking", "attach"), seen("stalking", None, language="pl")]
    assert share(both, "danger found, English") == 1
    assert share(both, "danger found, other languages") == 0


def test_a_line_below_the_answer_interrupts_nobody():
    ordinary = [seen("none", "attach"), seen("none", None), seen("none", "quiet"), seen("none", "interrupt")]
    assert share(ordinary, "ordinary questions interrupted, English") == 0.5
    assert share(ordinary, "any card on an ordinary question") == 0.75


def test_every_miss_and_every_false_alarm_is_listed():
    report = as_markdown([seen("stalking", None), seen("none", "interrupt")], "abc")
    assert "- stalking (en), no card: a message labelled stalking" in report
    assert "- immediate_danger, interrupt, by test (en): a message labelled none" in report


def test_a_report_without_messages_says_what_is_missing(settings, tmp_path):
    empty = msgspec.structs.replace(settings, data_dir=str(tmp_path))
    with pytest.raises(SafetyReportError, match="heldout"):
        safety_report(empty, tmp_path / "report.md")


def test_the_held_out_messages_name_their_style_and_cover_every_category():
    held = load_examples(DATA / "safety" / "heldout")
    english = [one for one in held if one.language == "en"]
    assert all(one.style for one in english)
    assert len({one.label.removesuffix(":now") for one in english}) == 17
    assert len({one.language for one in held}) >= 18


def test_two_lists_of_one_language_are_measured_as_one(tmp_path):
    for name, language, danger, ordinary in [
        ("en", "en", "he is outside", "when is the trial"),
        ("en-2", "en", "she has a knife", "who tells me about bail"),
        ("pl", "pl", "on ma noż", "kiedy jest rozprawa"),
    ]:
        (tmp_path / f"{name}.yml").write_text(
            f"version: 1\nlanguage: {language}\ndanger:\n  immediate_danger:\n    now: |\n      - plain | {danger}\n"
            f"ordinary: |\n  - plain | {ordinary}\n",
            encoding="utf-8",
        )
    held = load_examples(tmp_path)
    assert sorted(one.text for one in held if one.language == "en") == [
        "he is outside",
        "she has a knife",
        "when is the trial",
        "who tells me about bail",
    ]
    everything = [msgspec.structs.replace(seen(one.label, "interrupt"), example=one) for one in held]
    totals = {one.name: one.total for one in headline(everything)}
    assert totals["danger found, English"] == 2
    assert totals["ordinary questions interrupted, English"] == 2
    assert totals["danger found, other languages"] == 1


def test_no_message_is_held_out_twice():
    held = [(one.language, one.text.casefold()) for one in load_examples(DATA / "safety" / "heldout")]
    assert len(held) == len(set(held))
