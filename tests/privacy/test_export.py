"""Subject access: identity checked, third parties taken out, what is left out recorded."""

import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.messages import Reply
from bot.privacy.export import (
    Exemption,
    ExportRefused,
    IdentityCheck,
    Record,
    as_csv,
    as_json,
    as_text,
    conversation_records,
    csv_safe,
    make_export,
    own_contacts,
    referral_record,
)
from bot.store.conversations import ConversationStore
from bot.store.tables import alerts
from tests.referrals.conftest import NOW, submitted

CHECK = IdentityCheck(by="demo officer", how="passport seen", on=date(2027, 1, 15))


def record(text: str) -> Record:
    return Record(kind="message", when="2027-01-15T08:00:00+00:00", content={"text": text})


def made(*texts: str, **changed):
    return make_export([record(text) for text in texts], **{"identity": CHECK, "made_by": "demo", "now": NOW} | changed)


def shown(export) -> list[str]:
    return [one.content["text"] for one in export.records.values()]


@pytest.mark.parametrize("check", [{"by": ""}, {"how": " "}])
def test_without_an_identity_check_there_is_no_export(check):
    with pytest.raises(ExportRefused):
        made("hello", identity=IdentityCheck(**{"by": "demo", "how": "passport", "on": CHECK.on} | check))


def test_who_checked_and_how_stands_in_it():
    assert json.loads(as_json(made("hello")))["identity"]["how"] == "passport seen"
    assert "Identity checked by demo officer on 2027-01-15: passport seen." in as_text(made("hello"))


def test_names_given_by_staff_are_taken_out():
    export = made("DEMOMAN hit me, Demoman's car, demomania stays", third_parties=["Demoman"])
    assert shown(export) == ["[name removed] hit me, [name removed]'s car, demomania stays"]
    assert export.redactions == 2


def test_other_peoples_numbers_and_addresses_are_taken_out_and_ones_own_stay():
    export = made(
        "mine is 07400 123456 and me@example.org, his is 07400 654321 and him@example.org",
        own=["+447400123456", "me@example.org"],
    )
    assert shown(export) == ["mine is 07400 123456 and me@example.org, his is [number removed] and [e-mail removed]"]


def test_an_exempt_record_is_left_out_and_the_reason_recorded():
    export = made("one", "two", exemptions=[Exemption(record=1, why="Police are looking into it", rule="DPA Sch 2")])
    assert list(export.records) == [2]
    assert "Record 1 is left out: Police are looking into it (DPA Sch 2)." in as_text(export)


@pytest.mark.parametrize("exemption", [{"why": ""}, {"rule": " "}, {"record": 0}, {"record": 3}])
def test_an_exemption_needs_a_reason_a_rule_and_a_record(exemption):
    with pytest.raises(ExportRefused):
        made("one", "two", exemptions=[Exemption(**{"record": 1, "why": "w", "rule": "r"} | exemption)])


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", '=HYPERLINK("x")'])
def test_no_cell_is_taken_for_a_formula(text):
    rows = list(csv.reader(io.StringIO(as_csv(made(text)), newline="")))
    assert rows[1][4].startswith("'")


@given(st.text())
def test_no_text_at_all_is_taken_for_a_formula(text):
    assert not csv_safe(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_an_ordinary_cell_stays_as_it_is():
    assert csv_safe("I rang at 5") == "I rang at 5"


def test_a_conversation_gives_its_words_memory_and_alerts(database, vault):
    store = ConversationStore(database, vault)
    conversation = store.start("token", "web", [Reply(text="A computer answers.")], NOW, NOW + 900)
    with database.begin() as db:
        db.execute(
            alerts.insert().values(inbox=1, conversation=conversation, category="suicide", raised=NOW, state="open")
        )
    records = conversation_records(database, store, conversation)
    assert [one.kind for one in records] == ["reply", "memory", "alert"]
    assert records[0].content["text"] == "A computer answers."


def test_what_a_person_typed_is_in_it(database, vault):
    from bot.conversation.messages import Message
    from tests.store.test_conversations import LATER, finish
    from tests.store.test_conversations import NOW as THEN

    store = ConversationStore(database, vault)
    store.start("token", "web", [], THEN, LATER)
    conversation = store.find("token", THEN)
    inbox, _ = store.accept(conversation, Message(client_id="a", text="hello"), THEN)
    store.lease(conversation.id, "me", THEN, LATER)
    finish(store, conversation, inbox, new_events=[{"event": "user", "text": "hello", "timestamp": THEN}])
    assert conversation_records(database, store, conversation.id)[0].content == {"text": "hello"}


def test_a_referral_gives_its_lines(referrals, form):
    content = referral_record(referrals.open(submitted(referrals, form)), form).content
    assert content["Code word"] == "pineapple"
    assert content["sent to"] == "victim_support"


def test_a_trusted_persons_number_is_not_ones_own(referrals, form):
    mine = referrals.open(submitted(referrals, form, "message-1"))
    theirs = referrals.open(submitted(referrals, form, "message-2", whose="trusted"))
    assert own_contacts([mine]) == ["+447400123456"]
    assert own_contacts([theirs]) == []


def test_the_record_says_who_and_how_and_what_was_left_out_and_nothing_of_the_words(exports):
    export = made("one", "canary-7f3a91", exemptions=[Exemption(record=1, why="w", rule="r")])
    exports.record(export, NOW)
    (kept,) = exports.all()
    assert kept["identity"]["how"] == "passport seen"
    assert kept["exemptions"] == [{"record": 1, "why": "w", "rule": "r"}]
    assert kept["records"] == {"message": 1}
    assert "canary-7f3a91" not in str(kept)
