"""Numbers as people paste them."""

import pytest

from bot.cases.references import key_of, load_references
from tests.conftest import DATA

recognise = load_references(DATA)


@pytest.mark.parametrize(
    "typed",
    [
        "20/106024/22",
        "20 / 106024 / 22",
        "2010602422",
        "my crime no is 20/1O6O24/22 thanks",
        "２０/106024/22",
        "106024/22",
    ],
)
def test_one_crime_number_in_many_forms_has_one_key(typed):
    found = recognise(typed)
    assert (found.kind, found.written, found.key) == ("wmp_crime_number", "20/106024/22", "2010602422")


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("log 1234 of 5 november", "wmp_log_number"),
        ("PC 4521", "officer_collar_number"),
        ("X/24/123456", "cica_reference"),
        ("A1234AB", "prison_number"),
        ("NFRC123456789012", "report_fraud_reference"),
        ("05/11/2026", "date"),
    ],
)
def test_a_number_that_finds_no_case_is_told_apart(typed, kind):
    found = recognise(typed)
    assert (found.kind, found.finds_case) == (kind, False)


def test_the_case_number_of_police_and_court_is_recognised():
    assert recognise("20AA1234524").kind == "urn"


@pytest.mark.parametrize("typed", ["", "\ud800", "😀" * 5000, "a" * 100_000])
def test_anything_at_all_has_a_short_key(typed):
    assert len(key_of(recognise(typed).written)) <= 40
