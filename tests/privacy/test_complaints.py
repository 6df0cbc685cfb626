"""The register of data protection complaints (Data Protection Act 2018, section 164A)."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.complaints import ComplaintRefused, acknowledge_by
from bot.store.privacy_tables import data_complaints

TODAY = date(2027, 1, 15)


def recorded(complaints, **changed):
    given = {"about": "You kept my words.", "contact": "post", "received_on": TODAY, "by": "demo", "today": TODAY}
    return complaints.record(**given | changed)


@pytest.mark.parametrize(
    ("received", "last"),
    # By hand, the day it comes in counted as the first of thirty.
    [
        (date(2026, 6, 19), date(2026, 7, 18)),
        (date(2027, 2, 1), date(2027, 3, 2)),
        (date(2028, 2, 1), date(2028, 3, 1)),
        (date(2026, 12, 20), date(2027, 1, 18)),
    ],
)
def test_it_must_be_acknowledged_within_30_days_beginning_the_day_it_came(received, last):
    assert acknowledge_by(received) == last


@given(st.dates(date(2026, 6, 19), date(2060, 1, 1)))
def test_weekends_and_holidays_make_it_no_longer(received):
    assert len([received + timedelta(days=n) for n in range((acknowledge_by(received) - received).days + 1)]) == 30


def test_a_complaint_waits_until_it_is_acknowledged(complaints):
    made = recorded(complaints)
    assert [one.number for one in complaints.to_acknowledge()] == [made.number]
    complaints.acknowledge(made.number, by="demo", on=TODAY)
    assert complaints.to_acknowledge() == []
    assert [one.number for one in complaints.open()] == [made.number]


def test_the_most_urgent_comes_first(complaints):
    young, old = recorded(complaints), recorded(complaints, received_on=date(2027, 1, 1))
    assert [one.number for one in complaints.open()] == [old.number, young.number]


def test_the_first_acknowledgement_stands(complaints):
    made = recorded(complaints)
    complaints.acknowledge(made.number, by="demo", on=TODAY)
    complaints.acknowledge(made.number, by="demo", on=date(2027, 3, 1))
    assert complaints.get(made.number).acknowledged_on == TODAY


def test_it_is_closed_with_what_the_person_was_told(complaints):
    made = recorded(complaints)
    complaints.acknowledge(made.number, by="demo", on=TODAY)
    complaints.close(made.number, outcome="We told you why.", by="demo", on=date(2027, 2, 1))
    closed = complaints.get(made.number)
    assert (closed.outcome, closed.closed_on, closed.about) == ("We told you why.", date(2027, 2, 1), made.about)
    assert complaints.open() == []


def test_it_cannot_be_closed_before_it_was_acknowledged(complaints):
    with pytest.raises(ComplaintRefused, match="Acknowledge"):
        complaints.close(recorded(complaints).number, outcome="x", by="demo", on=TODAY)


@pytest.mark.parametrize("wrong", [{"about": " "}, {"received_on": date(2027, 1, 16)}])
def test_what_cannot_be_is_refused(complaints, wrong):
    with pytest.raises(ComplaintRefused):
        recorded(complaints, **wrong)
    assert complaints.open() == []


def test_it_cannot_have_been_acknowledged_before_it_came(complaints):
    with pytest.raises(ComplaintRefused, match="before"):
        complaints.acknowledge(recorded(complaints).number, by="demo", on=date(2027, 1, 14))


def test_one_that_is_not_there_is_refused(complaints):
    with pytest.raises(ComplaintRefused, match="no complaint 7"):
        complaints.get(7)


def test_the_words_are_sealed(complaints, database):
    recorded(complaints)
    with database.connect() as db:
        assert b"kept my words" not in bytes(db.execute(sa.select(data_complaints.c.complaint)).scalar_one())
