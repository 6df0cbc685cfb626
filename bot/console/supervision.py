"""The sections of supervisors and case officers, put together."""

from collections.abc import Sequence

from sqlalchemy.engine import Engine

from bot.cases.admin import CaseAdmin
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.references import load_references
from bot.cases.sources import load_provider
from bot.cases.stages import load_stages
from bot.console.case_links import CaseLinks
from bot.console.cases import Cases, load_case_page_words
from bot.console.dashboard import Dashboard, load_dashboard_words
from bot.console.holds import HoldPages
from bot.console.hours import OpeningHours
from bot.console.section import Section
from bot.console.switches import OffSwitches
from bot.handoff.desk import HandOffDesk
from bot.privacy.holds import Holds
from bot.referrals.queue import ReferralQueue
from bot.rights.facts import FactBase
from bot.settings import Settings
from bot.staff.assembly import StaffServices
from bot.store.encryption import Vault


def supervision(
    settings: Settings,
    database: Engine,
    vault: Vault,
    keys: Sequence[str],
    *,
    desk: HandOffDesk,
    staff: StaffServices,
    referrals: ReferralQueue,
    base: FactBase,
) -> list[Section]:
    """The dashboard, hours, off-switches, holds, and cases where they are shown.

    Args:
        settings: all of them.
        database: an opened database.
        vault: the keys that seal words.
        keys: the service's Fernet keys, newest first.
        desk, staff, referrals: the services.
        base: rights and topics.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
    """
    data, words = settings.data_path, load_case_page_words(settings.data_path)

    def name_of(one: str) -> str:
        account = staff.accounts.get(one)
        return account.staff.name if account else ""

    admin, cases = None, []
    if settings.case_status:
        hashed = LookupHash(lookup_keys(keys))
        provider = load_provider(settings, database, vault, hashed)
        admin = CaseAdmin(database, vault, hashed, provider, load_references(data))
        cases = [Cases(admin, load_stages(data), hashed, CaseLinks(keys), words, name_of)]
    return [
        Dashboard(database, load_dashboard_words(data), base),
        OpeningHours(desk),
        OffSwitches(staff.switches, base, name_of),
        *cases,
        HoldPages(database, vault, Holds(database, vault), admin, referrals, words, name_of),
    ]
