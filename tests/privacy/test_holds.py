"""A hold needs a supervisor, a reason and a day; it lasts until it is lifted."""

from datetime import date

import pytest
import sqlalchemy as sa

from bot.privacy.holds import HoldRefused
from bot.store.privacy_tables import holds as table
from tests.referrals.conftest import NOW

TODAY, LATER = date(2027, 1, 15), date(2027, 6, 1)
GOOD = {
    "reason": "A court has asked.",
    "by": "demo",
    "role": "supervisor",
    "review_on": LATER,
    "today": TODAY,
    "now": NOW,
}


def test_what_is_held_is_known(holds):
    holds.place("conversation", "c-1", **GOOD)
    assert holds.held("conversation") == {"c-1"}
    assert holds.held("referral") == set()
    assert holds.active()[0].reason == "A court has asked."


@pytest.mark.parametrize(
    "wrong",
    [{"role": "adviser"}, {"role": ""}, {"reason": "  "}, {"review_on": TODAY}, {"review_on": date(2020, 1, 1)}],
)
def test_without_supervisor_reason_or_a_day_to_come_there_is_no_hold(holds, wrong):
    with pytest.raises(HoldRefused):
        holds.place("conversation", "c-1", **GOOD | wrong)
    assert holds.active() == []


def test_a_hold_does_not_end_by_itself_but_is_listed_on_its_day(holds):
    holds.place("conversation", "c-1", **GOOD)
    assert holds.to_review(date(2027, 5, 31)) == []
    assert [hold.subject for hold in holds.to_review(LATER)] == ["c-1"]
    assert holds.held("conversation") == {"c-1"}


def test_only_a_supervisor_lifts_it(holds):
    number = holds.place("conversation", "c-1", **GOOD)
    with pytest.raises(HoldRefused):
        holds.lift(number, by="demo", role="adviser", now=NOW)
    holds.lift(number, by="demo", role="supervisor", now=NOW)
    assert holds.held("conversation") == set()


def test_a_second_hold_still_holds_when_the_first_is_lifted(holds):
    first = holds.place("conversation", "c-1", **GOOD)
    holds.place("conversation", "c-1", **GOOD)
    holds.lift(first, by="demo", role="supervisor", now=NOW)
    assert holds.held("conversation") == {"c-1"}


def test_lifting_what_is_not_there_is_refused(holds):
    with pytest.raises(HoldRefused, match="no hold 7"):
        holds.lift(7, by="demo", role="supervisor", now=NOW)


def test_the_reason_is_sealed(holds, database):
    holds.place("conversation", "c-1", **GOOD)
    with database.connect() as db:
        assert b"court" not in bytes(db.execute(sa.select(table.c.reason)).scalar_one())
