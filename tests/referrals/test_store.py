"""The store of referrals: nothing before consent, sealed, one reference for one yes, each organisation its own."""

from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from bot.referrals.preview import ConsentVoid
from bot.referrals.rows import normal_reference, spoken
from bot.referrals.sealing import RotatingVault, rewrap_all
from bot.referrals.store import ReferralStore
from bot.store.referral_tables import referral_answers, referral_outbox
from bot.store.referral_tables import referrals as table
from tests.conftest import KEY
from tests.referrals.conftest import NOW, REST, complete, submitted, yes

CANARY = "canary-7f3a91"


def count(engine, of) -> int:
    with engine.connect() as db:
        return db.execute(sa.select(sa.func.count()).select_from(of)).scalar_one()


def test_before_consent_nothing_stands_in_the_referral_tables(referrals, database, form):
    draft = complete(form)
    void = msgspec.structs.replace(yes(form, draft), shown="")
    with pytest.raises(ConsentVoid):
        referrals.submit(draft, void, "message-1", NOW)
    assert [count(database, one) for one in (table, referral_answers, referral_outbox)] == [0, 0, 0]


def test_where_nobody_is_safe_nothing_can_be_sent(referrals, database, form):
    draft = complete(form)
    consent = yes(form, draft)
    unsafe = form.answer(draft, "whose", "nobody")
    with pytest.raises(ConsentVoid):
        referrals.submit(unsafe, consent, "message-1", NOW)
    assert count(database, table) == 0


def test_a_yes_gives_a_reference_and_its_outbox_row_at_once(referrals, database, form):
    reference = submitted(referrals, form)
    assert normal_reference(spoken(reference)) == reference
    assert (count(database, table), count(database, referral_outbox)) == (1, 1)


def test_the_same_message_gives_the_same_reference_and_one_referral(referrals, database, form):
    assert submitted(referrals, form) == submitted(referrals, form)
    assert (count(database, table), count(database, referral_outbox)) == (1, 1)


def test_a_referral_is_part_of_the_callers_transaction(referrals, database, form):
    draft = complete(form)
    with pytest.raises(RuntimeError, match="killed"), database.begin() as db:
        referrals.submit(draft, yes(form, draft), "message-1", NOW, connection=db)
        raise RuntimeError("killed")
    assert count(database, table) == 0
    with database.begin() as db:
        reference = referrals.submit(draft, yes(form, draft), "message-1", NOW, connection=db)
    assert referrals.status(reference) == "not_through"


@pytest.mark.parametrize("seam", ["_new_reference", "_queue"])
def test_killed_while_submitting_nothing_is_left_and_the_same_yes_works_again(
    referrals, database, form, monkeypatch, seam
):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(ReferralStore, seam, killed)
        submitted(referrals, form)
    assert [count(database, one) for one in (table, referral_answers, referral_outbox)] == [0, 0, 0]
    submitted(referrals, form)
    assert [count(database, one) for one in (table, referral_outbox)] == [1, 1]


def test_what_is_stored_is_what_was_agreed_to_with_wording_and_time(referrals, form):
    reference = submitted(referrals, form)
    kept = referrals.open(reference)
    assert kept.answers == form.answers(complete(form))
    assert (kept.consent_version, kept.consent_language, kept.consented) == ("1", "en", NOW)


def test_a_canary_is_nowhere_in_the_database_file_or_its_wal(on_sqlite, sqlite, settings, form):
    reference = submitted(on_sqlite, form, name=CANARY, code_word=CANARY, never_times=CANARY)
    files = {path.name: path.read_bytes() for path in Path(settings.var_dir).iterdir()}
    assert any(name.endswith("-wal") and reference.encode() in content for name, content in files.items())
    assert [name for name, content in files.items() if CANARY.encode() in content] == []


def test_which_questions_were_answered_does_not_show(referrals, database, form):
    submitted(referrals, form, "message-1")
    draft = form.skip(form.skip(complete(form), "area"), "needs")
    referrals.submit(draft, yes(form, draft), "message-2", NOW)
    with database.connect() as db:
        rows = db.execute(sa.select(referral_answers.c.referral, referral_answers.c.field)).all()
    fields = {}
    for row in rows:
        fields.setdefault(row.referral, set()).add(row.field)
    first, second = fields.values()
    assert first == second


def test_only_the_organisation_whose_queue_it_is_in_can_open_it(referrals, form):
    reference = submitted(referrals, form, insider="yes")
    assert referrals.open(reference, "police") is None
    assert referrals.open(reference, "victim_support").answers["name"] == REST["name"]


def test_references_differ(referrals, form):
    assert submitted(referrals, form, "message-1") != submitted(referrals, form, "message-2")


@pytest.mark.parametrize("typed", ["1234 5678 9012", "123456789012", "1234-5678-9012", "١٢٣٤ ٥٦٧٨ ٩٠١٢"])
def test_a_reference_can_be_typed_in_many_ways(typed):
    assert normal_reference(typed) == "123456789012"


@pytest.mark.parametrize("typed", ["", "1234", "20DD/123456/26", "' OR 1=1 --123456789", "1234567890123"])
def test_what_is_no_reference_is_none(typed):
    assert normal_reference(typed) is None


@pytest.mark.parametrize("guessed", ["000000000000", "' OR 1=1 --", "/case_status{}"])
def test_a_guessed_reference_is_unknown(referrals, form, guessed):
    submitted(referrals, form)
    assert referrals.status(guessed) is None
    assert referrals.withdraw(guessed, NOW) is None
    assert not referrals.received(guessed, NOW)


# --- withdrawing


def test_withdrawn_before_any_attempt_nothing_is_left(referrals, database, form):
    reference = submitted(referrals, form)
    assert referrals.withdraw(reference, NOW) == "stopped"
    assert [count(database, one) for one in (table, referral_answers, referral_outbox)] == [0, 0, 0]


def test_withdrawn_after_sending_the_provider_is_to_be_told(referrals, form):
    reference = submitted(referrals, form)
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    assert referrals.withdraw(reference, NOW) == "told"
    assert referrals.claim("me", NOW, NOW + 60).kind == "withdrawal"


def test_withdrawing_twice_tells_the_provider_once(referrals, form):
    reference = submitted(referrals, form)
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    assert [referrals.withdraw(reference, NOW) for _ in range(2)] == ["told", "told"]
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    assert referrals.claim("me", NOW, NOW + 60) is None


def test_withdrawn_while_it_is_being_sent_the_word_goes_after_it_and_it_is_not_tried_again(referrals, form):
    reference = submitted(referrals, form)
    referrals.claim("dead", NOW, NOW + 60)
    referrals.withdraw(reference, NOW + 1)
    assert referrals.claim("other", NOW + 59, NOW + 119) is None
    assert referrals.claim("other", NOW + 60, NOW + 120).kind == "withdrawal"
    assert referrals.claim("other", NOW + 60, NOW + 120) is None


# --- keys


def test_after_rewrapping_the_new_key_alone_opens_everything(referrals, database, form):
    reference, new = submitted(referrals, form), Fernet.generate_key().decode()
    assert rewrap_all(database, RotatingVault([new, KEY])) == 1
    renewed = ReferralStore(database, RotatingVault([new]), form)
    assert renewed.open(reference).answers["code_word"] == "pineapple"
    with pytest.raises(InvalidToken):
        ReferralStore(database, RotatingVault([KEY]), form).open(reference)


def test_rewrapping_with_a_wrong_key_changes_nothing(referrals, database, form):
    reference = submitted(referrals, form)
    with pytest.raises(ValueError, match="referrals"):
        rewrap_all(database, RotatingVault([Fernet.generate_key().decode()]))
    assert referrals.open(reference).answers["name"] == REST["name"]
