"""Each kind of data goes when its time is over, not before, and stays while it is held."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from bot.privacy.backups import BackupKeys
from bot.privacy.export import IdentityCheck, Record, make_export
from bot.privacy.purges import purges
from bot.privacy.retention import DAY_S, HOUR_S, Periods, purge, without_purge
from bot.store.conversations import ConversationStore
from bot.store.referral_tables import referral_answers
from bot.store.tables import alerts
from tests.referrals.conftest import NOW, submitted

TODAY = date(2027, 1, 15)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        ("chat", 24 * HOUR_S),
        ("handed_over", 90 * DAY_S),
        ("referral", 30 * DAY_S),
        ("referral_unread", 90 * DAY_S),
        ("failed_lookup", 90 * DAY_S),
        ("alert", 730 * DAY_S),
        ("unanswered", 14 * DAY_S),
        ("audit", 730 * DAY_S),
        ("count", 730 * DAY_S),
        ("backup", 30 * DAY_S),
    ],
)
def test_each_kind_is_purged_from_its_own_moment_on(kind, seconds):
    asked = []
    assert purge(Periods(), {kind: lambda before: asked.append(before) or 3}, NOW) == {kind: 3}
    assert asked == [NOW - seconds]


def test_a_period_is_a_setting():
    asked = []
    purge(Periods(referral_days=7), {"referral": lambda before: asked.append(before) or 0}, NOW)
    assert asked == [NOW - 7 * DAY_S]


def test_a_purge_that_fails_does_not_stop_the_others():
    def fails(_before):
        raise OperationalError("", {}, Exception())

    assert purge(Periods(), {"chat": fails, "alert": lambda _: 1}, NOW) == {"alert": 1}


def test_a_kind_that_nothing_deletes_is_named():
    assert without_purge({"chat": lambda _: 0}) == [kind for kind in Periods().seconds() if kind != "chat"]


def test_a_purge_without_a_period_is_an_error():
    with pytest.raises(KeyError):
        purge(Periods(), {"documents": lambda _: 0}, NOW)


def test_no_table_keeps_documents(database):
    assert not [name for name in sa.inspect(database).get_table_names() if "document" in name or "letter" in name]


@pytest.fixture
def all_purges(referrals, holds, exports, complaints, database, vault, tmp_path):
    conversations = ConversationStore(database, vault)
    ours = purges(referrals, holds, exports, complaints, BackupKeys(tmp_path / "keys"))
    return ours | {"chat": conversations.purge, "alert": conversations.purge_alerts}


def after(all_purges, kind, seconds):
    return purge(Periods(), {kind: all_purges[kind]}, NOW + seconds)[kind]


def sent(referrals, form, key="message-1"):
    reference = submitted(referrals, form, key)
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    return reference


def test_a_chat_goes_24_hours_after_its_last_message(all_purges, database, vault):
    ConversationStore(database, vault).start("token", "web", [], NOW, NOW + 900)
    assert after(all_purges, "chat", 24 * HOUR_S) == 0
    assert after(all_purges, "chat", 24 * HOUR_S + 1) == 1


def test_a_referral_goes_30_days_after_it_was_acknowledged_with_its_answers(all_purges, referrals, form, database):
    referrals.received(sent(referrals, form), NOW)
    assert after(all_purges, "referral", 30 * DAY_S) == 0
    assert after(all_purges, "referral", 30 * DAY_S + 1) == 1
    with database.connect() as db:
        assert db.execute(referral_answers.select()).all() == []


def test_a_referral_nobody_acknowledged_goes_90_days_after_sending(all_purges, referrals, form):
    sent(referrals, form)
    assert after(all_purges, "referral", 60 * DAY_S) == 0
    assert after(all_purges, "referral_unread", 90 * DAY_S) == 0
    assert after(all_purges, "referral_unread", 90 * DAY_S + 1) == 1


def test_a_referral_that_has_not_got_through_is_never_purged_unseen(all_purges, referrals, form):
    submitted(referrals, form)
    for kind in ("referral", "referral_unread"):
        assert after(all_purges, kind, 1000 * DAY_S) == 0


def test_a_withdrawn_referral_goes_30_days_later_once_the_provider_was_told(all_purges, referrals, form):
    referrals.withdraw(sent(referrals, form), NOW)
    assert after(all_purges, "referral", 31 * DAY_S) == 0
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    assert after(all_purges, "referral", 31 * DAY_S) == 1


def test_a_held_referral_stays(all_purges, referrals, form, holds):
    reference = sent(referrals, form)
    referrals.received(reference, NOW)
    number = holds.place(
        "referral",
        reference,
        reason="A court has asked.",
        by="demo",
        role="supervisor",
        review_on=date(2027, 6, 1),
        today=TODAY,
        now=NOW,
    )
    assert after(all_purges, "referral", 31 * DAY_S) == 0
    holds.lift(number, by="demo", role="supervisor", now=NOW)
    assert after(all_purges, "referral", 31 * DAY_S) == 1


def test_alerts_go_after_two_years(all_purges, database):
    with database.begin() as db:
        db.execute(alerts.insert().values(inbox=1, conversation="c", category="suicide", raised=NOW, state="open"))
    assert after(all_purges, "alert", 730 * DAY_S) == 0
    assert after(all_purges, "alert", 730 * DAY_S + 1) == 1


def test_records_for_the_audit_go_after_two_years_but_open_ones_stay(all_purges, holds, exports, complaints):
    where = {"reason": "A court has asked.", "by": "demo", "role": "supervisor", "review_on": date(2027, 6, 1)}
    lifted = holds.place("case", "demo-1", **where, today=TODAY, now=NOW)
    holds.place("case", "demo-2", **where, today=TODAY, now=NOW)
    holds.lift(lifted, by="demo", role="supervisor", now=NOW)
    check = IdentityCheck(by="demo", how="passport", on=TODAY)
    exports.record(make_export([Record(kind="x", when="", content={})], identity=check, made_by="d", now=NOW), NOW)
    for _ in range(2):
        complaints.record(about="Demo", contact="post", received_on=TODAY, by="demo", today=TODAY)
    complaints.acknowledge(1, by="demo", on=TODAY)
    complaints.close(1, outcome="Told.", by="demo", on=TODAY)
    assert after(all_purges, "audit", 730 * DAY_S) == 0
    assert after(all_purges, "audit", 732 * DAY_S) == 3
    assert [hold.subject for hold in holds.active()] == ["demo-2"]
    assert [one.number for one in complaints.open()] == [2]


def test_the_key_of_a_backup_is_destroyed_after_30_days(all_purges, tmp_path):
    keys = BackupKeys(tmp_path / "keys")
    name, key = keys.new(NOW)
    assert keys.get(name) == key
    assert after(all_purges, "backup", 30 * DAY_S) == 0
    assert after(all_purges, "backup", 30 * DAY_S + 1) == 1
    assert keys.get(name) is None
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_backup_key_is_readable_by_its_owner_only(tmp_path):
    keys = BackupKeys(tmp_path / "keys")
    name, _ = keys.new(NOW)
    assert (tmp_path / "keys" / name).stat().st_mode & 0o077 == 0


def test_a_backup_key_cannot_be_reached_outside_its_folder(tmp_path):
    (tmp_path / "secret").write_text("x")
    assert BackupKeys(tmp_path / "keys").get("../secret") is None
