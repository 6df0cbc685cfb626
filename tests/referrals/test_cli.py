"""What staff see of referrals: references, times and states, never an answer."""

import pytest
from typer.testing import CliRunner

from bot.referrals.cli import app, opened
from bot.referrals.rows import spoken
from tests.conftest import KEY
from tests.referrals.conftest import NOW, REST, submitted


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("BOT_KEYS", KEY)
    return lambda *args: CliRunner().invoke(app, args)


def test_the_list_shows_reference_and_state_and_no_answer(run):
    reference = submitted(opened().referrals, opened().form)
    result = run("list")
    assert f"{spoken(reference)}  2027-01-15 08:00  not_through" in result.output
    assert not [
        value for value in REST.values() if isinstance(value, str) and len(value) > 5 and value in result.output
    ]


def test_a_force_sees_nothing(run):
    submitted(opened().referrals, opened().form)
    assert run("list", "--organisation", "west_midlands_police").output == ""


def test_dead_letters_are_listed_and_fail_a_check(run):
    store = opened().referrals
    reference = submitted(store, opened().form)
    assert run("dead-letters").exit_code == 0
    store.not_delivered(store.claim("me", NOW, NOW + 60), "status 401", None)
    result = run("dead-letters")
    assert result.exit_code == 1
    assert f"{spoken(reference)}" in result.output and "status 401" in result.output
    assert run("send-again", *spoken(reference).split()[:1]).exit_code == 1
    assert run("send-again", spoken(reference)).exit_code == 0
    assert run("dead-letters").exit_code == 0


def test_rewrap_counts_the_keys(run):
    submitted(opened().referrals, opened().form)
    assert "Wrapped 1 keys" in run("rewrap").output
