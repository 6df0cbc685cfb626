"""One typed settings object, read from the environment and an optional TOML file.

Every setting is a field of `Settings`. In the environment its name is `BOT_` plus the field in capitals
(`BOT_PORT=9000`); in the file named by `BOT_SETTINGS` it is the field itself. The environment wins.
docs/settings.md is made from this class, and a test compares the two.
"""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli
from msgspec import Meta

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "BOT_"


class SettingsError(Exception):
    """A setting has a value that cannot be used; the message names it and says what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings with safe defaults. See the module's docstring for where values come from."""

    demo: Annotated[bool, Meta(description="Demonstration mode: drafts are served, every page says so.")] = False
    host: Annotated[str, Meta(description="Address the gateway listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port of the gateway. 0 takes a free one.")] = 8080
    var_dir: Annotated[str, Meta(description="Folder for the database and other files written while running.")] = str(
        ROOT / "var"
    )
    data_dir: Annotated[str, Meta(description="Folder of the approved texts and facts.")] = str(ROOT / "data")
    models_dir: Annotated[str, Meta(description="Folder of the trained model and its manifest.")] = str(ROOT / "models")
    database_url: Annotated[
        str, Meta(description="SQLAlchemy address of the store. Empty: SQLite in WAL mode inside `var_dir`.")
    ] = ""
    keys: Annotated[
        str,
        Meta(description="Fernet keys that wrap each conversation's key, newest first, separated by commas. A secret."),
    ] = ""
    engines: Annotated[int, Meta(ge=1, le=64, description="Engine processes. Two is right for two cores.")] = min(
        2, os.cpu_count() or 1
    )
    engine_timeout_s: Annotated[float, Meta(gt=0, description="Seconds an engine may take over one message.")] = 20.0
    lease_s: Annotated[float, Meta(gt=0, description="Seconds a gateway may hold a conversation without renewing.")] = (
        30.0
    )
    message_max_chars: Annotated[
        int, Meta(ge=100, description="Characters of one message that are read. The rest is left unread, and said so.")
    ] = 2000
    body_max_bytes: Annotated[int, Meta(ge=1000, description="Largest request body that is accepted, in bytes.")] = (
        262144
    )
    starts_per_minute: Annotated[int, Meta(ge=1, description="New conversations one address may start a minute.")] = 30
    messages_per_minute: Annotated[int, Meta(ge=1, description="Messages one conversation may send a minute.")] = 60
    idle_minutes: Annotated[
        int, Meta(ge=1, description="Minutes after which a page that is silent loses its conversation.")
    ] = 15
    away_minutes: Annotated[int, Meta(ge=1, description="Minutes a closed page may still come back.")] = 2
    hand_off_idle_minutes: Annotated[
        int,
        Meta(
            ge=1, description="Minutes after which a page that is silent loses a chat that waits for staff or has them."
        ),
    ] = 60
    retention_hours: Annotated[
        int, Meta(ge=1, description="Hours after which a conversation that was not handed over is erased.")
    ] = 24
    alert_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which a safety alert, which holds no words, is deleted.")
    ] = 730
    feedback_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which feedback on an answer, which holds no words, is deleted.")
    ] = 730
    collect_unanswered: Annotated[
        bool,
        Meta(
            description="Keep questions that were not answered, so that staff can write training examples in their "
            "place. Never of a child, and never from a chat with a safety card. Needs the staff console."
        ),
    ] = False
    unanswered_days: Annotated[
        int, Meta(ge=1, le=14, description="Days after which a question that was not answered is deleted.")
    ] = 14
    count_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which the day's counters for supervisors, which lead to nobody, go.")
    ] = 730
    allowed_origins: Annotated[
        str, Meta(description="Origins that may call the API from a browser, separated by commas. Empty: only ours.")
    ] = ""
    embed_origins: Annotated[
        str,
        Meta(description="Sites that may show the chat in a frame, such as `https://www.example.org`. Empty: none."),
    ] = ""
    lock_minutes: Annotated[
        int, Meta(ge=1, description="Minutes after which a page that is left alone hides its conversation.")
    ] = 5
    trusted_proxy: Annotated[
        bool, Meta(description="Take the caller's address from X-Forwarded-For. Only behind a proxy that sets it.")
    ] = False
    area: Annotated[str, Meta(description="Police area served; facts for other areas are hedged.")] = "West Midlands"
    exit_url: Annotated[str, Meta(description="Neutral page that Exit goes to.")] = "https://www.bbc.co.uk/weather"
    case_status: Annotated[
        bool, Meta(description="Cases can be looked up with a code. Needs a source of cases and a way to send codes.")
    ] = True
    case_source: Annotated[
        Literal["sql", "http"],
        Meta(description="Where cases come from: our own tables (`bot cases import`), or the force's own system."),
    ] = "sql"
    case_api_url: Annotated[
        str,
        Meta(description="Address of the force's system, as docs/api/cases.openapi.json describes it."),
    ] = ""
    case_api_token: Annotated[str, Meta(description="Bearer token for the force's system. A secret.")] = ""
    case_api_timeout_s: Annotated[
        float, Meta(gt=0, le=30, description="Seconds the force's system may take to connect, and to answer.")
    ] = 5.0
    case_contact: Annotated[str, Meta(description="Number to ring about a case when no code comes.")] = "101"
    case_code_minutes: Annotated[int, Meta(ge=1, le=15, description="Minutes a code works.")] = 15
    case_proof_minutes: Annotated[
        int, Meta(ge=1, le=15, description="Minutes of silence after which a case that was shown is put away.")
    ] = 15
    case_tries: Annotated[int, Meta(ge=1, le=5, description="Tries for one code.")] = 5
    case_lookups_per_hour: Annotated[int, Meta(ge=1, description="Look-ups of one conversation an hour.")] = 10
    case_failures_per_hour: Annotated[
        int, Meta(ge=1, description="Wrong codes an hour, of one conversation or for one case, before all are refused.")
    ] = 10
    failed_lookup_days: Annotated[
        int, Meta(ge=1, description="Days after which look-ups, kept as keyed hashes, are deleted.")
    ] = 90
    notify_sms: Annotated[
        Literal["outbox", "govuk", "off"],
        Meta(description="How codes go by text. `outbox`: nothing leaves; read at /demo/outbox, demonstration only."),
    ] = "outbox"
    notify_email: Annotated[
        Literal["outbox", "govuk", "smtp", "off"],
        Meta(description="How codes go by e-mail. `outbox`: nothing leaves; read at /demo/outbox, demonstration only."),
    ] = "outbox"
    notify_email_from: Annotated[
        str, Meta(description="Address that e-mails with codes come from. Neither its name nor its domain may tell.")
    ] = ""
    govuk_notify_key: Annotated[str, Meta(description="API key of GOV.UK Notify. A secret.")] = ""
    govuk_notify_url: Annotated[str, Meta(description="Address of GOV.UK Notify; https.")] = (
        "https://api.notifications.service.gov.uk"
    )
    govuk_notify_sms_template: Annotated[
        str, Meta(description="Id of the text template there, which holds `((text))` and nothing else.")
    ] = ""
    govuk_notify_email_template: Annotated[
        str, Meta(description="Id of the e-mail template there, which holds `((text))` and a neutral subject.")
    ] = ""
    referral_delivery: Annotated[
        Literal["", "off", "webhook", "email", "demo"],
        Meta(
            description="How referrals reach Victim Support. `off`: the form is not offered. `demo`: nothing leaves. "
            "Empty: `demo` in demonstration mode, else `off`."
        ),
    ] = ""
    referral_under_18: Annotated[
        bool,
        Meta(description="People of 13 to 17 may use the referral form. The safeguarding lead's decision."),
    ] = False
    referral_webhook_url: Annotated[str, Meta(description="Where referrals are posted to; https.")] = ""
    referral_webhook_secret: Annotated[
        str, Meta(description="Signs what is posted; 32 characters or more. A secret.")
    ] = ""
    referral_callback_secrets: Annotated[
        str,
        Meta(
            description="Secrets that the receiver signs its acknowledgements with, the newest first, separated by "
            "commas; 32 characters or more each. Secret."
        ),
    ] = ""
    referral_email_to: Annotated[str, Meta(description="Mailbox that referrals go to.")] = ""
    referral_email_from: Annotated[str, Meta(description="Address that referrals come from.")] = ""
    smtp_host: Annotated[str, Meta(description="Mail server.")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="Port of the mail server.")] = 587
    smtp_user: Annotated[str, Meta(description="User at the mail server, if it asks for one.")] = ""
    smtp_password: Annotated[str, Meta(description="Password at the mail server. A secret.")] = ""
    smtp_tls: Annotated[
        Literal["tls", "starttls", "none"],
        Meta(description="Encryption to the mail server. `none` only for one on this machine."),
    ] = "starttls"
    referral_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which a referral that was acknowledged or withdrawn is deleted.")
    ] = 30
    referral_unread_days: Annotated[
        int, Meta(ge=1, description="Days after which a referral that was never acknowledged is deleted.")
    ] = 90
    draft_minutes: Annotated[
        int, Meta(ge=1, le=30, description="Minutes of silence after which what was typed into a form is deleted.")
    ] = 30
    handed_over_days: Annotated[
        int, Meta(ge=1, description="Days after which a conversation that was handed over to staff is erased.")
    ] = 90
    audit_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which audit records, which hold no words, are deleted.")
    ] = 730
    backup_days: Annotated[int, Meta(ge=1, description="Days after which the key of a backup is destroyed.")] = 30
    web_address: Annotated[
        str, Meta(description="Address of the web page as people reach it, such as `https://rights.example/`.")
    ] = ""
    telegram_token: Annotated[
        str, Meta(description="Token of the Telegram bot, from BotFather. A secret. Empty: the channel is off.")
    ] = ""
    telegram_mode: Annotated[
        Literal["polling", "webhook"],
        Meta(description="How Telegram's updates come: fetched, or sent to `web_address` and /telegram."),
    ] = "polling"
    telegram_webhook_secret: Annotated[
        str, Meta(description="Secret that Telegram sends with each update; letters, digits, `_` and `-`. A secret.")
    ] = ""
    telegram_base_url: Annotated[str, Meta(description="Address of the Bot API, up to the token.")] = (
        "https://api.telegram.org/bot"
    )
    telegram_approved_by: Annotated[
        str,
        Meta(description="Role of the controller that approved Telegram. Empty: off, unless in demonstration mode."),
    ] = ""
    telegram_approved_on: Annotated[date | None, Meta(description="Day on which it approved.")] = None
    telegram_case_status: Annotated[
        str,
        Meta(description="Reason why cases may be shown in Telegram. Empty: not there, unless in demonstration mode."),
    ] = ""
    telegram_referral: Annotated[str, Meta(description="The same for referrals.")] = ""
    telegram_documents: Annotated[str, Meta(description="The same for letters and other documents.")] = ""
    telegram_staff_chat: Annotated[str, Meta(description="The same for chats with staff.")] = ""
    telegram_idle_minutes: Annotated[
        int, Meta(ge=10, description="Minutes after which a chat that is silent begins a new conversation.")
    ] = 60
    staff_console: Annotated[
        bool | None,
        Meta(description="A staff console runs, so staff may be shown a chat. Unset: only in the demonstration."),
    ] = None
    redis_url: Annotated[
        str,
        Meta(description="Redis by which processes tell each other what is new. Empty: one process, or looking often."),
    ] = ""
    hand_off_first_reply_minutes: Annotated[
        int, Meta(ge=1, description="Minutes within which somebody who waits for staff should get a first reply.")
    ] = 5
    hand_off_nudge_minutes: Annotated[
        int, Meta(ge=1, description="Minutes of silence after which the person is asked whether they are still there.")
    ] = 10
    hand_off_silence_minutes: Annotated[
        int, Meta(ge=1, description="Minutes of silence after which a talk with staff ends.")
    ] = 20
    alerts_to: Annotated[
        Literal["police", "commissioner", "victim_support"],
        Meta(description="Whose staff take up safety alerts where the person does not talk to staff."),
    ] = "victim_support"
    referrals_for_police: Annotated[
        bool,
        Meta(description="Referrals are taken on behalf of the police: their two working days are shown to staff."),
    ] = False
    console_host: Annotated[str, Meta(description="Address the staff console listens on.")] = "127.0.0.1"
    console_port: Annotated[int, Meta(ge=0, le=65535, description="Port of the staff console.")] = 8081
    console_names: Annotated[
        str, Meta(description="Host names staff reach the console by, separated by commas. Empty: this machine only.")
    ] = ""
    staff_address: Annotated[
        str, Meta(description="Address of the console as staff reach it, such as `https://console.example`.")
    ] = ""
    staff_local_accounts: Annotated[
        bool, Meta(description="Staff may sign in with accounts kept here: password and time-based code.")
    ] = True
    staff_session_minutes: Annotated[int, Meta(ge=5, le=720, description="Minutes after which staff sign in anew.")] = (
        480
    )
    staff_idle_minutes: Annotated[
        int, Meta(ge=1, le=60, description="Minutes after which a console left alone asks for the code again.")
    ] = 15
    staff_tries_per_minute: Annotated[
        int, Meta(ge=1, description="Tries to sign in that one address has a minute, whatever the name.")
    ] = 20
    staff_oidc_issuer: Annotated[
        str, Meta(description="Issuer of the OpenID Connect provider that staff sign in at; https. Empty: none.")
    ] = ""
    staff_oidc_client: Annotated[str, Meta(description="Client id that the provider gave the console.")] = ""
    staff_oidc_secret: Annotated[str, Meta(description="Client secret. A secret. Empty for a public client.")] = ""
    staff_oidc_roles_claim: Annotated[
        str, Meta(description="Claim that holds the roles, by our names. Dots lead into a claim: `realm_access.roles`.")
    ] = "roles"
    staff_oidc_organisation_claim: Annotated[
        str, Meta(description="Claim that holds `police`, `commissioner` or `victim_support`.")
    ] = "organisation"
    staff_oidc_name_claim: Annotated[
        str, Meta(description="Claim that holds the name or role that people see in a chat.")
    ] = "name"
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="Least severe log line that is written.")
    ] = "INFO"
    controller_name: Annotated[str, Meta(description="Organisation that runs the service (data controller).")] = ""
    controller_role: Annotated[str, Meta(description="Role in it that answers for the service.")] = ""
    controller_contact: Annotated[str, Meta(description="How people reach the controller.")] = ""
    controller_dpo: Annotated[str, Meta(description="Contact of the data protection officer.")] = ""
    controller_ico: Annotated[str, Meta(description="Registration number with the Information Commissioner.")] = ""
    legal_profile: Annotated[
        Literal["", "police_part3", "public_task", "charity"], Meta(description="Legal basis of the processing.")
    ] = ""
    processors: Annotated[
        str, Meta(description="Organisations that process data for the controller, separated by commas, or `none`.")
    ] = ""
    dpia_signed_on: Annotated[date | None, Meta(description="Day the impact assessment (DPIA) was signed.")] = None

    @property
    def embedding_sites(self) -> list[str]:
        """The sites of `embed_origins`, one by one."""
        return [site.strip() for site in self.embed_origins.split(",") if site.strip()]

    @property
    def collects_unanswered(self) -> bool:
        """Whether questions that were not answered are kept; nobody could read them without a console."""
        return self.collect_unanswered and self.has_console

    @property
    def has_console(self) -> bool:
        """Whether staff may be shown a chat."""
        return bool(self.staff_console)

    @property
    def console_hosts(self) -> list[str]:
        """The host names of the console, one by one."""
        named = [name.strip() for name in self.console_names.split(",") if name.strip()]
        return named or ["127.0.0.1", "localhost"]

    @property
    def store_url(self) -> str:
        """SQLAlchemy address of the store, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{Path(self.var_dir) / 'assistant.sqlite3'}"

    @property
    def referrals_go_by(self) -> Literal["off", "webhook", "email", "demo"]:
        """How referrals leave, with the default filled in."""
        return self.referral_delivery or ("demo" if self.demo else "off")

    @property
    def referral_secrets(self) -> list[str]:
        """Secrets that an acknowledgement may be signed with."""
        return [secret.strip() for secret in self.referral_callback_secrets.split(",") if secret.strip()]

    @property
    def data_path(self) -> Path:
        """Folder of the approved texts and facts."""
        return Path(self.data_dir)

    @property
    def models_path(self) -> Path:
        """Folder of the trained model."""
        return Path(self.models_dir)

    @property
    def controller(self) -> str:
        """Name shown as the one who runs the service."""
        if self.controller_name:
            return self.controller_name
        return "nobody yet: this is a demonstration" if self.demo else ""


def load(environment: dict[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings.

    Args:
        environment: variables to read, default `os.environ`.
        overrides: values that win over everything else (from the command line).

    Returns:
        The settings, checked for type and range but not for completeness: see `bot.settings_checks.problems`.

    Raises:
        SettingsError: a value is of the wrong kind, unknown, or the file cannot be read.
    """
    environment = dict(os.environ) if environment is None else environment
    values: dict[str, Any] = {}
    file = environment.get(PREFIX + "SETTINGS")
    if file:
        try:
            values.update(tomli.loads(Path(file).read_text(encoding="utf-8")))
        except (OSError, tomli.TOMLDecodeError) as error:
            raise SettingsError(f"The settings file {file} cannot be read: {error}") from error
    for name in Settings.__struct_fields__:
        if PREFIX + name.upper() in environment:
            values[name] = environment[PREFIX + name.upper()]
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting is wrong: {error}. docs/settings.md lists them all.") from error
