"""What the commands for staff share: the store they work on, and how they say what stands in the way."""

from pathlib import Path
from typing import NamedTuple

import typer
from sqlalchemy.engine import Engine

from bot.settings import Settings, SettingsError, load
from bot.settings_checks import unusable
from bot.store.database import StoreUnavailable, open_database
from bot.store.encryption import local_keys


class Store(NamedTuple):
    """The store of the settings in force: the same database and keys as the service's."""

    settings: Settings
    engine: Engine
    keys: list[str]


def open_store() -> Store:
    """Open the store of the settings in force.

    Raises:
        typer.Exit: a setting cannot be used or the database not be opened, which is said.
    """
    try:
        settings = load()
        if reasons := unusable(settings):
            raise fail(*reasons)
        keys = [key.strip() for key in settings.keys.split(",") if key.strip()] or local_keys(Path(settings.var_dir))
        return Store(settings, open_database(settings.store_url), keys)
    except (SettingsError, StoreUnavailable) as error:
        raise fail(error) from error


def fail(*reasons: object) -> typer.Exit:
    """Say why, and end with 1."""
    for reason in reasons:
        typer.secho(str(reason), err=True, fg="red")
    return typer.Exit(1)
