"""Topics become plain intents with a rule each."""

from pathlib import Path

import pytest
import yaml

from bot.rights.answers import intent_of, topic_of
from bot.settings import ROOT

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def importer(tmp_path_factory):
    """The importer over a project whose training file names three topics of one right as Rasa would split them."""
    from bot.engine.importer import ContentImporter

    root: Path = tmp_path_factory.mktemp("project")
    data = root / "data"
    data.mkdir()
    for name in ("code", "conversation", "rules"):
        (data / name).symlink_to(ROOT / "data" / name)
    (data / "nlu").mkdir()
    topics = ["right_06/how_long", "right_06/withdrawing", "right_06/out_of_court"]
    nlu = [{"intent": topic, "examples": f"- about {topic} one\n- about {topic} two\n"} for topic in topics]
    (data / "nlu" / "three.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
    return ContentImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(data)])


def test_three_topics_of_one_right_are_three_intents(importer):
    assert importer.get_nlu_data().intents == {
        "right_06__how_long", "right_06__withdrawing", "right_06__out_of_court"
    }  # fmt: skip


def test_every_topic_is_an_intent_of_the_domain(importer):
    topics = yaml.safe_load((ROOT / "data" / "code" / "topics.yml").read_text())["topics"]
    assert {intent_of(topic["id"]) for topic in topics} <= set(importer.get_domain().intents)


def test_every_topic_has_its_rule(importer):
    names = {step.block_name for step in importer.get_stories().story_steps}
    assert "answer right_06__how_long" in names


def test_topics_map_both_ways():
    assert topic_of(intent_of("right_06/how_long")) == "right_06/how_long"
