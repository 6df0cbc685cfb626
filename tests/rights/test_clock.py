"""The rights clock: every limit by hand, its states, and what it must never say."""

import re
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import msgspec
import pytest
import textstat
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data_files import DataError
from bot.rights.clock import Clock, Happened, Row, last_days
from bot.rights.clock_words import load_clock_phrases, whom_to_ask, words
from bot.rights.facts import load_facts
from bot.rights.working_days import LONDON, is_working_day
from tests.rights.conftest import DATA, change_file

BASE = load_facts(DATA)
CLOCK = Clock(BASE)
PHRASES = load_clock_phrases(DATA)
EDITION = BASE.editions[0]
AREA = "West Midlands"
BORN = date(2008, 5, 10)


def d(text: str) -> date:
    return date.fromisoformat(text)


# By hand: the day of the event, the latest day without and with enhanced rights.
BY_HAND: dict[str, tuple[str, str, str]] = {
    # Thursday; Christmas Day, the weekend and the Monday for Boxing Day are left out.
    "support_referral": ("2026-12-24", "2026-12-30", "2026-12-30"),
    # Wednesday before Easter; Good Friday and Easter Monday are left out.
    "no_investigation": ("2026-04-01", "2026-04-10", "2026-04-02"),
    "suspect_arrested": ("2026-11-10", "2026-11-17", "2026-11-11"),
    # A Saturday: day 1 is still the Monday.
    "suspect_interviewed": ("2026-11-14", "2026-11-20", "2026-11-16"),
    # The Friday before the bank holiday of 25 May.
    "suspect_released_no_charge": ("2026-05-22", "2026-06-01", "2026-05-26"),
    # The bank holiday moved to 8 May 2020.
    "suspect_bailed_or_rui": ("2020-05-06", "2020-05-14", "2020-05-07"),
    # 2 and 3 June 2022.
    "police_bail_changed": ("2022-06-01", "2022-06-10", "2022-06-06"),
    # 19 September 2022.
    "police_nfa_suspect": ("2022-09-16", "2022-09-26", "2022-09-20"),
    # 8 May 2023.
    "suspect_charged": ("2023-05-04", "2023-05-12", "2023-05-05"),
    "out_of_court_outcome": ("2026-08-28", "2026-09-07", "2026-09-01"),
    "cps_not_charge": ("2026-11-02", "2026-11-09", "2026-11-03"),
    "cps_stop_or_alter": ("2026-11-01", "2026-11-06", "2026-11-02"),
    "hearing_date": ("2026-04-02", "2026-04-07", "2026-04-07"),
    # Chains: 5 + 5 and 5 + 1 working days from the hearing.
    "bail_hearing_outcome": ("2026-11-02", "2026-11-16", "2026-11-10"),
    "warrant_issued": ("2026-12-23", "2027-01-11", "2027-01-05"),
    "rearrest_hearing": ("2026-11-06", "2026-11-20", "2026-11-16"),
    "must_give_evidence": ("2026-05-01", "2026-05-05", "2026-05-05"),
    "case_outcome": ("2026-03-26", "2026-04-07", "2026-04-07"),
    "sentence": ("2026-03-03", "2026-03-11", "2026-03-11"),
    "appeal_notice": ("2026-11-20", "2026-11-23", "2026-11-23"),
    "appeal_result": ("2026-11-25", "2026-11-26", "2026-11-26"),
    "expenses_paid": ("2026-12-21", "2027-01-07", "2027-01-07"),
    "vcs_referral": ("2026-03-03", "2026-03-17", "2026-03-17"),
    "vlo_contact": ("2026-03-17", "2026-04-16", "2026-04-16"),
    "complaint_ack": ("2026-11-09", "2026-11-23", "2026-11-23"),
    # Without the hour: 24 hours from the end of the day.
    "crime_record_24h": ("2026-11-10", "2026-11-11", "2026-11-11"),
    # 30 February does not exist.
    "police_bail_initial": ("2026-11-30", "2027-02-28", "2027-02-28"),
    "cica_2_years": ("2024-02-29", "2026-02-28", "2026-02-28"),
    # The day before the 20th birthday of someone born on 10 May 2008, whatever the day of the report.
    "cica_child_before_18": ("2024-01-01", "2028-05-09", "2028-05-09"),
    "cica_child_after_18": ("2026-11-10", "2028-11-10", "2028-11-10"),
    # "date of the decision": that day is the first of the 56.
    "cica_review_56": ("2026-10-01", "2026-11-25", "2026-11-25"),
    "cica_tribunal_90": ("2026-09-01", "2026-11-29", "2026-11-29"),
    # A Tuesday, and a Tuesday four weeks later.
    "uls_28": ("2026-03-03", "2026-03-31", "2026-03-31"),
    "uls_victim_6m": ("2026-08-31", "2027-02-28", "2027-02-28"),
    "vrr_cps_ideal": ("2026-11-09", "2026-11-23", "2026-11-23"),
    "vrr_cps_latest": ("2026-01-31", "2026-04-30", "2026-04-30"),
    "vrr_cps_local": ("2026-11-11", "2026-11-25", "2026-11-25"),
    "vrr_cps_full": ("2026-11-02", "2026-12-14", "2026-12-14"),
    "vrr_rasso_pilot": ("2026-11-02", "2026-11-30", "2026-11-30"),
    "vrr_police_latest": ("2026-12-15", "2027-03-15", "2027-03-15"),
    "vrr_police_ack": ("2026-11-13", "2026-11-27", "2026-11-27"),
    "vrr_police_done": ("2026-11-16", "2026-12-30", "2026-12-30"),
    # The example of the note: a letter dated 1 April, by 29 April.
    "police_complaint_review_28": ("2026-04-01", "2026-04-29", "2026-04-29"),
    "cps_complaint_6m": ("2026-05-10", "2026-11-10", "2026-11-10"),
    "cps_complaint_stage2": ("2026-10-31", "2026-11-30", "2026-11-30"),
    "cps_complaint_ack": ("2026-11-06", "2026-11-11", "2026-11-11"),
    "cps_complaint_reply": ("2026-11-02", "2026-11-30", "2026-11-30"),
    "hmcts_complaint": ("2026-11-03", "2026-11-17", "2026-11-17"),
    "hmcts_review": ("2026-11-04", "2026-11-18", "2026-11-18"),
    "hmcts_appeal": ("2026-11-02", "2026-11-23", "2026-11-23"),
    "phso_12m": ("2028-02-29", "2029-02-28", "2029-02-28"),
    # "date the decision is issued": that day is the first of the 21.
    "parole_reconsider_21": ("2026-11-02", "2026-11-22", "2026-11-22"),
    "parole_summary_public": ("2026-08-30", "2027-02-28", "2027-02-28"),
    # Whether these "days" are working days is not known: the later date for a duty owed to the person.
    "vns_15": ("2026-11-02", "2026-11-23", "2026-11-23"),
    "transcript_14": ("2026-11-02", "2026-11-16", "2026-11-16"),
    # Notice before a trial on the Tuesday after Easter: by the Thursday before Good Friday.
    "warned_list_1": ("2026-04-07", "2026-04-02", "2026-04-02"),
    "civil_injury_3": ("2023-11-10", "2026-11-10", "2026-11-10"),
    "dapn_48h": ("2026-11-10", "2026-11-12", "2026-11-12"),
    "dvpn_48h": ("2026-11-10", "2026-11-12", "2026-11-12"),
    "dvpo_28": ("2026-11-02", "2026-11-29", "2026-11-29"),
    "clares_law_28": ("2026-11-02", "2026-11-30", "2026-11-30"),
    "mvdac_3m": ("2026-11-10", "2027-02-10", "2027-02-10"),
    "coroner_contact_1": ("2026-11-14", "2026-11-16", "2026-11-16"),
    "inquest_6m": ("2026-11-14", "2027-05-14", "2027-05-14"),
    "coroner_update_3m": ("2026-11-30", "2027-02-28", "2027-02-28"),
    "report_remove_1": ("2026-11-20", "2026-11-23", "2026-11-23"),
    "app_claim_13m": ("2026-11-10", "2027-12-10", "2027-12-10"),
    "app_refund_5": ("2026-11-10", "2026-11-17", "2026-11-17"),
    "app_refund_35": ("2026-11-02", "2026-12-21", "2026-12-21"),
    "fos_6m": ("2026-11-10", "2027-05-10", "2027-05-10"),
    "asb_review_appeal_20": ("2026-11-02", "2026-11-30", "2026-11-30"),
}

# Kept out of the clock in the West Midlands.
HEDGED = {
    "cps_not_charge", "cps_stop_or_alter", "appeal_notice", "appeal_result", "complaint_ack", "uls_victim_6m",
    "vrr_cps_local", "vrr_cps_full", "vrr_rasso_pilot", "vrr_police_ack", "vrr_police_done", "cps_complaint_6m",
    "cps_complaint_stage2", "cps_complaint_ack", "cps_complaint_reply", "vns_15", "transcript_14", "civil_injury_3",
    "dapn_48h", "dvpn_48h", "dvpo_28", "clares_law_28", "report_remove_1", "fos_6m", "asb_review_appeal_20",
}  # fmt: skip
NEVER_ON_TIME = sorted(limit.id for limit in BASE.limits.values() if limit.never_on_time)
DUTIES = sorted(
    limit.id
    for limit in BASE.limits.values()
    if limit.kind == "service_standard" and not limit.never_on_time and limit.id not in HEDGED
)
OWN = sorted(limit.id for limit in BASE.limits.values() if limit.kind == "victim_deadline" and limit.id not in HEDGED)
DAYS = st.dates(date(2021, 4, 1), date(2035, 12, 31))


def happened(limit: str, on: date, **more: Any) -> Happened:
    return Happened(event=BASE.limits[limit].event, on=on, **more)


def row(limit: str, on: str | date, today: str | date, **told: Any) -> Row:
    """The row of one limit, from its event on a day."""
    on, today = (d(day) if isinstance(day, str) else day for day in (on, today))
    values: dict[str, Any] = {"enhanced": "no", "area": AREA, "edition": EDITION, **told}
    rows = CLOCK.owed([happened(limit, on)], today=today, **values)
    return next(one for one in rows if one.limit == limit)


def test_every_limit_has_an_example_by_hand() -> None:
    assert set(BY_HAND) == set(BASE.limits)


@pytest.mark.parametrize("limit", BY_HAND)
def test_the_latest_days_are_those_counted_by_hand(limit: str) -> None:
    on, standard, enhanced = map(d, BY_HAND[limit])
    assert last_days(BASE.limits[limit], happened(limit, on), BORN) == (standard, enhanced)


@pytest.mark.parametrize("limit", [one for one in BASE.limits.values() if one.chain], ids=lambda limit: limit.id)
def test_the_latest_day_of_a_chain_is_the_sum_of_its_steps(limit: Any) -> None:
    for kind in ("standard", "enhanced"):
        steps = [step.get("within") or step[f"within_{kind}"] for step in limit.chain]
        assert limit.latest_from_event[kind] == {"working_days": sum(step["working_days"] for step in steps)}


# ------------------------------------------------------------------------------------------------ what is in the clock
@pytest.mark.parametrize("limit", sorted(BASE.limits))
def test_only_limits_in_force_here_and_read_are_in_the_clock(limit: str) -> None:
    events = [happened(limit, d("2026-11-10"))]
    owed = CLOCK.owed(events, enhanced="no", today=d("2026-11-11"), area=AREA, edition=EDITION)
    hedged = CLOCK.hedged(events, today=d("2026-11-11"), area=AREA, edition=EDITION)
    assert limit in {one.limit for one in (hedged if limit in HEDGED else owed)}
    assert limit not in {one.limit for one in (owed if limit in HEDGED else hedged)}


@pytest.mark.parametrize("limit", sorted(HEDGED))
def test_what_is_kept_out_carries_no_date_and_a_hedge(limit: str) -> None:
    rows = CLOCK.hedged([happened(limit, d("2026-11-10"))], today=d("2026-11-11"), area=AREA, edition=EDITION)
    one = next(one for one in rows if one.limit == limit)
    assert (one.standard, one.enhanced, one.days_left, one.hedged) == (None, None, None, True)
    assert "could not be checked" in words(one, PHRASES)


def test_the_area_decides() -> None:
    sussex = CLOCK.owed(
        [happened("vrr_police_ack", d("2026-11-13"))],
        enhanced="no", today=d("2026-11-16"), area="Sussex", edition=EDITION,
    )  # fmt: skip
    assert [one.limit for one in sussex] == ["vrr_police_ack", "vrr_police_done"]


def test_a_limit_of_another_edition_is_kept_out() -> None:
    new = msgspec.structs.replace(EDITION, id="2027", starts=d("2027-01-15"))
    events = [happened("suspect_charged", d("2027-02-01"))]
    assert CLOCK.owed(events, enhanced="no", today=d("2027-02-02"), area=AREA, edition=new) == []
    assert [one.limit for one in CLOCK.hedged(events, today=d("2027-02-02"), area=AREA, edition=new)] == [
        "suspect_charged"
    ]


def test_before_the_code_started_its_limits_did_not_hold() -> None:
    events = [happened("suspect_charged", d("2021-03-31"))]
    assert CLOCK.owed(events, enhanced="no", today=d("2026-11-25"), area=AREA, edition=EDITION) == []


def test_an_unknown_event_is_refused() -> None:
    events = [Happened(event="nothing", on=d("2026-11-10"))]
    with pytest.raises(ValueError, match="nothing is not an event"):
        CLOCK.owed(events, enhanced="no", today=d("2026-11-11"), area=AREA, edition=EDITION)


# ------------------------------------------------------------------------------------------------ states of duties
def test_a_duty_is_due_until_the_end_of_its_last_day() -> None:
    assert row("suspect_charged", "2026-11-10", "2026-11-17").state == "due"
    assert row("suspect_charged", "2026-11-10", "2026-11-18").state == "unknown"


@pytest.mark.parametrize(("done", "state"), [(True, "met"), (False, "overdue"), (None, "unknown")])
def test_after_the_last_day_it_counts_whether_it_was_done(done: bool | None, state: str) -> None:
    told = {} if done is None else {"suspect_charged": done}
    assert row("suspect_charged", "2026-11-10", "2026-11-18", done=told).state == state


def test_enhanced_rights_count_only_where_they_are_certain() -> None:
    states = {
        known: row("suspect_charged", "2026-11-10", "2026-11-12", enhanced=known, done={"suspect_charged": False}).state
        for known in ("yes", "no", "likely", "unknown")
    }
    assert states == {"yes": "overdue", "no": "due", "likely": "due", "unknown": "due"}


def test_unknown_enhanced_rights_show_both_days() -> None:
    text = words(row("no_investigation", "2026-11-10", "2026-11-11", enhanced="unknown"), PHRASES)
    assert "by Tuesday 17 November 2026, or by Wednesday 11 November 2026 if you have enhanced rights" in text


def test_likely_enhanced_rights_come_first() -> None:
    text = words(row("no_investigation", "2026-11-10", "2026-11-11", enhanced="likely"), PHRASES)
    assert text.index("Wednesday 11 November 2026") < text.index("Tuesday 17 November 2026")


@pytest.mark.parametrize(
    ("known", "shown", "hidden"), [("yes", "11 November", "17 November"), ("no", "17 November", "11 November")]
)
def test_known_enhanced_rights_show_one_day(known: str, shown: str, hidden: str) -> None:
    text = words(row("no_investigation", "2026-11-10", "2026-11-11", enhanced=known), PHRASES)
    assert shown in text
    assert hidden not in text


def test_between_the_two_days_it_says_that_one_has_passed() -> None:
    one = row("no_investigation", "2026-11-10", "2026-11-12", enhanced="unknown")
    assert (one.state, one.passed_if_enhanced) == ("due", True)
    assert "If you have enhanced rights, that day has passed" in words(one, PHRASES)


def test_a_recalled_time_with_enhanced_rights_is_to_be_confirmed() -> None:
    confirm = PHRASES.lines.confirm_enhanced
    assert confirm in words(row("suspect_charged", "2026-11-10", "2026-11-11", enhanced="yes"), PHRASES)
    assert confirm not in words(row("suspect_charged", "2026-11-10", "2026-11-11", enhanced="no"), PHRASES)
    assert confirm not in words(row("no_investigation", "2026-11-10", "2026-11-11", enhanced="yes"), PHRASES)


def test_of_a_span_the_later_day_counts_for_duties_and_the_earlier_for_own_limits() -> None:
    march = {"on": d("2026-03-03"), "to": d("2026-03-31")}
    charge = happened("suspect_charged", **march)
    sentence = happened("uls_28", **march)
    assert last_days(BASE.limits["suspect_charged"], charge)[0] == d("2026-04-09")
    assert last_days(BASE.limits["uls_28"], sentence)[0] == d("2026-03-31")


def test_a_limit_in_hours_runs_from_its_moment() -> None:
    at = datetime(2026, 10, 24, 20, 0, tzinfo=LONDON)
    events = [happened("crime_record_24h", at.date(), at=at)]
    (one,) = CLOCK.owed(events, enhanced="no", today=at.date(), area=AREA, edition=EDITION)
    assert one.moment == datetime(2026, 10, 25, 19, 0, tzinfo=LONDON)
    assert "by 19:00 on Sunday 25 October 2026" in words(one, PHRASES)


@pytest.mark.parametrize("limit", DUTIES)
def test_an_overdue_duty_names_whom_to_ring_and_the_complaint(limit: str) -> None:
    on = d(BY_HAND[limit][0])
    one = row(limit, max(on, d("2021-04-02")), on + timedelta(days=400), done={limit: False})
    text = words(one, PHRASES)
    assert one.state == "overdue"
    assert whom_to_ask(one, PHRASES) in text
    code_body = not {"coroner", "bank"} & set(one.responsible)
    assert one.may_complain is code_body
    assert ("under Right 12" in text) is code_body


def test_before_its_day_a_duty_gives_no_cause_to_complain() -> None:
    assert not row("suspect_charged", "2026-11-10", "2026-11-17", done={"suspect_charged": False}).may_complain


# ------------------------------------------------------------------------------------------------ never on time
@pytest.mark.parametrize("limit", NEVER_ON_TIME)
@given(on=DAYS, later=st.integers(0, 400), known=st.sampled_from(["yes", "no", "likely", "unknown"]),
       done=st.sampled_from([None, True, False]))  # fmt: skip
@settings(max_examples=30)
def test_news_about_custody_says_only_that_you_can_ask_today(
    limit: str, on: date, later: int, known: Any, done: bool | None
) -> None:
    events = [happened(limit, on)]
    today = on + timedelta(days=later)
    told = {} if done is None else {limit: done}
    owed = CLOCK.owed(events, enhanced=known, today=today, area=AREA, edition=EDITION, done=told)
    one = next(r for r in [*owed, *CLOCK.hedged(events, today=today, area=AREA, edition=EDITION)] if r.limit == limit)
    text = words(one, PHRASES)
    assert one.state == "ask_today"
    assert (one.standard, one.enhanced, one.latest, one.moment, one.days_left) == (None,) * 5
    assert "You can ask today." in text
    assert BASE.limits[limit].say_with in text
    assert not re.search(r"\b20\d\d\b|\bon time\b|\bdue\b|\bday has passed\b", text)


def test_late_news_about_custody_can_still_be_complained_about() -> None:
    late = row("suspect_arrested", "2026-11-10", "2026-11-18", done={"suspect_arrested": False})
    assert late.may_complain
    assert "under Right 12" in words(late, PHRASES)
    assert not row("suspect_arrested", "2026-11-10", "2026-11-17").may_complain
    assert not row("suspect_arrested", "2026-11-10", "2026-11-18", done={"suspect_arrested": True}).may_complain


# ------------------------------------------------------------------------------------------------ own time limits
@pytest.mark.parametrize("limit", OWN)
@given(on=DAYS, later=st.integers(0, 1200))
@settings(max_examples=40)
def test_an_own_time_limit_is_never_over(limit: str, on: date, later: int) -> None:
    one = row(limit, on, on + timedelta(days=later), born=BORN)
    text = words(one, PHRASES)
    assert "too late" not in text.lower()
    assert not re.search(r"-\d", text)
    if one.state == "ask_anyway":
        assert text == BASE.limits[limit].past_due
        assert one.days_left is None
    else:
        assert one.state == "due"
        assert one.days_left is not None and one.days_left >= 0
        assert one.act_by is not None and one.standard is not None
        assert one.act_by <= one.standard and is_working_day(one.act_by)
        assert PHRASES.lines.early in text or PHRASES.lines.near in text


def test_days_left_are_counted_to_the_last_day() -> None:
    one = row("uls_28", "2026-03-03", "2026-03-30")
    assert one.days_left == 1
    assert "You have 1 day left." in words(one, PHRASES)
    assert "Today is the last day." in words(row("uls_28", "2026-03-03", "2026-03-31"), PHRASES)


@pytest.mark.parametrize(
    ("limit", "on", "today", "early"),
    [
        ("uls_28", "2026-03-03", "2026-03-16", False),
        ("uls_28", "2026-03-03", "2026-03-17", True),
        ("cica_2_years", "2026-03-03", "2027-09-01", False),
        ("cica_2_years", "2026-03-03", "2027-09-03", True),
    ],
)
def test_a_near_limit_warns_early(limit: str, on: str, today: str, early: bool) -> None:
    one = row(limit, on, today)
    assert one.warn_early is early
    assert (PHRASES.lines.near in words(one, PHRASES)) is early


def test_where_the_last_day_is_a_sunday_the_friday_before_is_said() -> None:
    one = row("uls_28", "2026-03-01", "2026-03-10")
    assert (one.standard, one.act_by) == (d("2026-03-29"), d("2026-03-27"))
    assert "by Friday 27 March 2026" in words(one, PHRASES)


def test_past_28_days_a_lenient_sentence_leads_to_the_attorney_general() -> None:
    text = words(row("uls_28", "2026-03-03", "2026-04-01"), PHRASES)
    assert "six months" in text
    assert "020 7271 2492" in text


def test_a_limit_that_ends_on_a_birthday_has_no_day_without_it() -> None:
    one = row("cica_child_before_18", "2024-01-01", "2026-11-25")
    assert (one.state, one.standard) == ("unknown", None)
    assert "20th birthday" in words(one, PHRASES)


def test_what_the_person_has_done_is_met() -> None:
    one = row("uls_28", "2026-03-03", "2026-04-20", done={"uls_28": True})
    assert one.state == "met"
    assert PHRASES.lines.sent in words(one, PHRASES)


# ------------------------------------------------------------------------------------------------ words
@pytest.mark.parametrize("known", ["yes", "no", "likely", "unknown"])
def test_every_row_reads_as_plain_words(known: Any) -> None:
    grades = []
    for limit in BASE.limits:
        for later in (0, 60, 2000):
            events = [happened(limit, d("2022-11-10"))]
            today = d("2022-11-10") + timedelta(days=later)
            rows = CLOCK.owed(events, enhanced=known, today=today, area=AREA, edition=EDITION)
            for one in [*rows, *CLOCK.hedged(events, today=today, area=AREA, edition=EDITION)]:
                text = words(one, PHRASES)
                assert not re.search(r"[{}!]|\.\.|  |,\.|\bNone\b", text), text
                # Dates and the fixed names of bodies are no measure of how hard a sentence is.
                plain = re.sub(r"\w+day \d+ \w+ \d{4}", "Monday", text)
                plain = re.sub(r"Crown Prosecution Service \(CPS\)", "CPS", plain)
                plain = re.sub(r"Criminal Injuries Compensation Authority \(CICA\)", "CICA", plain)
                plain = re.sub(r"Parliamentary and Health Service Ombudsman", "PHSO", plain)
                grades.append(textstat.flesch_kincaid_grade(plain))
    assert median(grades) <= 6
    assert max(grades) <= 9


def test_a_file_that_lacks_a_limit_is_named(data: Any) -> None:
    file = data / "conversation" / "clock.en.yml"
    change_file(file, lambda content: content["what"].pop("uls_28"))
    with pytest.raises(DataError, match="uls_28"):
        load_clock_phrases(data)


def test_a_file_that_lacks_a_body_is_named(data: Any) -> None:
    file = data / "conversation" / "clock.en.yml"
    change_file(file, lambda content: content["bodies"].pop("bank"))
    with pytest.raises(DataError, match="bank"):
        load_clock_phrases(data)


def test_an_event_that_does_not_exist_is_named(data: Any) -> None:
    file = data / "conversation" / "clock.en.yml"
    change_file(file, lambda content: content["told"][0].update(events=["someday"]))
    with pytest.raises(DataError, match="someday"):
        load_clock_phrases(data)
