"""Recognising questions about a referral that was sent, and leaving all others alone."""

import pytest
import yaml

from bot.referrals.requests import load_requests
from bot.settings import ROOT

READ = load_requests(ROOT / "data")


@pytest.mark.parametrize(
    "text",
    [
        "What happened to my referral?",
        "what’s happening with my referral",
        "has my referral been sent",
        "did my referral get there?",
        "any news on my referral",
        "Where is my referral?",
        "1234 5678 9012",
        "1234-5678-9012",
    ],
)
def test_what_became_of_it(text):
    assert READ.read(text) == "referral_status"


@pytest.mark.parametrize(
    "text", ["cancel my referral", "please withdraw my referral 1234 5678 9012 now", "stop my referral"]
)
def test_withdrawing_it(text):
    assert READ.read(text) == "referral_withdraw"


@pytest.mark.parametrize(
    "text",
    [
        "the police said they would refer me, what happened to my referral?",
        "refer me please",
        "they lost my referral, do it again",
        "can I stop the referral",
        "07700 900123",
        "447700900123",
        "my card is 1234 5678 9012 3456",
        "",
    ],
)
def test_what_is_about_something_else(text):
    assert READ.read(text) is None


def test_no_example_of_any_other_intent_is_taken():
    taken = []
    for file in (ROOT / "data" / "nlu" / "en").glob("*.yml"):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            lines = [line.removeprefix("- ").strip() for line in entry["examples"].splitlines()]
            taken += [line for line in lines if READ.read(line)]
    assert taken == []


def test_a_reference_is_found_as_it_is_written():
    assert READ.reference_in("it is 1234 5678 9012, thanks") == "1234 5678 9012"
    assert READ.reference_in("12345") is None
