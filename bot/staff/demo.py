"""Staff of the demonstration (data/staff/demo.yml): made-up roles, with passwords that are shown to whoever looks.

Password and secret are made anew for each database; the accounts work in demonstration mode only.
"""

import secrets
from contextlib import suppress
from pathlib import Path

import msgspec
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.data_files import load
from bot.staff.account import ACTIVE, Secrets, account_of, secrets_of
from bot.staff.account_rows import AccountRows, NewAccount
from bot.staff.passwords import Passwords, code_now, new_code_secret
from bot.staff.roles import OrganisationId, Role, Staff
from bot.store.database import reading
from bot.store.staff_tables import staff


class _Seed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sign_in: str
    name: str
    roles: list[Role]
    organisation: OrganisationId
    restricted: bool = False


class _Seeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    staff: list[_Seed]


class DemoStaff(msgspec.Struct, frozen=True, kw_only=True):
    """One of the demonstration, with all that is needed to sign in; `code` is that of the moment."""

    staff: Staff
    sign_in: str
    password: str
    code_secret: str
    code: str


def seed(engine: Engine, rows: AccountRows, passwords: Passwords, data: Path, now: float) -> None:
    """Make the demonstration's staff where they are not there yet.

    Raises:
        bot.data_files.DataError: the file is wrong.
    """
    for place, one in enumerate(load(data / "staff" / "demo.yml", _Seeds).staff):
        with suppress(IntegrityError), engine.begin() as db:
            # The error: another process was faster.
            if rows.known(db, ("demo", one.sign_in)) is not None:
                continue
            password = secrets.token_urlsafe(12)
            told = Secrets(
                name=one.name,
                sign_in=one.sign_in,
                password=passwords.hashed(password, one.sign_in),
                code_secret=new_code_secret(),
                shown=password,
            )
            new = NewAccount(
                kind="demo",
                state=ACTIVE,
                known_as=("demo", one.sign_in),
                told=told,
                roles=one.roles,
                organisation=one.organisation,
                restricted=one.restricted,
            )
            # They are listed in the order of the file.
            rows.insert(db, new, now + place / 1000)


def demo_staff(engine: Engine, rows: AccountRows, now: float) -> list[DemoStaff]:
    """The demonstration's staff, in the order they were made."""
    query = staff.select().where(staff.c.kind == "demo", staff.c.state == ACTIVE).order_by(staff.c.created, staff.c.id)
    with reading(engine) as db:
        found = [(account_of(rows.vault, row), secrets_of(rows.vault, row)) for row in db.execute(query)]
    return [
        DemoStaff(
            staff=account.staff,
            sign_in=told.sign_in,
            password=told.shown,
            code_secret=told.code_secret,
            code=code_now(told.code_secret, now),
        )
        for account, told in found
    ]
