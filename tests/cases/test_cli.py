"""The commands of `python -m bot cases`."""

from datetime import datetime, timedelta

import msgspec
import pytest
import yaml
from typer.testing import CliRunner

from bot.cases.cli import app, opened
from bot.directory import LONDON
from tests.cases.conftest import ADDRESS, REFERENCE, record
from tests.cases.force import TOKEN, Force
from tests.conftest import DATA, KEY

ASKED = "Mobile number or e-mail address"
CONFIRM = ("contact", "confirm", REFERENCE, "--how", "in person", "--belongs-to", "victim")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("BOT_KEYS", KEY)
    return lambda *args, given=None: CliRunner().invoke(app, [str(one) for one in args], input=given)


@pytest.fixture
def store(run):
    """Stores a case as it stands today, with what differs from the good one."""

    def keep(**changes):
        now = datetime.now(LONDON)
        today = {
            "changed_at": now - timedelta(days=20),
            "updated_at": now,
            "safe_contact_confirmed_at": now - timedelta(days=5),
        }
        opened().provider.save([record(**{**today, **changes})], now)

    return keep


@pytest.fixture
def files(tmp_path):
    """A mapping with three columns, and a file of the given rows."""

    def write(*rows):
        plain = yaml.safe_load((DATA / "cases" / "mapping.example.yml").read_text(encoding="utf-8"))
        plain |= {"columns": {"reference": "Number", "status": "Status", "person_role": "Role"}, "events": {}}
        (tmp_path / "map.yml").write_text(yaml.safe_dump(plain), encoding="utf-8")
        (tmp_path / "cases.csv").write_text("\n".join(["Number,Status,Role", *rows]), encoding="utf-8")
        return tmp_path / "cases.csv", "--mapping", tmp_path / "map.yml"

    return write


def day(**ago):
    return (datetime.now(LONDON) - timedelta(**ago)).date().isoformat()


def test_a_file_is_imported(run, files):
    result = run("import", *files("20/000001/26,INV,VIC", "20/000002/26,BAIL,VIC"))
    assert result.exit_code == 0, result.output
    assert "Imported 2 cases." in result.output
    assert opened().provider.find("20/000002/26").stage == "released_on_bail"


def test_a_dry_run_lists_what_is_unmapped_and_stores_nothing(run, files):
    result = run("import", *files("20/000001/26,INV,VIC", "20/000002/26,ZZ,VIC", "oh,INV,VIC"), "--dry-run")
    assert result.exit_code == 1
    assert "row 4, Number: is not a number that a case can be found by" in result.output
    assert "status code 'ZZ' has no meaning in the mapping: rows 3" in result.output
    assert "1 cases are in order, but nothing would be imported." in result.output
    assert opened().provider.all() == []


def test_a_dry_run_of_a_good_file_stores_nothing_either(run, files):
    result = run("import", *files("20/000001/26,INV,VIC"), "--dry-run")
    assert result.exit_code == 0
    assert "would be imported" in result.output and "no column for changed_at" in result.output
    assert opened().provider.all() == []


def test_a_file_with_one_unmapped_code_is_not_imported_and_the_way_out_is_said(run, files):
    result = run("import", *files("20/000001/26,INV,VIC", "20/000002/26,ZZ,VIC"))
    assert result.exit_code == 1
    assert "'ZZ'" in result.output and "Nothing was imported." in result.output and "--dry-run" in result.output
    assert opened().provider.all() == []


def test_a_complete_file_takes_away_what_it_does_not_hold(run, files, store):
    store()
    assert run("import", *files("20/000002/26,INV,VIC"), "--complete").exit_code == 0
    assert opened().provider.find(REFERENCE) is None


def test_a_wrong_mapping_is_named_with_its_line(run, files, tmp_path):
    command = files("20/000001/26,INV,VIC")
    (tmp_path / "map.yml").write_text("version: 1\nsurname: yes\n", encoding="utf-8")
    result = run("import", *command)
    assert result.exit_code == 1
    assert "map.yml:" in result.output and "Nothing was imported." in result.output


def test_files_are_refused_where_cases_come_from_the_forces_own_system(run, files, monkeypatch):
    force_settings(monkeypatch, "https://cases.example.org")
    result = run("import", *files("20/000001/26,INV,VIC"))
    assert result.exit_code == 1
    assert "BOT_CASE_SOURCE" in result.output


def test_an_ordinary_case_goes_online_and_offline(run, store):
    store(online_allowed=False)
    result = run("online", REFERENCE, "on", "--by", "officer 1")
    assert result.exit_code == 0
    assert "Done." in result.output and "'allowed'" in result.output
    assert "'not opted in'" in run("online", REFERENCE, "off", "--by", "officer 1").output


def test_a_high_risk_case_needs_a_second_person(run, store):
    store(online_allowed=False, case_flags=["hate_crime_at_home"])
    first = run("online", REFERENCE, "on", "--by", "officer 1")
    assert "Proposed." in first.output and "'not opted in'" in first.output
    same = run("online", REFERENCE, "on", "--by", " OFFICER 1")
    assert same.exit_code == 1 and "a second, different person" in same.output
    assert "'allowed'" in run("online", REFERENCE, "on", "--by", "officer 2").output


def test_a_contact_is_confirmed_and_withdrawn(run, store):
    store(safe_contact=None)
    confirmed = run(*CONFIRM, "--at", day(days=1), "--by", "officer 1", given=f"{ADDRESS}\n")
    assert ASKED in confirmed.output and "'allowed'" in confirmed.output
    assert "'no contact'" in run("contact", "withdraw", REFERENCE, "--by", "officer 2").output


def test_a_contact_confirmed_on_the_day_it_was_withdrawn_needs_the_time(run, store):
    store()
    run("contact", "withdraw", REFERENCE, "--by", "officer 2")
    result = run(*CONFIRM, "--at", day(), "--by", "officer 1", given=f"{ADDRESS}\n")
    assert result.exit_code == 1
    assert "give the time" in result.output


@pytest.mark.parametrize("address", ["0121 496 0000", "no@address"])
def test_an_address_that_takes_no_code_is_refused(run, store, address):
    store()
    result = run(*CONFIRM, "--at", day(days=1), "--by", "officer 1", "--address", address)
    assert result.exit_code == 1
    assert "The address is not" in result.output


def test_a_stage_that_a_person_has_told_is_shown(run, store):
    store(stage="sentenced")
    assert "'not told'" in run("show", REFERENCE).output
    assert "'allowed'" in run("told", REFERENCE, "--at", day(days=2), "--by", "officer 1").output


def test_being_told_before_the_stage_changed_does_not_count(run, store):
    store(stage="sentenced")
    result = run("told", REFERENCE, "--at", day(days=30), "--by", "officer 1")
    assert result.exit_code == 1 and "has changed since then" in result.output


def test_every_decision_is_listed_without_the_address(run, store):
    store(other_references=["20ZZ0000126"])
    run(*CONFIRM, "--at", day(days=1), "--by", "officer 1", given=f"{ADDRESS}\n")
    run("online", REFERENCE, "off", "--by", "officer 2")
    for said in (run("show", "20ZZ0000126").output, run("decisions").output):
        assert "confirm_contact  done  officer 1" in said and "how in person" in said
        assert "disallow  done  officer 2" in said
        assert ADDRESS not in said


@pytest.mark.parametrize(
    "command",
    [
        ("show", "20/000777/26"),
        ("online", "20/000777/26", "on", "--by", "officer 1"),
        ("contact", "withdraw", "20/000777/26", "--by", "officer 1"),
        ("told", "20/000777/26", "--at", "2026-01-01", "--by", "officer 1"),
    ],
)
def test_no_such_case_is_said_to_staff_with_what_to_check(run, store, command):
    store()
    result = run(*command)
    assert result.exit_code == 1
    assert "There is no such case. Check the number" in result.output


@pytest.mark.parametrize("by", ["", "  "])
def test_nobody_decides_without_a_name(run, store, by):
    store()
    result = run("online", REFERENCE, "off", "--by", by)
    assert result.exit_code == 1 and "Say who does this" in result.output


def test_officers_decide_about_cases_of_the_forces_own_system(run, monkeypatch):
    now = datetime.now(LONDON)
    case = record(
        reference="000001/26",
        online_allowed=False,
        changed_at=now - timedelta(days=20),
        updated_at=now,
        safe_contact_confirmed_at=now - timedelta(days=5),
        case_flags=["hate_crime_at_home"],
        other_references=[REFERENCE],
    )
    force = Force([msgspec.to_builtins(case)], None)
    force_settings(monkeypatch, force.url)
    assert "Proposed." in run("online", REFERENCE, "on", "--by", "officer 1").output
    assert "'allowed'" in run("online", REFERENCE, "on", "--by", "officer 2").output
    force.close()


def test_a_force_that_does_not_answer_is_said_plainly(run, monkeypatch):
    force = Force([], None)
    force.close()
    force_settings(monkeypatch, force.url)
    result = run("show", REFERENCE)
    assert result.exit_code == 1
    assert "The force's system cannot be read" in result.output


def test_what_only_keeps_the_service_from_starting_does_not_stop_staff(run, store, monkeypatch):
    monkeypatch.setenv("BOT_NOTIFY_SMS", "off")
    monkeypatch.setenv("BOT_NOTIFY_EMAIL", "off")
    store()
    assert run("contact", "withdraw", REFERENCE, "--by", "officer 1").exit_code == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BOT_KEYS", "not a key", "BOT_KEYS"),
        ("BOT_PORT", "many", "A setting is wrong"),
        ("BOT_DATABASE_URL", "nosuch://database", "The database cannot be opened"),
        ("BOT_CASE_SOURCE", "http", "BOT_CASE_API_URL"),
        ("BOT_DATA_DIR", "nowhere", "references.yml"),
    ],
)
def test_what_stands_in_the_way_is_said_without_a_traceback(run, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    result = run("decisions")
    assert result.exit_code == 1
    assert said in result.output
    assert isinstance(result.exception, SystemExit)


def force_settings(monkeypatch, url):
    monkeypatch.setenv("BOT_CASE_SOURCE", "http")
    monkeypatch.setenv("BOT_CASE_API_URL", url)
    monkeypatch.setenv("BOT_CASE_API_TOKEN", TOKEN)
