"""Fetching the approved examples by the command line."""

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.settings import load
from bot.store.database import open_database
from bot.store.unanswered_tables import approved_examples
from tests.conftest import KEY
from tests.unanswered.conftest import NOW, TOPIC


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("BOT_KEYS", KEY)
    return lambda *args: CliRunner().invoke(app, ["examples", "approved", *args])


@pytest.fixture
def approved(run):
    """An approved example in the store of the command line."""
    database = open_database(load().store_url)
    with database.begin() as db:
        who = {"rewritten_by": "anna", "approved_by": "bea", "approved": NOW}
        db.execute(approved_examples.insert().values(topic=TOPIC, text="when is the hearing", **who))
    database.dispose()


def test_they_are_printed(run, approved):
    assert "- intent: right_07__court_dates\n  examples: |\n    - when is the hearing\n" in run().output


def test_they_are_written_to_a_file_without_who_made_them(run, approved, tmp_path):
    assert "Wrote 1 examples" in run("--out", str(tmp_path / "approved.yml")).output
    written = (tmp_path / "approved.yml").read_text()
    assert "when is the hearing" in written
    assert "anna" not in written


def test_without_any_the_file_is_empty_of_examples(run):
    assert "nlu: []" in run().output
