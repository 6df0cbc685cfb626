"""Migration 0004 makes the tables of referrals and privacy as the code uses them, and takes them away again."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from bot.store.database import MIGRATIONS, migrate
from bot.store.privacy_tables import data_complaints, holds, subject_exports
from bot.store.referral_tables import referral_answers, referral_outbox, referrals
from bot.store.tables import metadata

OURS = {table.name for table in (referrals, referral_answers, referral_outbox, holds, subject_exports, data_complaints)}


def test_migrated_tables_are_those_of_the_code(database):
    def ours(name, kind, parents):
        return kind == "schema" or (name if kind == "table" else parents.get("table_name")) in OURS

    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
        only_ours = sa.MetaData(naming_convention=metadata.naming_convention)
        for name in OURS:
            metadata.tables[name].to_metadata(only_ours)
        assert compare_metadata(context, only_ours) == []


def test_the_migration_goes_down_and_up_again(database):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
    assert OURS.isdisjoint(sa.inspect(database).get_table_names())
    migrate(database)
    assert set(sa.inspect(database).get_table_names()) >= OURS
