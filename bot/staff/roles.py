"""Roles and organisations of staff. Each organisation sees its own only (shared/protection.md)."""

from collections.abc import Collection
from typing import Literal, get_args

import msgspec

Role = Literal["adviser", "supervisor", "administrator", "auditor", "case_officer"]
ROLES: tuple[Role, ...] = get_args(Role)
OrganisationId = Literal["police", "commissioner", "victim_support"]
ORGANISATIONS: dict[OrganisationId, str] = {
    "police": "Police",
    "commissioner": "Police and Crime Commissioner",
    "victim_support": "Victim Support",
}
INDEPENDENT: OrganisationId = "victim_support"
"""The provider that is not the force: it gets what is restricted."""


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """One member of staff who has signed in.

    Attributes:
        id: random; what the audit log names.
        name: the name or role that people see in a chat.
        roles: what they may do.
        organisation: whose queue and referrals they see.
        restricted: whether they are the supervisor named for restricted matters of their organisation.
    """

    id: str
    name: str
    roles: frozenset[Role]
    organisation: OrganisationId
    restricted: bool = False

    def may(self, roles: Collection[Role]) -> bool:
        """Whether one of their roles is among these."""
        return not self.roles.isdisjoint(roles)

    @property
    def sees_restricted(self) -> bool:
        """Whether matters that involve somebody who works for the police may be shown to them."""
        return self.organisation == INDEPENDENT or self.restricted
