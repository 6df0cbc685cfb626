"""The cases of the demonstration: complete, nobody's, and each coming out as its line says."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.cases import seeds
from bot.cases.references import load_references
from bot.cases.rules import Reason, is_high_risk, may_send_code
from bot.cases.seeds import load_seeds, record_of, seed
from bot.data_files import DataError
from bot.rights.facts import load_facts
from tests.cases.conftest import CODE, NOW, later
from tests.conftest import DATA

README = (DATA.parent / "bot" / "cases" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def found(stages):
    return load_seeds(DATA, stages)


@pytest.mark.parametrize("high_risk", [False, True])
def test_every_stage_and_side_state_is_shown_once_high_risk_and_once_not(found, stages, high_risk):
    shown = [one for one in found if one.expect is Reason.ALLOWED and is_high_risk(record_of(one, NOW)) is high_risk]
    assert {one.stage for one in shown if one.side_state is None} == set(stages.stages)
    assert {one.side_state for one in shown} - {None} == set(stages.side_states)


def test_every_mark_is_there(found, stages):
    assert {flag for one in found for flag in one.flags} == stages.flags


@pytest.mark.parametrize("now", [NOW, later(days=40), later(days=200)])
def test_each_look_up_comes_out_as_its_line_says_on_any_day(found, stages, now):
    wrong = {
        one.reference: got for one in found if (got := may_send_code(record_of(one, now), stages, now)) != one.expect
    }
    assert wrong == {}


def test_no_reference_can_be_real_and_each_is_read_as_it_is_written(found):
    recognise = load_references(DATA)
    assert all(one.reference.startswith("00/") for one in found)
    assert [recognise(f"my number is {one.reference}.").written for one in found] == [one.reference for one in found]
    assert len({one.reference for one in found}) == len(found)


def test_no_contact_can_be_real(found):
    contacts = [one.contact for one in found if one.contact]
    assert all(re.fullmatch(r"07700 900\d{3}|[a-z0-9-]+@example\.org", contact) for contact in contacts)
    assert len(set(contacts)) == len(contacts)


def test_events_are_kinds_that_are_known(found, stages):
    known = {limit.event for limit in load_facts(DATA).limits.values()} | stages.risk_events
    assert {kind for one in found for kind in one.events} <= known


def test_a_seed_is_found_and_its_code_shows_it(cases, desk, stages):
    seed(cases, stages, NOW)
    desk.ask("00/000103/26", "one", NOW)
    proof = desk.prove("00/000103/26", CODE, "one", NOW)
    assert desk.view(proof, NOW).stage == "under_investigation"


def test_loaded_again_there_are_no_more_cases_and_dates_are_of_today(cases, stages):
    count = seed(cases, stages, NOW)
    assert seed(cases, stages, later(days=100)) == count
    assert len(cases.all()) == count
    assert cases.find("00/000103/26").changed_at == later(days=100) - timedelta(days=20)


def test_two_gateways_that_start_at_once_load_them_once(cases, stages):
    with ThreadPoolExecutor(2) as threads:
        counts = [future.result() for future in [threads.submit(seed, cases, stages, NOW) for _ in range(2)]]
    assert [len(cases.all())] * 2 == counts


def test_other_cases_are_left_alone(cases, stages, store):
    store()
    count = seed(cases, stages, NOW)
    assert len(cases.all()) == count + 1


def test_a_stage_that_does_not_exist_is_named(tmp_path, stages):
    (tmp_path / "cases").mkdir()
    file = tmp_path / "cases" / "seeds.yml"
    file.write_text("version: 1\ncases: [{reference: 00/000101/26, stage: in_limbo}]\n", encoding="utf-8")
    with pytest.raises(DataError, match="in_limbo"):
        load_seeds(tmp_path, stages)


@pytest.mark.parametrize("words", [README, seeds.__doc__], ids=["README", "module"])
def test_the_references_that_people_are_told_to_try_are_there(found, words):
    told = set(re.findall(r"\b00/\d{6}/26\b", words))
    assert told
    assert told <= {one.reference for one in found}
