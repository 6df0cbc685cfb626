"""A force's file of cases: what its cells and codes come to, and that one bad row stores nothing."""

import csv
from datetime import date, datetime, timedelta

import pytest
import yaml

from bot.cases.csv_import import MOST_CODES, ImportRefused, read_cases, store_cases
from bot.cases.mapping import load_mapping
from bot.cases.model import CaseEvent, SafeContact
from bot.cases.references import load_references
from bot.cases.rules import Reason, may_send_code
from bot.data_files import DataError
from bot.directory import LONDON
from tests.cases.conftest import NOW, REFERENCE, record
from tests.conftest import DATA

EXAMPLE = DATA / "cases" / "mapping.example.yml"
EVENTS = frozenset({"crime_reported_to_police", "suspect_arrested", "suspect_charged"})
GOOD = {
    "Crime number": "20 / 000001 / 26",
    "URN": "20ZZ0000126",
    "Status": "INV",
    "Status date": "04/11/2026 11:00",
    "Enhanced rights": "N",
    "Next hearing": "",
    "Role": "VIC",
    "Roles in linked cases": "NONE",
    "Acts until": "",
    "Safe mobile": "07700 900123",
    "Safe email": "",
    "Contact of": "V",
    "Contact confirmed by": "officer 1",
    "Contact confirmed at": "19/11/2026 10:00",
    "Last risk event": "NONE",
    "Markers": "NONE",
    "Online": "Y",
    "Online decided by": "officer 1",
    "Told at": "",
    "Updated": "23/11/2026 11:00",
    "Reported on": "02/11/2026",
    "Arrested on": "",
    "Charged on": "",
    "Surname": "not read",
}


@pytest.fixture
def mapping(stages):
    return load_mapping(EXAMPLE, stages, EVENTS)


@pytest.fixture
def read(tmp_path, mapping):
    """Reads a file of rows that differ from the good one."""

    def read_rows(*changes, encoding="utf-8-sig"):
        file = tmp_path / "cases.csv"
        with file.open("w", newline="", encoding=encoding) as text:
            writer = csv.DictWriter(text, GOOD)
            writer.writeheader()
            writer.writerows({**GOOD, **change} for change in changes)
        return read_cases(file, mapping, load_references(DATA))

    return read_rows


@pytest.fixture
def read_text(tmp_path, mapping):
    """Reads a file as it stands."""

    def read_bytes(content: bytes):
        file = tmp_path / "cases.csv"
        file.write_bytes(content)
        return read_cases(file, mapping, load_references(DATA))

    return read_bytes


def one(found):
    """The only record, of a file without a problem."""
    assert (found.problems, found.unmapped) == ([], [])
    (case,) = found.records
    return case


def test_a_row_becomes_a_case_that_may_be_shown(read, stages):
    case = one(read({}))
    assert (case.reference, case.other_references) == (REFERENCE, ["20ZZ0000126"])
    assert case.safe_contact == SafeContact(channel="sms", address="+447700900123", belongs_to="victim")
    assert case.events == [CaseEvent(kind="crime_reported_to_police", on=date(2026, 11, 2))]
    assert case.enhanced == "no"
    assert may_send_code(case, stages, NOW) is Reason.ALLOWED


def test_a_file_without_the_mark_of_a_spreadsheet_is_read_as_well(read):
    assert one(read({}, encoding="utf-8")).reference == REFERENCE


def test_moments_are_of_london_in_summer_too(read):
    assert one(read({"Updated": "01/07/2026 12:00"})).updated_at == datetime.fromisoformat("2026-07-01T11:00:00+00:00")


def test_a_day_without_a_time_counts_on_the_safe_side(read, stages):
    same_day = one(read({"Last risk event": "19/11/2026", "Contact confirmed at": "19/11/2026"}))
    assert same_day.safe_contact_confirmed_at == datetime(2026, 11, 19, tzinfo=LONDON)
    assert may_send_code(same_day, stages, NOW) is Reason.CONTACT_BEFORE_RISK


@pytest.mark.parametrize(
    ("code", "stage", "side_state", "flags"),
    [
        ("RUI", "released_under_investigation", None, []),
        ("ADJ", "trial_listed", "adjourned", []),
        ("THR", "under_investigation", None, ["threat_to_life"]),
        ("XFR", None, None, []),
    ],
)
def test_a_status_code_gives_stage_side_state_and_flags(read, code, stage, side_state, flags):
    case = one(read({"Status": code}))
    assert (case.stage, case.side_state, case.case_flags) == (stage, side_state, flags)


def test_several_markers_in_one_cell_are_added_to_those_of_the_status(read):
    case = one(read({"Status": "THR", "Markers": "DASTK; HH;MIN"}))
    assert case.case_flags == ["domestic_abuse", "hate_crime_at_home", "stalking", "threat_to_life"]


def test_a_status_that_makes_a_case_high_risk_does_not_make_unknown_markers_known(read):
    assert one(read({"Status": "THR", "Markers": ""})).case_flags is None


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("Role", Reason.NOT_ENTITLED),
        ("Roles in linked cases", Reason.LINKED_UNKNOWN),
        ("Safe mobile", Reason.NO_CONTACT),
        ("Contact confirmed by", Reason.CONTACT_UNCONFIRMED),
        ("Contact confirmed at", Reason.CONTACT_UNCONFIRMED),
        ("Last risk event", Reason.MISSING_FIELDS),
        ("Markers", Reason.MISSING_FIELDS),
        ("Online", Reason.NOT_OPTED_IN),
        ("Status date", Reason.MISSING_FIELDS),
        ("Updated", Reason.MISSING_FIELDS),
    ],
)
def test_an_empty_cell_never_opens_a_case(read, stages, column, reason):
    assert may_send_code(one(read({column: ""})), stages, NOW) is reason


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Crime number": "not given"}, "row 2, Crime number: is not a number that a case can be found by"),
        ({"Crime number": "collar 1234"}, "row 2, Crime number: is not a number that a case can be found by"),
        ({"Status": ""}, "row 2, Status: is empty"),
        (
            {"Status date": "2026-11-04"},
            "row 2, Status date: is not a date in a form that `dates` of the mapping names",
        ),
        ({"Next hearing": "31/02/2027"}, "row 2, Next hearing: is not a date in a form"),
        ({"Charged on": "01/01/0001"}, "row 2, Charged on: is not a date in a form"),
        ({"Online": "perhaps"}, "row 2, Online: is neither yes nor no"),
        ({"Safe mobile": "0121 496 0000"}, "row 2, safe contact: is not a mobile number"),
        ({"Safe mobile": "", "Safe email": "no address"}, "row 2, safe contact: is not an e-mail address"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_not_repeated(read, change, problem):
    found = read(change)
    (said,) = found.problems
    assert said.startswith(problem)
    assert not any(cell in said for cell in change.values() if cell)
    assert found.records == []


def test_every_problem_of_every_row_is_listed(read):
    found = read({"Online": "x", "Updated": "x"}, {"Crime number": "20/000002/26", "URN": ""}, {"Status": ""})
    assert [line.partition(":")[0] for line in found.problems] == ["row 2, Online", "row 2, Updated", "row 4, Status"]
    assert found.rows == [3]


def test_codes_without_a_meaning_are_listed_with_their_rows_the_commonest_first(read):
    found = read({"Status": "ZZ"}, {"Status": "YY", "Markers": "NEW;DA"}, *[{"Status": "ZZ"}] * 6)
    assert [str(code) for code in found.unmapped] == [
        "status code 'ZZ' has no meaning in the mapping: rows 2, 4, 5, 6, 7 and 2 more",
        "flag code 'NEW' has no meaning in the mapping: rows 3",
        "status code 'YY' has no meaning in the mapping: rows 3",
    ]


def test_a_column_of_names_that_was_taken_for_codes_is_not_printed(read):
    found = read(*[{"Role": f"Demo Person {number}"} for number in range(MOST_CODES + 1)])
    (said,) = map(str, found.unmapped)
    assert "Demo" not in said and "Is it the right column?" in said


def test_two_rows_with_the_same_number_are_a_problem(read):
    found = read({}, {"Crime number": "20/000002/26", "URN": "20ZZ0000226"}, {"Crime number": "20ZZ0000126", "URN": ""})
    assert found.problems == ["row 4: has a number that row 2 has, too"]


def test_fields_without_a_column_are_named(tmp_path, stages):
    plain = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    plain["columns"] = {"reference": "Number", "status": "Status", "person_role": "Role"}
    plain["events"] = {}
    file, cases = tmp_path / "mapping.yml", tmp_path / "cases.csv"
    file.write_text(yaml.safe_dump(plain), encoding="utf-8")
    cases.write_text("Number,Status,Role\n20/000001/26,INV,VIC\n", encoding="utf-8")
    found = read_cases(cases, load_mapping(file, stages, EVENTS), load_references(DATA))
    assert {"safe_contact", "case_flags", "online_allowed"} <= set(found.without_column)
    assert not {"reference", "stage", "person_role"} & set(found.without_column)


def test_a_file_that_lacks_columns_is_refused_with_all_of_them(read_text):
    with pytest.raises(ImportRefused) as caught:
        read_text(b"Crime number,Status,Status\n")
    assert "The file has no column 'URN'." in caught.value.args
    assert "The file has more than one column 'Status'." in caught.value.args


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n,,\n", "is empty"),
        (b"Crime number\n\xff\n", "not in UTF-8"),
        (b'"Crime number', "is not CSV"),
        (b'"a"b\n', "is not CSV"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(read_text, content, reason):
    with pytest.raises(ImportRefused, match=reason):
        read_text(content)


def test_a_missing_file_is_refused(tmp_path, mapping):
    with pytest.raises(ImportRefused, match="cannot be read"):
        read_cases(tmp_path / "nowhere.csv", mapping, load_references(DATA))


def test_rows_of_another_length_are_a_problem_and_empty_ones_are_not(read_text):
    heading, row = ",".join(GOOD).encode(), ",".join(GOOD.values()).encode()
    found = read_text(heading + b"\n" + row + b"\n,,\n\n20/000002/26,INV\n")
    assert found.problems == [f"row 5, all of it: has 2 cells where the heading has {len(GOOD)}"]
    assert found.rows == [2]


def test_good_rows_are_stored_and_found(read, cases):
    assert store_cases(read({}, {"Crime number": "20/000002/26", "URN": ""}), cases, NOW) == 2
    assert cases.find("20ZZ0000126").reference == REFERENCE
    assert cases.find("20/000002/26") is not None
    assert cases.feed_worked_at() == NOW


@pytest.mark.parametrize("bad", [{"Status": "ZZ"}, {"Online": "perhaps"}])
def test_one_bad_row_stores_nothing(read, cases, bad):
    with pytest.raises(ImportRefused, match="row"):
        store_cases(read({"Crime number": "20/000002/26", "URN": ""}, bad), cases, NOW)
    assert cases.all() == []
    assert cases.feed_worked_at() is None


def test_a_row_whose_numbers_belong_to_two_known_cases_stores_nothing(read, cases):
    cases.save([record(), record(reference="20/000002/26")], NOW)
    rows = [{"Crime number": "20/000003/26", "URN": ""}, {"URN": "20/000002/26"}]
    with pytest.raises(ImportRefused, match="row 3: its numbers belong to two cases"):
        store_cases(read(*rows), cases, NOW + timedelta(days=1))
    assert cases.find("20/000003/26") is None
    assert cases.feed_worked_at() == NOW


def test_a_new_file_replaces_a_case_and_leaves_others_unless_it_is_complete(read, cases):
    cases.save([record(), record(reference="20/000002/26")], NOW)
    store_cases(read({"Status": "NFA"}), cases, NOW)
    assert cases.find(REFERENCE).stage == "no_further_action"
    assert cases.find("20/000002/26") is not None
    store_cases(read({}), cases, NOW, complete=True)
    assert cases.find("20/000002/26") is None


def test_a_file_without_rows_deletes_nothing(read, cases):
    cases.save([record()], NOW)
    with pytest.raises(ImportRefused, match="no cases"):
        store_cases(read(), cases, NOW, complete=True)
    assert cases.find(REFERENCE) is not None


@pytest.mark.parametrize(
    ("part", "value", "wrong"),
    [
        ("statuses", {"X": {"stage": "in_limbo"}}, "stages that do not exist: in_limbo"),
        ("statuses", {"X": {"side_state": "in_limbo"}}, "side states that do not exist"),
        ("statuses", {"X": {"flags": ["odd"]}}, "flags that do not exist: odd"),
        ("flags", {"X": ["odd"]}, "flags that do not exist: odd"),
        ("events", {"Day": "party"}, "events that do not exist: party"),
        ("roles", {"X": "neighbour"}, "neighbour"),
        ("columns", {"reference": "a", "status": "b", "surname": "c"}, "surname"),
        ("dates", [], "length >= 1"),
    ],
)
def test_a_mapping_that_names_what_does_not_exist_is_refused(tmp_path, stages, part, value, wrong):
    plain = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    file = tmp_path / "mapping.yml"
    file.write_text(yaml.safe_dump({**plain, part: value}), encoding="utf-8")
    with pytest.raises(DataError, match=wrong):
        load_mapping(file, stages, EVENTS)
