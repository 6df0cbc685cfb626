"""The gate's models: what they add to the patterns, and that neither ever takes a card away."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.conversation.messages import Opinion, Verdict
from bot.data_files import DataError, load
from bot.directory import LONDON
from bot.safety.examples import Example, load_examples
from bot.safety.gate import Gate, Look, Thresholds, load_gate
from bot.safety.network import Network
from bot.safety.ngrams import BUCKETS, NgramModel, features, readings
from bot.safety.training import fit_ngrams, fit_vectors, neighbours
from bot.settings import ROOT
from tests.conftest import DATA

ORDINARY = ["when do i get my phone back", "how long does the trial take", "who pays my train fare", "what is a vps"]
DANGER = ["he is kicking the door in", "he is at the door with a bat", "she is smashing the door", "kicking my door in"]


@pytest.fixture(scope="module")
def model() -> NgramModel:
    """A tiny model that knows four messages of each kind."""
    labels = [(text, "immediate_danger:now") for text in DANGER] + [(text, "none") for text in ORDINARY]
    labels += [("he follows me home", "stalking"), ("he follows me to work", "stalking"), ("he follows me", "stalking")]
    return fit_ngrams([Example(text, label, "en") for text, label in labels])


@pytest.fixture(scope="module")
def patterns() -> Gate:
    return load_gate(DATA)


def opinion(danger: float, category: str = "immediate_danger", now: float = 1.0) -> Opinion:
    return Opinion(danger=danger, now=now, kinds={category: 0.0})


def found(mode: str = "attach", category: str = "stalking") -> Look:
    return Look(Verdict(category=category, mode=mode, pattern="test"), opinion(-5.0))  # type: ignore[arg-type]


def test_the_model_finds_what_it_has_not_seen_word_for_word(model):
    assert model.opinion("someone is kicking the front door").danger > model.opinion("when is the trial").danger


def test_a_disguised_message_is_read_as_what_it_means(model):
    assert model.opinion("he is k1cking the d00r in").danger == pytest.approx(
        model.opinion("he is kicking the door in").danger, abs=1.0
    )


def test_features_are_the_same_every_time_and_lie_in_the_buckets():
    first, second = (features(readings("ਮਦਦ please help")[0]) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert first[0].max() < BUCKETS


@pytest.mark.parametrize("text", ["", " ", "😀" * 10_000, "a" * 1_000_000, "\ud800", "\u202e" * 50, "Z̵̢̛a̸̢l̴g̷o̶"])
def test_odd_messages_get_an_opinion(model, text):
    assert np.isfinite(model.opinion(text).danger)


def test_a_model_is_the_same_after_it_was_stored(model, tmp_path):
    model.save(tmp_path / "safety.npz")
    stored = NgramModel.load(tmp_path / "safety.npz")
    assert stored.opinion("he is kicking").danger == pytest.approx(model.opinion("he is kicking").danger, abs=0.05)


def test_without_its_model_the_gate_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="make train"):
        load_gate(DATA, tmp_path)


def test_a_sure_second_opinion_adds_a_card(patterns):
    assert patterns.with_second(Look(None, opinion(5.0)), opinion(5.0)).mode == "interrupt"


def test_a_sure_second_opinion_raises_a_line_to_a_card(patterns):
    assert patterns.with_second(found("attach"), opinion(9.0, "stalking")).mode == "interrupt"


@pytest.mark.parametrize("mode", ["attach", "interrupt", "quiet"])
def test_no_second_opinion_takes_a_card_away(patterns, mode):
    verdict = patterns.with_second(found(mode), opinion(-20.0))
    assert verdict is not None
    assert verdict.mode == mode


def test_without_a_sentence_vector_the_first_verdict_stands(patterns):
    assert patterns.with_second(found("attach"), None) == found("attach").verdict


def test_a_quiet_card_is_not_made_visible_by_a_model(patterns):
    assert patterns.with_second(found("quiet", "watched_now"), opinion(9.0)).mode == "quiet"


def test_thresholds_are_ordered_so_that_interrupting_takes_more_than_a_line():
    from bot.data_files import load

    marks = load(DATA / "safety" / "thresholds.yml", Thresholds)
    for one in (marks.first, marks.alone, marks.joined):
        assert one.attach <= one.interrupt <= one.quiet


def test_no_held_out_message_is_an_example():
    known = {one.text.lower() for one in load_examples(DATA / "safety" / "examples")}
    # A few set phrases ("help me") are what everybody types.
    shared = [one.text for one in load_examples(DATA / "safety" / "heldout") if one.text.lower() in known]
    assert all(len(text.split()) <= 5 for text in shared), shared


def test_immediate_danger_that_is_clearly_of_one_kind_gets_that_card(patterns):
    look = Look(Verdict(category="immediate_danger", mode="interrupt", pattern="test"), opinion(3.0))
    second = Opinion(danger=3.0, now=1.0, kinds={"immediate_danger": 0.0, "forced_marriage": 6.0})
    verdict = patterns.with_second(look, second)
    assert (verdict.category, verdict.mode) == ("forced_marriage", "interrupt")


def test_a_second_kind_about_as_likely_has_its_helpline_on_the_card(patterns, cards):
    second = Opinion(danger=3.0, now=-1.0, kinds={"stalking": 1.0, "domestic_abuse_risk": 0.8})
    verdict = patterns.with_second(Look(None), second)
    assert (verdict.category, verdict.also) == ("stalking", "domestic_abuse_risk")
    shown = cards.card(verdict, now=datetime(2026, 11, 24, 11, 0, tzinfo=LONDON))
    assert any("Domestic Abuse" in contact.name for contact in shown.contacts)
    assert len(shown.contacts) <= 3


def test_immediate_danger_on_another_kinds_card_still_alerts_staff(patterns, cards):
    look = Look(Verdict(category="immediate_danger", mode="interrupt", pattern="test"), opinion(3.0))
    second = Opinion(danger=3.0, now=1.0, kinds={"immediate_danger": 0.0, "domestic_abuse_risk": 6.0})
    verdict = patterns.with_second(look, second)
    assert verdict.category == "domestic_abuse_risk"
    assert cards.alerts(verdict)


@pytest.mark.parametrize(("danger", "asked"), [(-20.0, False), (-1.0, True)])
def test_where_the_first_layer_doubts_the_second_must_look(patterns, danger, asked):
    assert patterns.doubts(Look(None, opinion(danger))) is asked


def test_where_no_second_layer_comes_the_first_speaks_up_sooner(patterns):
    look = Look(None, opinion(-0.5, "stalking", now=-1.0))
    assert patterns.with_second(look, None) is None
    assert patterns.alone(look).category == "stalking"


@pytest.fixture(scope="module")
def network() -> Network:
    """Trained on two clouds of vectors, stalking and ordinary, and one child in danger far from both."""
    dice = np.random.default_rng(0)
    clouds = {"stalking": dice.normal(1.0, 0.1, (30, 8)), "none": dice.normal(-1.0, 0.1, (30, 8))}
    clouds["child_at_risk:now"] = np.array([[5.0, -5.0] * 4, [5.1, -5.0] * 4])
    examples = [Example(f"{label} {n}", label, "en") for label, cloud in clouds.items() for n in range(len(cloud))]
    return fit_vectors(examples, np.concatenate(list(clouds.values())).astype(np.float32))


def test_what_is_like_an_example_of_danger_is_likelier_danger(network):
    near, far = network.opinion(np.full(8, 1.0, np.float32)), network.opinion(np.full(8, -1.0, np.float32))
    assert near.danger > far.danger
    assert max(near.kinds, key=near.kinds.__getitem__) == "stalking"


def test_two_examples_are_enough_to_know_their_like(network):
    seen = network.opinion(np.array([5.0, -5.1] * 4, np.float32))
    assert max(seen.kinds, key=seen.kinds.__getitem__) == "child_at_risk"
    assert seen.now > network.opinion(np.full(8, 1.0, np.float32)).now


def test_a_network_is_the_same_after_it_was_stored(network, tmp_path):
    network.save(tmp_path / "opinion.npz")
    vector = np.full(8, 0.3, np.float32)
    stored, before = Network.load(tmp_path / "opinion.npz").opinion(vector), network.opinion(vector)
    assert stored.danger == pytest.approx(before.danger)
    assert stored.kinds == pytest.approx(before.kinds)


def test_of_the_questions_about_rights_a_third_are_neighbours():
    examples = [Example("a", "stalking", "en"), Example("b", "none", "en"), Example("c", "none", "en", question=True)]
    near = neighbours(examples * 3, np.eye(9, dtype=np.float32))
    assert len(near.places) == 7


class SaysOdds(NgramModel):
    """A model that gives every message the same log odds."""

    def __init__(self, danger: float) -> None:
        self._odds = opinion(danger)

    def opinion(self, text: str) -> Opinion:
        return self._odds


@pytest.fixture
def at_odds():
    """A gate with the real patterns and thresholds and a model that says one thing of everything."""
    real = load_gate(DATA)
    thresholds = load(DATA / "safety" / "thresholds.yml", Thresholds)
    return lambda danger: Gate(real._languages, real._modes, thresholds, SaysOdds(danger))


KNIFE = "he is outside my door with a knife"
PRESSED = "his family want me to drop the statement"


def test_a_line_below_the_answer_stays_where_the_model_is_not_sure(at_odds):
    assert at_odds(-3.9).look(PRESSED).verdict.mode == "attach"


def test_a_line_below_the_answer_is_left_away_where_the_message_is_surely_ordinary(at_odds):
    assert at_odds(-4.1).look(PRESSED).verdict is None


def test_a_card_that_comes_first_is_never_doubted(at_odds):
    assert at_odds(-9.0).look(KNIFE).verdict.mode == "interrupt"


def test_a_few_words_are_taken_at_their_word(at_odds):
    few = "he checks my phone"
    assert at_odds(-9.0).look(few).verdict.mode == "attach"


def test_in_a_long_message_the_pattern_is_taken_at_its_word(at_odds):
    story = "my statement was taken in march and nobody has rung. " * 6
    assert at_odds(-9.0).look(story + PRESSED).verdict is not None


DANGERS = [
    line
    for file in ("danger.yml", "danger_more.yml", "danger_last.yml", "danger_check.yml")
    for lines in yaml.safe_load((Path(__file__).parent / file).read_text(encoding="utf-8")).values()
    for line in lines
]


@pytest.mark.model
def test_the_trained_gate_doubts_none_of_the_dangers_that_patterns_are_written_for():
    gate, patterns = load_gate(DATA, ROOT / "models"), load_gate(DATA)
    assert [line for line in DANGERS if patterns.check(line) and gate.look(line).verdict is None] == []
