"""Which source of cases the settings name."""

from sqlalchemy.engine import Engine

from bot.cases.hashing import LookupHash
from bot.cases.http import HttpCases
from bot.cases.provider import CaseProvider
from bot.cases.sql import SqlCases
from bot.settings import Settings
from bot.store.encryption import Vault


def load_provider(settings: Settings, engine: Engine, vault: Vault, hashed: LookupHash) -> CaseProvider:
    """The source of cases: our own tables, or a force's own system.

    Args:
        settings: with no `bot.settings_checks.problems`.
        engine, vault, hashed: of our own tables.
    """
    if settings.case_source == "http":
        return HttpCases(settings.case_api_url, settings.case_api_token, settings.case_api_timeout_s)
    return SqlCases(engine, vault, hashed)
