"""The commands of `python -m bot privacy`."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from bot.privacy.cli import app
from bot.referrals.cli import opened
from bot.referrals.rows import spoken
from tests.conftest import KEY
from tests.referrals.conftest import submitted

CHECKED = ("--made-by", "demo", "--checked-by", "demo officer", "--how", "passport seen")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("BOT_KEYS", KEY)
    return lambda *args: CliRunner().invoke(app, [str(one) for one in args])


def test_an_export_is_written_for_its_owner_only_and_recorded(run, tmp_path):
    reference = submitted(opened().referrals, opened().form, code_word="=Demoman")
    out = tmp_path / "out"
    result = run(
        "export", *CHECKED, "--reference", spoken(reference), "--third-party", "Demoman", "--csv", "--out", out
    )
    assert result.exit_code == 0, result.output
    assert json.loads((out / "export.json").read_text())["records"]["1"]["content"]["Code word"] == "=[name removed]"
    assert "'=[name removed]" in (out / "export.csv").read_text()
    assert {path.stat().st_mode & 0o077 for path in [out, *out.iterdir()]} == {0}


def test_an_export_without_how_the_identity_was_checked_is_refused(run, tmp_path):
    result = run("export", "--made-by", "demo", "--checked-by", "demo", "--how", " ", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_an_export_never_overwrites(run, tmp_path):
    assert run("export", *CHECKED, "--out", tmp_path).exit_code == 1


def test_a_malformed_exemption_says_how_it_reads(run, tmp_path):
    result = run("export", *CHECKED, "--exempt", "because", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "number|why|rule" in result.output


def test_a_hold_is_placed_listed_and_lifted_by_a_supervisor(run):
    place = ("hold", "place", "referral", "1234 5678 9012", "--reason", "A court", "--review-on", "2999-01-01")
    assert run(*place, "--by", "demo", "--role", "adviser").exit_code == 1
    assert run(*place, "--by", "demo", "--role", "supervisor").exit_code == 0
    assert "referral 123456789012  look again on 2999-01-01" in run("hold", "list").output
    assert run("hold", "list", "--due").output == ""
    assert run("hold", "lift", 1, "--by", "demo", "--role", "supervisor").exit_code == 0
    assert run("hold", "list").output == ""


def test_a_hold_on_something_else_is_refused(run):
    result = run(
        "hold", "place", "house", "1", "--reason", "x", "--review-on", "2999-01-01", "--by", "d", "--role", "s"
    )
    assert result.exit_code == 1


def test_a_complaint_is_recorded_acknowledged_and_closed(run):
    made = run(
        "complaint", "record", "--about", "Demo", "--contact", "post", "--by", "demo", "--received-on", "2026-11-01"
    )
    assert "Acknowledge it by 2026-11-30" in made.output
    assert "acknowledge by 2026-11-30  Demo" in run("complaint", "list").output
    assert run("complaint", "close", 1, "--outcome", "x", "--by", "demo").exit_code == 1
    assert run("complaint", "acknowledge", 1, "--by", "demo", "--on", date.today()).exit_code == 0
    assert run("complaint", "close", 1, "--outcome", "x", "--by", "demo").exit_code == 0
    assert run("complaint", "list").output == ""


def test_purge_says_what_it_deleted(run):
    said = run("purge").output
    assert all(f"{kind}: 0 deleted" in said for kind in ("referral", "referral_unread", "audit", "backup"))
