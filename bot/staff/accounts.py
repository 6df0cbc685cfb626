"""Accounts of staff: who gets one, with which roles, and how one begins and ends.

An account begins with an invitation: a code, shown once, with which its owner chooses the password and sets up the
time-based codes, so that nobody else ever knows them. Administrators manage the accounts of their own organisation;
the first one is made at the command line, and only there does an account change its organisation: whoever could make
accounts elsewhere could read what is not theirs (shared/protection.md, "Referral and hand-off").
"""

import unicodedata
from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.staff.account import ACTIVE, COMMAND_LINE, PROVIDER, Account, Secrets, account_of, secrets_of
from bot.staff.account_rows import AccountRefused, AccountRows, NewAccount, end_sessions, written
from bot.staff.audit import AuditLog
from bot.staff.invitations import Invitation, Invitations
from bot.staff.passwords import new_code_secret
from bot.staff.roles import ORGANISATIONS, ROLES, OrganisationId, Role, Staff
from bot.store.database import reading
from bot.store.staff_tables import staff

LONGEST_NAME = 60


class Accounts:
    """The accounts in one database. `by` is an administrator, or None at the command line.

    Args:
        engine: an opened database.
        rows: reads and writes accounts.
        audit: where each change is noted.
        invitations: how an account begins.
    """

    def __init__(self, engine: Engine, rows: AccountRows, audit: AuditLog, invitations: Invitations) -> None:
        self._engine, self._rows, self._audit, self._invitations = engine, rows, audit, invitations
        self._vault = rows.vault

    # --- reading

    def every(self, organisation: OrganisationId | None = None) -> list[Account]:
        """All accounts, or those of one organisation, by organisation and name."""
        query = staff.select()
        query = query.where(staff.c.organisation == organisation) if organisation else query
        with reading(self._engine) as db:
            found = [account_of(self._vault, row) for row in db.execute(query)]
        return sorted(found, key=lambda one: (one.staff.organisation, one.staff.name.casefold()))

    def get(self, account: str) -> Account | None:
        """The account with an id."""
        with reading(self._engine) as db:
            row = db.execute(staff.select().where(staff.c.id == account)).first()
        return None if row is None else account_of(self._vault, row)

    # --- beginning

    def add(
        self,
        sign_in: str,
        name: str,
        roles: Collection[Role],
        organisation: OrganisationId,
        by: Staff | None,
        now: float,
        restricted: bool = False,
    ) -> Invitation:
        """Make an account and invite its owner.

        Args:
            sign_in: the name they sign in with; letters' case does not count.
            name: the name or role that people see in a chat.
            roles: at least one.
            organisation: whose queue and referrals they see.
            by: who.
            now: seconds since the epoch.
            restricted: they are the supervisor named for restricted matters.

        Raises:
            AccountRefused: something lacks, the name is taken, or it is not theirs to make.
        """
        sign_in, name = _checked(tidy(sign_in), name, roles)
        if organisation not in ORGANISATIONS:
            raise AccountRefused("There is no such organisation.")
        if by is not None and by.organisation != organisation:
            raise AccountRefused("You may make accounts of your own organisation only.")
        told = Secrets(name=name, sign_in=sign_in, code_secret=new_code_secret())
        with self._engine.begin() as db:
            if by is not None:
                _administrator(by)
            new = NewAccount(
                kind="local",
                state="invited",
                known_as=("local", sign_in),
                told=told,
                roles=roles,
                organisation=organisation,
                restricted=restricted,
            )
            row = self._rows.insert(db, new, now)
            self._note(db, by or COMMAND_LINE, "staff.add", row, now, roles=written(roles), organisation=organisation)
            return self._invitations.invite(db, row, now)

    def reset(self, account: str, by: Staff | None, now: float) -> Invitation:
        """Let somebody begin anew who has lost password or phone: both stop working, and they are invited again.

        Raises:
            AccountRefused: there is no such account, it is the provider's, or it is not theirs to change.
        """
        with self._engine.begin() as db:
            row = self._mine(db, account, by)
            if row.kind != "local":
                raise AccountRefused("This account has no password of its own here.")
            if row.state == "disabled":
                raise AccountRefused("This account is disabled. Enable it first.")
            told = msgspec.structs.replace(secrets_of(self._vault, row), password="", code_secret=new_code_secret())
            self._rows.seal(db, row, told, state="invited", last_step=0)
            end_sessions(db, row.id)
            self._note(db, by or COMMAND_LINE, "staff.reset", row, now)
            return self._invitations.invite(db, self._rows.row(db, row.id), now)

    # --- changing

    def change(
        self,
        account: str,
        roles: Collection[Role],
        by: Staff | None,
        now: float,
        *,
        restricted: bool = False,
        organisation: OrganisationId | None = None,
    ) -> Account:
        """Give other roles; sessions end, so that nobody goes on with the old ones.

        Args:
            account: its id.
            roles: all they have from now on.
            by: who; nobody changes their own.
            now: seconds since the epoch.
            restricted: whether they are the supervisor named for restricted matters from now on.
            organisation: another one; at the command line only.

        Raises:
            AccountRefused: there is no such account, it is not theirs to change, no administrator would be left, or the
                roles come from the provider.
        """
        if organisation is not None and by is not None:
            raise AccountRefused("An account changes its organisation at the command line only.")
        with self._engine.begin() as db:
            row = self._mine(db, account, by)
            same = set(roles) == set(row.roles.split(",")) and organisation in (None, row.organisation)
            if row.kind == "oidc" and not same:
                raise AccountRefused("Roles and organisation of this account come from where they sign in.")
            _checked("-", "-", roles)
            moved = organisation or row.organisation
            self._leaves_an_administrator(db, row, set(roles) if moved == row.organisation else set())
            values = {"roles": written(roles), "restricted": restricted, "organisation": moved}
            db.execute(staff.update().where(staff.c.id == row.id).values(**values))
            end_sessions(db, row.id)
            changed = account_of(self._vault, self._rows.row(db, row.id))
            told = {"roles": written(roles), "restricted": "yes" if restricted else "no", "organisation": moved}
            self._note(db, by or COMMAND_LINE, "staff.change", row, now, **told)
            return changed

    def disable(self, account: str, by: Staff | None, now: float) -> None:
        """End an account: sessions end at once, and nobody signs in with it.

        Raises:
            AccountRefused: there is no such account, it is not theirs to change, or no administrator would be left.
        """
        with self._engine.begin() as db:
            row = self._mine(db, account, by)
            self._leaves_an_administrator(db, row, set())
            values = {"state": "disabled", "invitation": None, "invited_until": None}
            db.execute(staff.update().where(staff.c.id == row.id).values(**values))
            end_sessions(db, row.id)
            self._note(db, by or COMMAND_LINE, "staff.disable", row, now)

    def enable(self, account: str, by: Staff | None, now: float) -> None:
        """Let an account that was disabled be used again, with the password it had.

        Raises:
            AccountRefused: there is no such account, it is not disabled, or it is not theirs to change.
        """
        with self._engine.begin() as db:
            row = self._mine(db, account, by)
            if row.state != "disabled":
                raise AccountRefused("This account is not disabled.")
            ready = row.kind == "oidc" or bool(secrets_of(self._vault, row).password)
            db.execute(staff.update().where(staff.c.id == row.id).values(state=ACTIVE if ready else "invited"))
            self._note(db, by or COMMAND_LINE, "staff.enable", row, now)

    def from_provider(
        self, issuer: str, subject: str, name: str, roles: Collection[Role], organisation: OrganisationId, now: float
    ) -> Account:
        """The account of somebody who has signed in at the provider, made or brought up to date with what it says.

        Raises:
            AccountRefused: the account is disabled here.
        """
        known_as = ("oidc", issuer, subject)
        with self._engine.begin() as db:
            row = self._rows.known(db, known_as)
            told = Secrets(name=name[:LONGEST_NAME], sign_in=f"{issuer} {subject}")
            if row is None:
                new = NewAccount(
                    kind="oidc", state=ACTIVE, known_as=known_as, told=told, roles=roles, organisation=organisation
                )
                row = self._rows.insert(db, new, now)
                self._note(db, PROVIDER, "staff.add", row, now, roles=written(roles), organisation=organisation)
                return account_of(self._vault, row)
            if row.state != ACTIVE:
                raise AccountRefused("This account is disabled.")
            before = (row.roles, row.organisation)
            after = (written(roles), organisation)
            if before != after:
                end_sessions(db, row.id)
                # Who was named for restricted matters was so in that role and organisation.
                self._rows.seal(db, row, told, roles=after[0], organisation=after[1], restricted=False)
                self._note(db, PROVIDER, "staff.change", row, now, roles=after[0], organisation=after[1])
            elif told != secrets_of(self._vault, row):
                self._rows.seal(db, row, told)
            return account_of(self._vault, self._rows.row(db, row.id))

    def _mine(self, db: Connection, account: str, by: Staff | None) -> Row:
        """An account that `by` may change, locked with all of its organisation."""
        row = db.execute(staff.select().where(staff.c.id == account)).first()
        if by is not None:
            _administrator(by)
        if row is None or (by is not None and row.organisation != by.organisation):
            raise AccountRefused("There is no such account.")
        if by is not None and by.id == row.id:
            raise AccountRefused("Nobody changes their own account. Ask another administrator.")
        # Two administrators who disable each other wait here for each other.
        theirs = staff.select().where(staff.c.organisation == row.organisation).order_by(staff.c.id).with_for_update()
        return next(one for one in db.execute(theirs).fetchall() if one.id == account)

    @staticmethod
    def _leaves_an_administrator(db: Connection, row: Row, roles: set[Role]) -> None:
        """Refuses where an active administrator goes and no other of the organisation is left."""
        if row.state != ACTIVE or "administrator" not in row.roles.split(",") or "administrator" in roles:
            return
        others = db.execute(
            sa.select(staff.c.roles).where(
                staff.c.organisation == row.organisation, staff.c.state == ACTIVE, staff.c.id != row.id
            )
        ).scalars()
        if not any("administrator" in one.split(",") for one in others):
            raise AccountRefused("That is the last administrator of the organisation. Make another one first.")

    def _note(self, db: Connection, by: Staff | str, act: str, row: Row, now: float, **what: str) -> None:
        who, organisation = (by, row.organisation) if isinstance(by, str) else (by.id, by.organisation)
        self._audit.record(who, act, row.id, organisation, what, at=now, connection=db)


def tidy(sign_in: str) -> str:
    """A name to sign in with, as it is compared."""
    return unicodedata.normalize("NFKC", sign_in).strip().casefold()


def _checked(sign_in: str, name: str, roles: Collection[Role]) -> tuple[str, str]:
    name = " ".join(name.split())
    if not sign_in or not name:
        raise AccountRefused("Give a name to sign in with, and the name or role that people see.")
    if max(len(sign_in), len(name)) > LONGEST_NAME:
        raise AccountRefused(f"Names have at most {LONGEST_NAME} characters.")
    if not roles or not set(roles) <= set(ROLES):
        raise AccountRefused(f"Give at least one role, of: {', '.join(ROLES)}.")
    return sign_in, name


def _administrator(by: Staff) -> None:
    if not by.may({"administrator"}):
        raise AccountRefused("Only administrators manage accounts.")
