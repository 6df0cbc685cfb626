"""`python -m bot staff` and `python -m bot audit`."""

import json
import re
import time

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from bot.staff.cli import app, audit, opened
from bot.staff.passwords import code_now
from tests.conftest import KEY
from tests.staff.conftest import PASSWORD

ADA = ("ada", "--name", "Administrator", "--role", "administrator", "--organisation", "police")


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("BOT_KEYS", KEY)


def run(*args, of=app):
    return CliRunner().invoke(of, [str(one) for one in args])


def add(*args) -> str:
    """Add somebody; the code of their invitation."""
    result = run("add", *(args or ADA))
    assert result.exit_code == 0, result.output
    return re.search(r"once: (\S+)", result.output)[1]


def active() -> None:
    """The administrator, who has taken the invitation."""
    staff, code = opened(), add()
    enrolment = staff.invitations.enrolment(code, time.time())
    staff.invitations.accept(code, PASSWORD, code_now(enrolment.code_secret, time.time()), time.time())


def test_the_first_administrator_is_invited():
    enrolment = opened().invitations.enrolment(add(), time.time())
    assert enrolment.sign_in == "ada"
    assert "ada  invited  police  administrator" in run("list").output


def test_no_password_is_made_or_printed():
    add()
    assert opened().local.sign_in("ada", "", "", time.time()) is None
    assert "assword:" not in run("list").output


def test_a_name_that_is_taken_is_refused():
    add()
    result = run("add", *ADA)
    assert (result.exit_code, "There is an account with this name" in result.output) == (1, True)


def test_an_account_is_disabled_and_enabled():
    add("bob", "--name", "Adviser", "--role", "adviser", "--organisation", "police")
    assert run("disable", "bob").exit_code == 0
    assert "bob  disabled" in run("list").output
    assert run("enable", "BOB").exit_code == 0
    assert "bob  invited" in run("list").output


def test_the_last_administrator_is_not_disabled_but_may_begin_anew():
    active()
    refused = run("disable", "ada")
    assert (refused.exit_code, "last administrator" in refused.output) == (1, True)
    assert "Invitation for ada" in run("reset", "ada").output


def test_an_account_moves_to_another_organisation():
    add("bob", "--name", "Adviser", "--role", "adviser", "--organisation", "police")
    moved = run("change", "bob", "--role", "supervisor", "--organisation", "victim_support", "--restricted")
    assert moved.exit_code == 0
    assert "bob  invited  victim_support  supervisor  restricted" in run("list").output


def test_an_account_that_is_not_there_is_said():
    result = run("reset", "nobody")
    assert (result.exit_code, "no such account" in result.output) == (1, True)


def test_a_whole_log_is_said_to_be_whole_with_its_last_line():
    add()
    result = run("verify", of=audit)
    assert result.exit_code == 0
    last = re.search(r"Last line: (1:[0-9a-f]{64})", result.output)[1]
    assert run("verify", "--known", last, of=audit).exit_code == 0
    missing = run("verify", "--known", f"2:{'0' * 64}", of=audit)
    assert (missing.exit_code, "is not there" in missing.output) == (1, True)


def test_a_log_that_was_changed_is_said_to_be():
    add()
    with opened().engine.begin() as db:
        db.execute(sa.text("DROP TRIGGER audit_no_update"))
        db.execute(sa.text("UPDATE audit SET subject = 'another'"))
    result = run("verify", of=audit)
    assert (result.exit_code, "Line 1 is not as it was written." in result.output) == (1, True)


def test_the_log_is_written_into_a_file_and_that_is_noted(tmp_path):
    add()
    assert run("export", "--out", tmp_path / "log.json", of=audit).exit_code == 0
    lines = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    assert [line["act"] for line in lines] == ["audit.export", "staff.add"]
    assert run("export", "--out", tmp_path / "log.csv", of=audit).exit_code == 0
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").startswith('"id","at","by"')


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "log.csv").write_text("mine")
    result = run("export", "--out", tmp_path / "log.csv", of=audit)
    assert (result.exit_code, (tmp_path / "log.csv").read_text()) == (1, "mine")


@pytest.mark.parametrize("args", [("verify", "--known", "x"), ("export", "--out", "log.txt")])
def test_what_makes_no_sense_is_refused(args):
    assert run(*args, of=audit).exit_code == 1
