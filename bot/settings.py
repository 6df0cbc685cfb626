"""One typed settings object, read from the environment and an optional TOML file.

Every setting is a field of `Settings`. In the environment its name is `BOT_` plus the field in capitals
(`BOT_PORT=9000`); in the file named by `BOT_SETTINGS` it is the field itself. The environment wins.
docs/settings.md is made from this class, and a test compares the two.
"""

import os
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli
from cryptography.fernet import Fernet
from msgspec import Meta

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "BOT_"
# Scheme, host and port, with nothing that could add to the header it stands in.
_SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::\d+)?", re.IGNORECASE)


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
    retention_hours: Annotated[
        int, Meta(ge=1, description="Hours after which a conversation that was not handed over is erased.")
    ] = 24
    alert_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which a safety alert, which holds no words, is deleted.")
    ] = 730
    feedback_retention_days: Annotated[
        int, Meta(ge=1, description="Days after which feedback on an answer, which holds no words, is deleted.")
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
    staff_console: Annotated[bool, Meta(description="A staff console runs, so staff may be shown a chat.")] = False
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
    def store_url(self) -> str:
        """SQLAlchemy address of the store, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{Path(self.var_dir) / 'assistant.sqlite3'}"

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
        The settings, checked for type and range but not for completeness: see `problems`.

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


def problems(settings: Settings) -> list[str]:
    """Reasons why the service must not start with these settings; empty when it may.

    Outside demonstration mode the controller, its data protection papers and keys are needed
    (shared/protection.md, "Data protection").
    """
    found: list[str] = []
    for key in filter(None, (part.strip() for part in settings.keys.split(","))):
        try:
            Fernet(key.encode())
        except ValueError:
            found.append("BOT_KEYS holds something that is not a Fernet key. Make one with: python -m bot new-key")
            break
    for site in settings.embedding_sites:
        if not _SITE.fullmatch(site):
            found.append(
                f"BOT_EMBED_ORIGINS: {site!r} is no site. Write https:// and the host, such as https://a.example."
            )
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
    return found
