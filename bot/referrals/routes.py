"""Where the opening questions lead: to the form, to numbers, or to a person. Pure functions.

Rules: shared/protection.md, "Referral and hand-off"; shared/victims-code/eligibility.yml, "age_rules_of_this_service".
Not sure counts as yes throughout. What has not been asked yet decides nothing.
"""

from typing import Literal

import msgspec

Way = Literal["form", "numbers", "person"]
UNKNOWN = "unknown"
"""Stands for an age somebody would rather not tell."""


class Leads(msgspec.Struct, frozen=True, kw_only=True):
    """One route of data/referrals/routes.yml: the way, services by id, and whether the council's own is added."""

    way: Way
    services: list[str]
    local: Literal["children", "adults"] | None = None


class RouteFile(msgspec.Struct, frozen=True, kw_only=True):
    """data/referrals/routes.yml."""

    version: int
    routes: dict[str, Leads]
    crimes: dict[str, list[str]]
    guarded: list[str]
    local: dict[str, dict[str, str]]


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the opening questions have told so far; None is not asked yet.

    Attributes:
        about: me, my_child, cared_for or friend.
        age_group: of the person who types; `UNKNOWN` where they would rather not say.
        parent_danger: no, yes or not_sure: someone who looks after the child or lives with them is part of it.
        child_age_group: of the child the referral is about.
        clear: yes, or help where the person would like help to decide.
        seen_asked: the question who can see phone, e-mail and post has been answered.
        insider: somebody involved may work for the police or this service.
        family: honour, family or community was mentioned.
        crime: the kind of crime, once told.
        nowhere_safe: nobody's phone, e-mail or post is safe.
        council: the council named, if any.
    """

    about: str | None = None
    age_group: str | None = None
    parent_danger: str | None = None
    child_age_group: str | None = None
    clear: str | None = None
    seen_asked: bool = False
    insider: bool = False
    family: bool = False
    crime: str | None = None
    nowhere_safe: bool = False
    council: str | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where a situation leads.

    Attributes:
        way: form, numbers (no form) or person (a person of this service; the services meanwhile).
        reason: id of its words under `routes`, or `nowhere_safe`.
        services: ids of data/services/directory.yml, the best first.
        do_not_send: nobody and nowhere is safe: nothing may be sent.
        guarded: honour, family or community: no letter, no landline, no relative, a code word, an interpreter who is
            not from the same community.
        restricted: hidden from force users; for the independent provider only.
    """

    way: Way
    reason: str
    services: list[str]
    do_not_send: bool = False
    guarded: bool = False
    restricted: bool = False


def is_guarded(situation: Situation) -> bool:
    """Whether honour, family or community is part of it (shared/protection.md, "Referral and hand-off")."""
    return situation.family or situation.crime == "honour_based"


def route(situation: Situation, file: RouteFile, *, under_18: bool) -> Route | None:
    """Where a situation leads; None while a question that decides it has not been asked.

    Args:
        situation: what has been told so far.
        file: data/referrals/routes.yml.
        under_18: the controller's safeguarding lead has switched on web referrals for people of 13 to 17.
    """
    reason = _reason(situation, under_18)
    if reason is None:
        return None
    leads = file.routes[reason]
    services = list(leads.services)
    if leads.local and (own := file.local[leads.local].get(situation.council or "")):
        services.insert(1, own)
    guarded = is_guarded(situation)
    if leads.way == "form":
        services += file.crimes.get(situation.crime or "", [])
        services += file.guarded if guarded else []
    return Route(
        way=leads.way,
        reason=reason,
        services=list(dict.fromkeys(services)),
        do_not_send=situation.nowhere_safe,
        guarded=guarded,
        restricted=situation.insider,
    )


def _reason(situation: Situation, under_18: bool) -> str | None:
    if situation.about is None:
        return None
    if situation.about in ("friend", "cared_for"):
        return situation.about
    if situation.age_group is None:
        return None
    if situation.age_group == "under_13":
        return "under_13"
    if situation.age_group == UNKNOWN:
        return "age_unknown"
    teenager = situation.age_group == "13_to_17"
    if teenager and not under_18:
        return "teenager"
    if situation.about == "my_child":
        if situation.parent_danger is None:
            return None
        if situation.parent_danger != "no":
            return "child_in_danger"
        if situation.child_age_group is None:
            return None
        if situation.child_age_group == "18_or_over":
            return "grown_child"
    if situation.clear is None:
        return None
    if situation.clear == "help":
        return "help_to_decide"
    if not situation.seen_asked:
        return None
    if situation.nowhere_safe:
        return "nowhere_safe"
    return "teenager_form" if teenager else situation.about
