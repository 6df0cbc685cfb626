"""Approvals hold for the words they were given for, and come from the command alone."""

from datetime import date
from pathlib import Path

import pytest

from bot.data_files import DataError, load
from bot.rights.approvals import approve
from bot.rights.catalogue import Approvals, load_catalogue
from bot.rights.check import check_content
from tests.rights.conftest import DATA, change_entry

DAY = date(2026, 11, 20)
TOPIC = "right_06/how_long"
FILE = Path("rights") / "en" / "right_06.yml"


def given(data: Path, state: str = "approved", role: str = "safeguarding lead") -> None:
    approve(data, TOPIC, "en", state, role, DAY)


def test_an_approval_is_recorded_with_role_date_and_hash(data: Path) -> None:
    given(data)
    (approval,) = load(data / "approvals.yml", Approvals).approvals
    entry = load_catalogue(data).entries["2021", TOPIC]
    assert (approval.text, approval.state, approval.role) == (f"{TOPIC}@en", "approved", "safeguarding lead")
    assert (approval.date, approval.sha256) == (DAY, entry.digest())


def test_the_entry_takes_the_state(data: Path) -> None:
    given(data, "reviewed")
    assert load_catalogue(data).entries["2021", TOPIC].state == "reviewed"


def test_only_the_state_changes_in_the_file(data: Path) -> None:
    before = (DATA / FILE).read_text(encoding="utf-8").splitlines()
    given(data)
    after = (data / FILE).read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == ["  state: approved"]
    after.remove("  state: approved")
    assert after == before


def test_comments_of_the_approvals_stay(data: Path) -> None:
    given(data)
    assert (data / "approvals.yml").read_text(encoding="utf-8").startswith("# Who approved which text")


def test_a_second_approval_takes_the_place_of_the_first(data: Path) -> None:
    given(data, "reviewed")
    given(data, "approved")
    (approval,) = load(data / "approvals.yml", Approvals).approvals
    assert approval.state == "approved"


def test_an_approved_text_is_clean(data: Path) -> None:
    given(data)
    assert check_content(data, DAY) == []


def test_a_text_changed_after_its_approval_is_found(data: Path) -> None:
    given(data)
    change_entry(data, TOPIC, who="Ask the police.")
    assert any(f"{TOPIC}@en: says approved, but nobody approved" in line for line in check_content(data, DAY))


def test_a_state_written_by_hand_is_found(data: Path) -> None:
    change_entry(data, TOPIC, state="approved")
    assert any(f"{TOPIC}@en: says approved, but nobody approved" in line for line in check_content(data, DAY))


def test_an_approval_of_words_that_are_gone_is_found(data: Path) -> None:
    given(data)
    change_entry(data, TOPIC, who="Ask the police.", state="drafted")
    assert any("has changed since it was approved" in line for line in check_content(data, DAY))


def test_a_state_other_than_the_approvals_is_found(data: Path) -> None:
    given(data, "reviewed")
    change_entry(data, TOPIC, state="approved")
    assert any("says approved, its approval says reviewed" in line for line in check_content(data, DAY))


def test_an_approval_of_nothing_is_found(data: Path) -> None:
    given(data)
    file = data / "approvals.yml"
    file.write_text(file.read_text(encoding="utf-8").replace(TOPIC, "right_06/gone"), encoding="utf-8")
    assert any("right_06/gone@en: is approved but not written" in line for line in check_content(data, DAY))


@pytest.mark.parametrize(
    ("topic", "language", "state", "role", "problem"),
    [
        ("right_06/nothing", "en", "approved", "lead", "is not a topic"),
        (TOPIC, "xx", "approved", "lead", "no texts in the language xx"),
        (TOPIC, "en", "drafted", "lead", "reviewed or approved, not drafted"),
        (TOPIC, "en", "", "lead", "not nothing"),
        (TOPIC, "en", "approved", "  ", "Name the role"),
    ],
)
def test_what_cannot_be_approved_is_said(
    data: Path, topic: str, language: str, state: str, role: str, problem: str
) -> None:
    with pytest.raises(DataError, match=problem):
        approve(data, topic, language, state, role, DAY)


def test_a_failed_approval_changes_nothing(data: Path) -> None:
    before = (data / "approvals.yml").read_bytes()
    with pytest.raises(DataError):
        given(data, role="")
    assert (data / "approvals.yml").read_bytes() == before


def test_developers_write_drafted_only() -> None:
    """Until a named role has approved something, every text of this project is a draft."""
    approved = {approval.text for approval in load(DATA / "approvals.yml", Approvals).approvals}
    entries = load_catalogue(DATA).entries
    assert not [
        topic for (_, topic), entry in entries.items() if entry.state != "drafted" and f"{topic}@en" not in approved
    ]
