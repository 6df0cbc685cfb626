"""The dashboard: supervisors only, counters only, and of one's own organisation where it is about staff."""

from datetime import datetime
from typing import get_args

import pytest

from bot.console.dashboard import Dashboard, load_dashboard_words
from bot.conversation.counting import ALERTED, CARD, CHANNEL, LANGUAGE, OUTCOME, RIGHT, Outcome
from bot.directory import LONDON
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from bot.rights.facts import load_facts
from bot.staff.roles import ROLES
from bot.store.counts import Counts
from bot.store.handoff_tables import hand_offs
from tests.conftest import DATA, KEY, real_cards
from tests.console.conftest import as_staff
from tests.referrals.conftest import complete, real_form, yes

NOW = datetime(2026, 11, 25, 14, tzinfo=LONDON).timestamp()
DAY_S = 86_400.0
SUPERVISOR = as_staff("supervisor", organisation="victim_support")


@pytest.fixture
def client(console, sqlite):
    words, base = load_dashboard_words(DATA), load_facts(DATA)
    return console([Dashboard(sqlite, words, base, lambda: NOW)])


@pytest.fixture
def form():
    return real_form()


@pytest.fixture
def referrals(sqlite, form) -> ReferralStore:
    return ReferralStore(sqlite, RotatingVault([KEY]), form)


def count(sqlite, *things, times=1, now=NOW) -> None:
    with sqlite.begin() as db:
        Counts.add(db, things * times, now)


def asked(sqlite, waits, *, organisation="victim_support", restricted=False, now=NOW) -> None:
    """People who asked for a person and waited so many minutes."""
    columns = {"channel": "web", "language": "en", "urgent": False, "quiet": False, "state": "ended", "adviser": ""}
    columns |= {"last_word": now, "nudged": False, "told_at": now, "lines_from": 0, "interpreter": "", "due": now}
    columns |= {"person_typing_until": 0.0, "staff_typing_until": 0.0, "queued": now, "asked": now}
    with sqlite.begin() as db:
        first = len(db.execute(hand_offs.select()).all())
        for inbox, minutes in enumerate(waits, first):
            waited = {"claimed": now + 60 * minutes, "first_reply": now + 60 * minutes + 60, "inbox": inbox}
            of = {"organisation": organisation, "restricted": restricted}
            db.execute(hand_offs.insert().values(**columns, **of, **waited))


def row(page: str, title: str) -> str:
    """What stands in the row of a title."""
    return page.partition(f">{title}</th>")[2].partition("</tr>")[0]


@pytest.mark.parametrize("role", ROLES)
def test_only_supervisors_may_see_it(client, role):
    answer = client.get("/dashboard", headers=as_staff(role))
    assert answer.status_code == (200 if role == "supervisor" else 403)


def test_looking_at_counters_is_no_read_of_personal_data(client, recorded):
    client.get("/dashboard", headers=SUPERVISOR)
    assert recorded.acts == []


def test_messages_are_shown_by_channel_language_outcome_and_right(client, sqlite):
    things = (CHANNEL, "telegram"), (LANGUAGE, "pl"), (OUTCOME, "answer"), (RIGHT, "6")
    count(sqlite, *things, times=20)
    page = client.get("/dashboard", headers=SUPERVISOR).text
    right = "6. To be provided with information about the investigation and prosecution"
    for title in ("Telegram", "Polish", "An answer about rights", right):
        assert ">20<" in row(page, title)


def test_small_numbers_are_not_said(client, sqlite):
    count(sqlite, (CARD, "stalking"), (ALERTED, "stalking"), times=4)
    page = client.get("/dashboard", headers=SUPERVISOR).text
    assert row(page, "Stalking").count("Fewer than 5") == 2
    assert ">4<" not in page


def test_a_kind_of_danger_that_never_came_looks_like_one_that_came_seldom(client, sqlite):
    count(sqlite, (CARD, "stalking"), times=4)
    page = client.get("/dashboard", headers=SUPERVISOR).text
    assert row(page, "Stalking") == row(page, "Forced marriage")


def test_a_rare_language_is_not_named(client, sqlite):
    count(sqlite, (LANGUAGE, "pl"), times=5)
    count(sqlite, (LANGUAGE, "ro"), times=4)
    page = client.get("/dashboard", headers=SUPERVISOR).text
    assert "Polish" in page
    assert "Romanian" not in page


@pytest.mark.parametrize(("days", "seen"), [("1", "10"), ("7", "20"), ("30", "30"), ("365", "10"), ("x", "10")])
def test_it_goes_back_to_this_morning_7_or_30_days(client, sqlite, days, seen):
    for back in (0, 6, 29, 30):
        count(sqlite, (CHANNEL, "web"), times=10, now=NOW - back * DAY_S)
    page = client.get(f"/dashboard?days={days}", headers=SUPERVISOR).text
    assert f">{seen}<" in row(page, "Web page")


def test_several_days_are_shown_one_by_one_days_without_any_too(client, sqlite):
    count(sqlite, (CHANNEL, "web"), times=10, now=NOW - DAY_S)
    page = client.get("/dashboard?days=7", headers=SUPERVISOR).text
    assert ">10<" in row(page, "24 November")
    assert "Fewer than 5" in row(page, "19 November")
    assert "24 November" not in client.get("/dashboard", headers=SUPERVISOR).text.partition("<table")[2]


def test_waits_are_told_as_median_and_90th_percentile(client, sqlite):
    asked(sqlite, range(1, 12))
    page = client.get("/dashboard", headers=SUPERVISOR).text
    assert "6 minutes" in row(page, "Somebody took them on")
    assert "10 minutes" in row(page, "Somebody took them on")
    assert "7 minutes" in row(page, "The first reply")


def test_waits_of_another_organisation_are_not_shown(client, sqlite):
    asked(sqlite, [3] * 10)
    page = client.get("/dashboard", headers=as_staff("supervisor", organisation="commissioner")).text
    assert row(page, "Somebody took them on").count("Too few to say") == 2


@pytest.mark.parametrize(("restricted", "said"), [(False, "Too few to say"), (True, "3 minutes")])
def test_restricted_talks_count_only_for_who_may_know_of_them(client, sqlite, restricted, said):
    asked(sqlite, [3] * 10, organisation="commissioner", restricted=True)
    headers = as_staff("supervisor", organisation="commissioner", restricted=restricted)
    assert said in row(client.get("/dashboard", headers=headers).text, "Somebody took them on")


def test_every_kind_of_card_has_a_name():
    categories = {category.id for category in real_cards().categories}
    assert set(load_dashboard_words(DATA).dangers.rows) == categories


def test_every_outcome_has_a_name():
    assert set(load_dashboard_words(DATA).outcomes.rows) == set(get_args(Outcome))


def test_referrals_of_ones_own_organisation_are_shown_by_where_they_stand(client, referrals, form):
    for n in range(5):
        referrals.submit(complete(form), yes(form, complete(form)), f"m{n}", NOW, conversation=f"c{n}")
    said = client.get("/dashboard", headers=SUPERVISOR).text
    assert ">5<" in row(said, "Waiting to be sent")
    said = client.get("/dashboard", headers=as_staff("supervisor")).text
    assert "Fewer than 5" in row(said, "Waiting to be sent")
