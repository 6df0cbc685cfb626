"""Migrations lead to the tables the code uses, and back."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store import (  # noqa: F401  (their tables join the metadata)
    case_tables,
    handoff_tables,
    notify_tables,
    privacy_tables,
    referral_tables,
    staff_tables,
    telegram_tables,
    unanswered_tables,
)
from bot.store.database import StoreUnavailable, migrate, open_database
from bot.store.tables import metadata

# SQLite's own, for numbers that are never given twice.
KEPT_BY_SQLITE = {"sqlite_sequence"}


def test_migrated_tables_are_those_of_the_code(database):
    with database.connect() as connection:
        ours = {"compare_type": True, "include_name": lambda name, kind, _parents: name not in KEPT_BY_SQLITE}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, metadata) == []


def test_migrations_go_down_to_nothing_and_up_again(database):
    migrate(database, "base")
    assert set(sa.inspect(database).get_table_names()) <= {"alembic_version", *KEPT_BY_SQLITE}
    migrate(database)
    assert set(metadata.tables) <= set(sa.inspect(database).get_table_names())


def test_a_database_that_cannot_be_opened_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="BOT_DATABASE_URL"):
        open_database(f"sqlite:///{tmp_path}/file/below/a/file.db")
