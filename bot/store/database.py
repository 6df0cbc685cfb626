"""Opening the database: SQLite in WAL mode by default, PostgreSQL when grown; migrated to the newest form."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine, make_url

MIGRATIONS = Path(__file__).with_name("migrations")
READS = "only_reads"


class StoreUnavailable(Exception):
    """The database cannot be opened or written; the message says why and what to do."""


def open_database(url: str) -> Engine:
    """Connect and bring the tables to the newest form.

    Args:
        url: SQLAlchemy address. A SQLite file and its folder are made when missing.

    Raises:
        StoreUnavailable: the address is wrong, the server does not answer, the disk is full or not writable.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            # SQLAlchemy 1.4 would open a file anew for each transaction.
            engine = sa.create_engine(
                parsed,
                future=True,
                poolclass=sa.pool.QueuePool,
                connect_args={"timeout": 10, "check_same_thread": False},
            )
            sa.event.listen(engine, "connect", _sqlite_settings)
            sa.event.listen(engine, "begin", _sqlite_begin)
        else:
            engine = sa.create_engine(parsed, future=True, pool_pre_ping=True, pool_size=8, max_overflow=8)
        migrate(engine)
    except (sa.exc.SQLAlchemyError, OSError, ModuleNotFoundError) as error:
        raise StoreUnavailable(
            f"The database cannot be opened ({type(error).__name__}: {error}). "
            "Check that the disk is not full, that the folder can be written, and BOT_DATABASE_URL."
        ) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads. In SQLite it then waits for no writer, and none waits for it."""
    with engine.connect().execution_options(**{READS: True}) as connection, connection.begin():
        yield connection


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to `revision` ("head", "base" or a revision's id), up or down."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def _sqlite_settings(connection: Any, _record: Any) -> None:
    # The driver's own transactions are off: `_sqlite_begin` takes the write lock at once for all but `reading`, so
    # that two writers queue instead of failing half-way.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
