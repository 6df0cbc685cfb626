"""Reading, what a turn was, and writing: with hand-made turns and no engine; at the end three lines through it all."""

import json
from pathlib import Path

import pytest

from bot.conversation.messages import Button, Contact, Private, Reply, Understanding, Verdict
from bot.conversation.turns import Turn
from bot.evaluation.evaluate import EvaluationError, evaluate, read_dialogues, read_lines, reading, result_of, written
from bot.evaluation.scores import Line
from bot.settings import Settings
from bot.settings import load as load_settings
from bot.store.conversations import Memory

KNOWN = {"right_06/how_long", "right_06/bail_and_safety", "right_05/cica_review", "code/list_rights"}
CARD = Reply(
    text="If you are in danger now, call 999.",
    contacts=[Contact(name="999", number="999"), Contact(name="999 BSL", url="https://999bsl.co.uk/")],
    buttons=[Button(title="Answer my question", payload="gateway:answer")],
    private=Private(safety="immediate_danger"),
)
DANGER = Verdict(category="immediate_danger", mode="interrupt", pattern="p")


def turn(intent=None, ranking=(), topic=None, replies=None, confidence=0.9, **more):
    """A turn that the engine worked, as the core gives it."""
    return Turn(
        replies=[Reply(text="Words.", topic=topic)] if replies is None else replies,
        memory=Memory(),
        events=[{"event": "user"}],
        understanding=Understanding(
            intent=intent, confidence=confidence, ranking=list(ranking) or ([(intent, confidence)] if intent else [])
        ),
        **more,
    )


def carded(**more):
    return Turn(replies=[CARD], memory=Memory(waiting="q"), verdict=DANGER, question="q", **more)


# --- what a turn was


def test_a_question_about_a_right():
    ranking = [("right_06__how_long", 0.8), ("thanks", 0.1), ("code__list_rights", 0.05), ("oos__housing", 0.01)]
    read = reading(turn("right_06__how_long", ranking, "right_06/how_long", confidence=0.8), None, KNOWN)
    assert read.topics == ["right_06/how_long", "code/list_rights"]
    assert (read.topic, read.intent) == ("right_06/how_long", "right_06/how_long")
    assert (read.outcome, read.confidence) == ("answered", 0.8)


def test_two_questions_answered_come_first():
    ranking = [("right_06__how_long", 0.6), ("code__list_rights", 0.3), ("right_05__cica_review", 0.1)]
    both = [Reply(text="a", topic="right_06/how_long"), Reply(text="b", topic="right_05/cica_review")]
    read = reading(turn("right_06__how_long", ranking, replies=both), None, KNOWN)
    assert read.topics == ["right_06/how_long", "right_05/cica_review", "code/list_rights"]
    assert read.topic == "right_06/how_long"


@pytest.mark.parametrize(
    ("intent", "outcome"),
    [
        *((name, "flow") for name in ("case_status", "referral", "speak_to_human", "change_language")),
        ("delete_my_data", "flow"),
        *((name, "small_talk") for name in ("greet", "goodbye", "thanks", "affirm", "deny", "about_bot", "privacy")),
        *((name, "small_talk") for name in ("complaint_about_bot", "small_talk", "restart", "none_of_these")),
        ("menu", "offered"),
    ],
)
def test_a_service_intent(intent, outcome):
    read = reading(turn(intent), None, KNOWN)
    assert (read.intent, read.topic, read.outcome) == (intent, None, outcome)


@pytest.mark.parametrize("intent", ["how_long_followup", "who_followup", "what_if_not_followup", "tell_me_more"])
def test_a_follow_up_has_the_topic_it_was_resolved_to(intent):
    read = reading(turn(intent, topic="right_06/how_long"), None, KNOWN)
    assert (read.intent, read.topic, read.outcome) == (intent, "right_06/how_long", "answered")


def test_a_follow_up_on_nothing_is_asked_back():
    read = reading(turn("how_long_followup"), None, KNOWN)
    assert (read.intent, read.topic, read.outcome) == ("how_long_followup", None, "offered")


def test_out_of_scope():
    read = reading(turn("oos__housing", [("oos__housing", 0.7), ("code__list_rights", 0.2)]), None, KNOWN)
    assert (read.intent, read.topic, read.outcome) == ("out_of_scope", None, "out_of_scope")
    assert read.topics == ["code/list_rights"]


@pytest.mark.parametrize(("display", "outcome"), [("choice", "offered"), ("plain", "fallback")])
def test_not_sure(display, outcome):
    ranking = [("nlu_fallback", 0.75), ("right_06__how_long", 0.25), ("thanks", 0.2)]
    read = reading(turn("nlu_fallback", ranking, replies=[Reply(text="?", display=display)]), None, KNOWN)
    assert (read.intent, read.topic, read.outcome) == (None, None, outcome)
    assert (read.topics, read.confidence) == (["right_06/how_long"], 0.25)


def test_an_unclear_question_taken_for_a_follow_up_has_the_topic_it_was_resolved_to():
    said = [Reply(text="more", topic="right_06/how_long"), Reply(text="or?", display="choice")]
    read = reading(turn("nlu_fallback", [("code__list_rights", 0.3)], replies=said), None, KNOWN)
    assert (read.intent, read.topic, read.outcome) == (None, "right_06/how_long", "answered")


def test_nothing_to_read():
    empty = Turn(replies=[Reply(text="I did not see any words.")], memory=Memory())
    read = reading(empty, None, KNOWN)
    assert (read.topics, read.topic, read.intent, read.confidence) == ([], None, None, 0.0)
    assert read.outcome == "fallback"


def test_the_question_behind_a_card_is_understood():
    behind = turn("right_06__how_long", topic="right_06/how_long")
    read = reading(carded(), behind, KNOWN)
    assert (read.topics, read.topic) == (["right_06/how_long"], "right_06/how_long")
    assert (read.intent, read.outcome) == ("right_06/how_long", "safety")


def test_a_card_without_a_question():
    assert reading(carded(), None, KNOWN).outcome == "safety"


@pytest.mark.parametrize("mode", ["attach", "boundary"])
def test_a_card_beside_the_answer_does_not_interrupt(mode):
    verdict = Verdict(category="stalking", mode=mode, pattern="p")
    answer = Reply(text="Words.", topic="right_06/how_long")
    said = turn("right_06__how_long", replies=[answer, CARD], verdict=verdict)
    assert reading(said, None, KNOWN).outcome == "answered"
    assert result_of(Line(id=1, text=""), said, None, KNOWN).safety == "stalking"


def test_the_line_of_output():
    result = result_of(Line(id="a", text="q"), carded(), None, KNOWN)
    card = ["If you are in danger now, call 999.", "999", "999 BSL https://999bsl.co.uk/"]
    assert (result.safety, result.safety_reply) == ("immediate_danger", card)
    assert result.reply == [*card, "Answer my question"]
    assert result.__struct_fields__ == (
        *("id", "topics", "topic", "intent", "confidence", "language"),
        *("safety", "safety_reply", "outcome", "reply"),
    )


# --- reading


def file_of(tmp_path: Path, text: str | bytes, name: str = "in.jsonl") -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_lines_need_only_a_text(tmp_path):
    rows = [{"text": "a", "id": "x"}, {"text": ""}, {"text": "\ud83d", "id": None, "language_in_use": "pl"}]
    text = "\ufeff" + "\r\n\r\n".join(json.dumps(row) for row in rows) + "\n"
    lines = [line for script in read_lines(file_of(tmp_path, text)) for line in script]
    assert [(line.id, line.text, line.language_in_use) for line in lines] == [
        ("x", "a", None),
        (3, "", None),
        (5, "\ud83d", "pl"),
    ]


@pytest.mark.parametrize(
    "bad", ['{"text": "a"', '{"txt": "a"}', '{"text": null}', "[]", '"a"', b'{"text": "\xff"}', "[" * 100_000]
)
def test_a_bad_line_is_named_before_anything_runs(tmp_path, settings: Settings, bad):
    bad = bad if isinstance(bad, bytes) else bad.encode()
    file, out = file_of(tmp_path, b'{"text": "fine"}\n' + bad), tmp_path / "out.jsonl"
    with pytest.raises(EvaluationError, match=r"in\.jsonl:2: "):
        evaluate(settings, file, out)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EvaluationError, match=r"none\.jsonl: cannot be read: No such file"):
        read_lines(tmp_path / "none.jsonl")


DIALOGUES = """
dialogues:
- id: d1
  needs: c
  turns:
  - user: yes
    expect: {intent: affirm, mood: glad}
  - user: 101
    expect:
      topic: null
      contains_any: [999, that's fine]
- turns:
  - user: ""
"""


def test_dialogues_are_read_as_they_were_said(tmp_path):
    first, second = read_dialogues(file_of(tmp_path, DIALOGUES, "d.yml"))
    assert [(line.id, line.text, line.dialogue, line.needs) for line in first] == [
        ("d1#0", "yes", "d1", "c"),
        ("d1#1", "101", "d1", "c"),
    ]
    assert (first[0].labels.intent, first[0].unscored) == ("affirm", ["mood"])
    assert (first[1].labels.topic, first[1].labels.contains_any) == (None, ["999", "that's fine"])
    assert [(line.id, line.text) for line in second] == [("12#0", "")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [", r"d\.yml:\d: not YAML"),
        ("[]", r"d\.yml:1: there is no list"),
        ("dialogues:\n- id: a\n  turns: []\n- id: b\n  turns:\n  - usr: x\n", r"d\.yml:4: .*user"),
        (b"dialogues: \xff", r"d\.yml: not UTF-8"),
    ],
)
def test_bad_dialogues_are_named(tmp_path, text, where):
    with pytest.raises(EvaluationError, match=where):
        read_dialogues(file_of(tmp_path, text, "d.yml"))


# --- writing


def half(out: Path) -> None:
    with written(out) as part:
        part.write_text("half")
        raise ZeroDivisionError


def test_output_appears_only_when_complete(tmp_path):
    out = tmp_path / "new" / "out"
    with written(out) as part:
        part.write_text("all")
        assert not out.exists()
    assert out.read_text() == "all"
    with pytest.raises(ZeroDivisionError):
        half(out)
    assert out.read_text() == "all"
    assert list(out.parent.iterdir()) == [out]


def test_what_cannot_be_written_is_said_before_anything_runs(tmp_path, settings: Settings):
    file = file_of(tmp_path, '{"text": "a"}')
    with pytest.raises(EvaluationError, match="it is the input"):
        evaluate(settings, file, file)
    with pytest.raises(EvaluationError, match="it is a folder"):
        evaluate(settings, file, tmp_path)
    with pytest.raises(EvaluationError, match="cannot be written"):
        evaluate(settings, file, file / "out")


def test_without_lines_no_engine_is_started(tmp_path, settings: Settings):
    out = tmp_path / "out.jsonl"
    assert evaluate(settings, file_of(tmp_path, "\n"), out).startswith("0 lines")
    assert out.read_bytes() == b""


# --- all of it


@pytest.mark.model
def test_lines_end_to_end(tmp_path):
    rows = [
        {"id": "a", "text": "can I have an interpreter when I talk to the police", "topic": "right_01/interpreter"},
        {"text": "he is outside with a knife. can I have an interpreter", "category": "immediate_danger"},
        {"id": "\ud800", "text": "\ud83d " + "x" * 1_000_000},
    ]
    file, out = file_of(tmp_path, "\n".join(map(json.dumps, rows))), tmp_path / "out.jsonl"
    said = evaluate(load_settings({}), file, out, report=tmp_path / "report")
    first, second, third = map(json.loads, out.read_text().splitlines())
    assert (first["id"], first["topic"], first["outcome"]) == ("a", "right_01/interpreter", "answered")
    assert first["topics"][0] == "right_01/interpreter"
    assert (second["id"], second["safety"], second["outcome"]) == (2, "immediate_danger", "safety")
    assert second["topic"] == "right_01/interpreter"
    assert "999" in " ".join(second["safety_reply"])
    assert third["id"] == "\ud800"
    assert third["reply"]
    assert said.startswith("3 lines in")
    assert "right contact" in said
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in.jsonl", "index.html", "out.jsonl", "report"]


@pytest.mark.model
def test_a_dialogue_end_to_end(tmp_path):
    text = """
dialogues:
- id: d
  turns:
  - user: can I have an interpreter when I talk to the police
    expect: {topic: right_01/interpreter}
  - user: how long does that take?
    expect: {topic: right_01/interpreter, intent: how_long_followup}
"""
    file, out = file_of(tmp_path, text, "d.yml"), tmp_path / "out.jsonl"
    said = evaluate(load_settings({}), file, out, dialogues=True)
    first, second = map(json.loads, out.read_text().splitlines())
    assert (first["id"], second["id"]) == ("d#0", "d#1")
    assert (second["intent"], second["topic"]) == ("how_long_followup", "right_01/interpreter")
    assert "2 of 2" in said
