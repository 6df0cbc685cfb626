"""The form and the way of delivery that the settings ask for."""

from bot.outgoing import MailServer
from bot.referrals.delivery import Demonstration, Mail, Sender, Webhook
from bot.referrals.draft import Form, load_form
from bot.referrals.store import ReferralStore
from bot.settings import Settings

MAIL_TIMEOUT_S = 30.0
"""Nobody waits for a referral to leave, and a slow server may still take it."""


def form_for(settings: Settings) -> Form:
    """The questions, with the decisions and periods of the settings.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
    """
    return load_form(
        settings.data_path,
        under_18=settings.referral_under_18,
        controller=settings.controller,
        days_kept=settings.referral_retention_days,
        unread_days=settings.referral_unread_days,
    )


def sender_for(settings: Settings, store: ReferralStore, form: Form) -> Sender | None:
    """How referrals reach the provider; None where they are off.

    Raises:
        ValueError: the words would leave this machine in the clear, or a secret is too short (see
            `bot.settings_checks.problems`, which says so before the start).
    """
    way = settings.referrals_go_by
    if way == "webhook":
        return Webhook(settings.referral_webhook_url, settings.referral_webhook_secret, form)
    if way == "email":
        server = MailServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.referral_email_from,
            tls=settings.smtp_tls,
            user=settings.smtp_user,
            password=settings.smtp_password,
            timeout_s=MAIL_TIMEOUT_S,
        )
        return Mail(server, settings.referral_email_to, form)
    return Demonstration(store) if way == "demo" else None
