"""The desk that the settings ask for."""

from collections.abc import Callable

from sqlalchemy.engine import Engine

from bot.conversation.messages import Reply
from bot.handoff.desk import HandOffDesk
from bot.handoff.fanout import Fanout
from bot.handoff.hours import load_hours
from bot.handoff.room import Limits, OnDuty, Record
from bot.handoff.words import load_canned, load_desk_words, load_hand_off_words
from bot.settings import Settings
from bot.store.encryption import Vault


def desk_for(
    settings: Settings,
    database: Engine,
    vault: Vault,
    *,
    presence: OnDuty,
    record: Record,
    fanout: Fanout,
    in_language: Callable[[Reply, str], Reply],
) -> HandOffDesk:
    """The desk, for the gateway and the console alike.

    Args:
        settings: times, and who takes up alerts.
        database: an opened database.
        vault: the keys that seal words.
        presence, record, fanout, in_language: as for `HandOffDesk`.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
    """
    data = settings.data_path
    return HandOffDesk(
        database,
        vault,
        presence=presence,
        record=record,
        fanout=fanout,
        words=load_hand_off_words(data),
        desk_words=load_desk_words(data),
        canned=load_canned(data),
        hours=load_hours(data),
        limits=Limits(
            first_reply=60.0 * settings.hand_off_first_reply_minutes,
            nudge=60.0 * settings.hand_off_nudge_minutes,
            silence=60.0 * settings.hand_off_silence_minutes,
            token=60.0 * settings.hand_off_idle_minutes,
            alerts_to=settings.alerts_to,
            for_police=settings.referrals_for_police,
        ),
        in_language=in_language,
    )
