"""Putting the notifier together from the settings."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Engine

from bot.cases.notices import CaseNotices
from bot.data_files import load
from bot.directory import LONDON
from bot.notify.govuk import GovukNotify
from bot.notify.notifier import ByChannel, Channel, Notifier
from bot.notify.outbox import DemoOutbox
from bot.notify.smtp import Smtp
from bot.notify.worker import NoticeWorker
from bot.outgoing import MailServer
from bot.settings import Settings
from bot.store.encryption import Vault


class NoticeWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/notices.<language>.yml: what stands around a notice."""

    version: int
    email_subject: str


class Notices(msgspec.Struct, frozen=True):
    """The parts that send notices.

    Attributes:
        worker: sends what waits; call `worker.wake()` when a notice was queued.
        outbox: the demonstration's outbox, where one is used.
    """

    worker: NoticeWorker
    outbox: DemoOutbox | None = None

    @property
    def background(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What must run as long as the gateway does."""
        return [self.worker.run, *([self.outbox.run] if self.outbox else [])]


def load_notifier(
    settings: Settings,
    database: Engine,
    vault: Vault,
    clock: Callable[[], datetime] = lambda: datetime.now(LONDON),
) -> Notices:
    """The notifier of the settings with its worker; nothing is started yet.

    Args:
        settings: `notify_sms`, `notify_email` and what they need; see `bot.settings_checks.problems`.
        database: an opened database.
        vault: the keys that seal notices.
        clock: the time now, aware.

    Raises:
        ValueError: messages would leave in the clear, or stay in the outbox outside demonstration mode.
        bot.data_files.DataError: the words are missing or do not fit.
    """
    chosen: dict[Channel, str] = {"sms": settings.notify_sms, "email": settings.notify_email}
    used = set(chosen.values())
    if "outbox" in used and not settings.demo:
        raise ValueError("The outbox exists only in demonstration mode.")
    outbox = DemoOutbox(database, vault, clock) if "outbox" in used else None
    ways: dict[str, Notifier] = {}
    if outbox is not None:
        ways["outbox"] = outbox
    if "govuk" in used:
        ways["govuk"] = govuk_notify(settings)
    if "smtp" in used:
        ways["smtp"] = smtp(settings)
    notifier = ByChannel({channel: ways[way] for channel, way in chosen.items() if way != "off"})
    return Notices(NoticeWorker(CaseNotices(database, vault), notifier, clock), outbox)


def govuk_notify(settings: Settings) -> GovukNotify:
    """GOV.UK Notify as the settings name it."""
    return GovukNotify(
        settings.govuk_notify_key,
        settings.govuk_notify_url,
        settings.govuk_notify_sms_template,
        settings.govuk_notify_email_template,
    )


def smtp(settings: Settings) -> Smtp:
    """The mail server as the settings name it."""
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.notify_email_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
    )
    return Smtp(server, load_notice_words(settings.data_path).email_subject)


def load_notice_words(data: Path, language: str = "en") -> NoticeWords:
    """The words of one language.

    Raises:
        bot.data_files.DataError: the file is missing or does not fit.
    """
    return load(data / "conversation" / f"notices.{language}.yml", NoticeWords)
