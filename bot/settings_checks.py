"""What keeps the service, or staff's commands, from running with the settings as they are: each with the way out."""

import re
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from bot.outgoing import THIS_MACHINE
from bot.settings import PREFIX, Settings

TELLING = ("abuse", "case", "court", "crime", "helpline", "justice", "police", "refuge", "support", "victim", "witness")
"""Words that no sender of a notice may show to whoever holds the phone."""
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID = re.compile(_ID)
_NOTIFY_KEY = re.compile(rf"\S+-{_ID}-{_ID}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+", re.ASCII)
LEAST_SECRET = 32
"""Characters of a secret that signs something."""
# Scheme, host and port, with nothing that could add to the header it stands in.
_SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::\d+)?", re.IGNORECASE)
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")


def unusable(settings: Settings) -> list[str]:
    """Values with which not even staff's commands can read what is stored, each with the way out."""
    found: list[str] = []
    for key in filter(None, (part.strip() for part in settings.keys.split(","))):
        try:
            Fernet(key.encode())
        except ValueError:
            found.append("BOT_KEYS holds something that is not a Fernet key. Make one with: python -m bot new-key")
            break
    if settings.case_status and settings.case_source == "http":
        found += _case_api_problems(settings)
    return found


def problems(settings: Settings) -> list[str]:
    """Reasons why the service must not start with these settings; empty when it may.

    Outside demonstration mode the controller, its data protection papers and keys are needed
    (shared/protection.md, "Data protection").
    """
    found = unusable(settings)
    for site in settings.embedding_sites:
        if not _SITE.fullmatch(site):
            found.append(
                f"BOT_EMBED_ORIGINS: {site!r} is no site. Write https:// and the host, such as https://a.example."
            )
    if settings.case_status:
        found += _notifier_problems(settings)
    found += _telegram_problems(settings)
    if settings.has_console:
        found += _staff_problems(settings)
    elif settings.collect_unanswered:
        found.append(f"{PREFIX}COLLECT_UNANSWERED needs the staff console: nobody could read what is kept.")
    if settings.demo:
        return found
    needed = {
        "controller_name": "who runs the service",
        "controller_role": "which role answers for it",
        "controller_contact": "how people reach the controller",
        "controller_dpo": "the data protection officer's contact",
        "controller_ico": "the registration number with the Information Commissioner",
        "legal_profile": "police_part3, public_task or charity",
        "processors": "the processors, or none",
        "dpia_signed_on": "the day the impact assessment was signed",
        "keys": "the encryption keys; make one with: python -m bot new-key",
    }
    for name, what in needed.items():
        if not getattr(settings, name):
            found.append(f"{PREFIX}{name.upper()} is missing: {what}.")
    return found + _referral_problems(settings)


def _referral_problems(settings: Settings) -> list[str]:
    """What keeps referrals from leaving safely, outside demonstration mode."""
    way = settings.referrals_go_by
    found: list[str] = []
    if way == "demo":
        found.append(f"{PREFIX}REFERRAL_DELIVERY is demo, where nothing leaves: set it to off, webhook or email.")
    if way == "webhook":
        if not settings.referral_webhook_url.startswith("https://"):
            found.append(f"{PREFIX}REFERRAL_WEBHOOK_URL must begin with https://.")
        if len(settings.referral_webhook_secret) < LEAST_SECRET:
            found.append(f"{PREFIX}REFERRAL_WEBHOOK_SECRET needs at least {LEAST_SECRET} characters.")
    if way == "email":
        found += [
            f"{PREFIX}{name.upper()} is missing: {what}."
            for name, what in {
                "referral_email_to": "the mailbox that referrals go to",
                "referral_email_from": "the address that referrals come from",
                "smtp_host": "the mail server",
            }.items()
            if not getattr(settings, name)
        ]
        if settings.smtp_tls == "none" and settings.smtp_host not in THIS_MACHINE:
            found.append(f"{PREFIX}SMTP_TLS must be tls or starttls: referrals must not travel in the clear.")
    if any(len(secret) < LEAST_SECRET for secret in settings.referral_secrets):
        found.append(f"{PREFIX}REFERRAL_CALLBACK_SECRETS: each needs at least {LEAST_SECRET} characters.")
    return found


def _notifier_problems(settings: Settings) -> list[str]:
    """What keeps codes from being sent, or sent safely (shared/protection.md, "Looking up a case")."""
    ways = {"notify_sms": settings.notify_sms, "notify_email": settings.notify_email}
    found = [
        f"{PREFIX}{name.upper()} is outbox, which sends nothing and exists only in the demonstration. "
        f"Set it to a way of sending or to off, or switch look-ups off: {PREFIX}CASE_STATUS=false."
        for name, way in ways.items()
        if way == "outbox" and not settings.demo
    ]
    if set(ways.values()) == {"off"}:
        found.append(
            f"{PREFIX}NOTIFY_SMS and {PREFIX}NOTIFY_EMAIL are both off, so no code can be sent. "
            f"Set one of them, or switch look-ups off: {PREFIX}CASE_STATUS=false."
        )
    if "govuk" in ways.values():
        found += _govuk_problems(settings)
    if settings.notify_email == "smtp":
        found += _smtp_problems(settings)
    return found


def _govuk_problems(settings: Settings) -> list[str]:
    found: list[str] = []
    if not _NOTIFY_KEY.fullmatch(settings.govuk_notify_key):
        found.append(f"{PREFIX}GOVUK_NOTIFY_KEY must be an API key as GOV.UK Notify shows it: name, two ids.")
    if not settings.govuk_notify_url.startswith(("https://", "http://127.0.0.1:")):
        found.append(f"{PREFIX}GOVUK_NOTIFY_URL must begin with https://.")
    templates = {
        "govuk_notify_sms_template": settings.notify_sms,
        "govuk_notify_email_template": settings.notify_email,
    }
    return found + [
        f"{PREFIX}{name.upper()} must be the id of a template, as GOV.UK Notify shows it."
        for name, way in templates.items()
        if way == "govuk" and not _UUID.fullmatch(getattr(settings, name))
    ]


def _smtp_problems(settings: Settings) -> list[str]:
    found: list[str] = []
    sender = settings.notify_email_from
    if not settings.smtp_host:
        found.append(f"{PREFIX}SMTP_HOST is missing: the mail server.")
    if not _ADDRESS.fullmatch(sender):
        found.append(f"{PREFIX}NOTIFY_EMAIL_FROM must be an e-mail address.")
    if telling := [word for word in TELLING if word in sender.lower()]:
        found.append(
            f"{PREFIX}NOTIFY_EMAIL_FROM says {', '.join(telling)}. Whoever sees the phone must not learn from it "
            "who wrote: take a neutral address."
        )
    if settings.smtp_tls == "none" and settings.smtp_host not in THIS_MACHINE:
        found.append(f"{PREFIX}SMTP_TLS must be tls or starttls: codes must not travel in the clear.")
    return found


def is_private_url(url: str) -> bool:
    """Whether nobody in between can read what is sent to an address: https, or http to this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in THIS_MACHINE
    return bool(parts.hostname) and (parts.scheme == "https" or local)


def _case_api_problems(settings: Settings) -> list[str]:
    found = []
    if not is_private_url(settings.case_api_url):
        found.append("BOT_CASE_API_URL must begin with https:// (or http://127.0.0.1) where BOT_CASE_SOURCE is http.")
    if not re.fullmatch(r"[!-~]+", settings.case_api_token):
        found.append("BOT_CASE_API_TOKEN must be the token that the force gave you, without blanks.")
    return found


def _telegram_problems(settings: Settings) -> list[str]:
    """What Telegram lacks, where it has a token: the channel must not come up half."""
    if not settings.telegram_token:
        return []
    found = []
    if settings.telegram_mode == "webhook" and not _WEBHOOK_SECRET.fullmatch(settings.telegram_webhook_secret):
        found.append(
            f"{PREFIX}TELEGRAM_WEBHOOK_SECRET is missing or wrong: 32 to 256 letters, digits, underscores and dashes."
        )
    needed = settings.telegram_mode == "webhook" or not settings.demo
    if needed and not settings.web_address.startswith("https://"):
        found.append(f"{PREFIX}WEB_ADDRESS is missing: the https address of the web page, which Telegram needs.")
    return found


def _staff_problems(settings: Settings) -> list[str]:
    """What keeps staff from signing in, or from signing in safely."""
    found = []
    if not settings.staff_oidc_issuer:
        if not settings.staff_local_accounts:
            found.append(
                f"Nobody could sign in to the console: set {PREFIX}STAFF_OIDC_ISSUER, "
                f"or {PREFIX}STAFF_LOCAL_ACCOUNTS=true."
            )
        return found
    for name in ("staff_oidc_issuer", "staff_address"):
        if not is_private_url(getattr(settings, name)):
            found.append(f"{PREFIX}{name.upper()} must begin with https:// (or http://127.0.0.1).")
    if not settings.staff_oidc_client:
        found.append(f"{PREFIX}STAFF_OIDC_CLIENT is missing: the client id that the provider gave the console.")
    return found
