"""Who reaches the form, and who gets numbers or a person (shared/protection.md, "Referral and hand-off")."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data_files import load
from bot.directory import Directory
from bot.referrals.draft import Draft
from bot.referrals.routes import UNKNOWN, RouteFile, Situation, route
from bot.settings import ROOT
from tests.referrals.conftest import OPENING, complete, real_form, told

FILE = load(ROOT / "data" / "referrals" / "routes.yml", RouteFile)
GROWN = {"about": "me", "age_group": "18_or_over", "clear": "yes", "seen_asked": True}


def lead(under_18: bool = False, **told):
    return route(Situation(**told), FILE, under_18=under_18)


def test_about_me_reaches_the_form():
    assert lead(**GROWN).way == "form"


@pytest.mark.parametrize("about", ["friend", "cared_for"])
def test_others_get_numbers_and_how_to_help(about):
    found = lead(about=about)
    assert (found.way, found.reason) == ("numbers", about)


def test_for_someone_cared_for_the_council_is_added():
    assert "adults_dudley" in lead(about="cared_for", council="Dudley").services


def test_my_child_reaches_the_form_where_the_parent_is_not_the_danger():
    found = lead(**GROWN | {"about": "my_child"}, parent_danger="no", child_age_group="under_13")
    assert (found.way, found.reason) == ("form", "my_child")


@pytest.mark.parametrize("danger", ["yes", "not_sure"])
def test_my_child_gets_numbers_where_the_parent_may_be_the_danger(danger):
    found = lead(about="my_child", age_group="18_or_over", parent_danger=danger, council="Walsall")
    assert (found.way, found.services) == ("numbers", ["emergency_999", "children_walsall", "nspcc", "childline"])


def test_a_grown_child_speaks_for_themselves():
    found = lead(about="my_child", age_group="18_or_over", parent_danger="no", child_age_group="18_or_over")
    assert (found.way, found.reason) == ("numbers", "grown_child")


@pytest.mark.parametrize("under_18", [True, False])
@pytest.mark.parametrize("about", ["me", "my_child"])
def test_under_13_there_is_no_form_only_childline_and_999(about, under_18):
    found = lead(under_18, about=about, age_group="under_13")
    assert (found.way, found.services) == ("numbers", ["childline", "emergency_999"])


def test_from_13_to_17_a_person_childline_and_the_childrens_centre():
    found = lead(about="me", age_group="13_to_17")
    assert (found.way, found.services) == ("person", ["childline", "wm_cyps_sarc", "emergency_999"])


def test_from_13_to_17_the_form_only_where_the_safeguarding_lead_has_switched_it_on():
    found = lead(True, **GROWN | {"age_group": "13_to_17"})
    assert (found.way, found.services[0]) == ("form", "childline")


def test_who_would_rather_not_give_an_age_gets_a_person():
    assert lead(about="me", age_group=UNKNOWN).way == "person"


def test_who_would_like_help_to_decide_gets_a_person():
    found = lead(about="me", age_group="18_or_over", clear="help")
    assert (found.way, found.reason) == ("person", "help_to_decide")


def test_nobody_and_nowhere_safe_is_not_sent():
    found = lead(**GROWN, nowhere_safe=True)
    assert (found.way, found.do_not_send) == ("numbers", True)


@pytest.mark.parametrize(
    ("crime", "service"),
    [
        ("someone_died", "cruse"),
        ("honour_based", "karma_nirvana"),
        ("sexual_violence", "rape_crisis_247"),
        ("domestic_abuse", "national_da_helpline"),
        ("modern_slavery", "modern_slavery_helpline"),
    ],
)
def test_specialists_stand_beside_the_form(crime, service):
    found = lead(**GROWN, crime=crime)
    assert found.way == "form"
    assert service in found.services


def test_honour_based_crime_guards_the_referral():
    assert lead(**GROWN, crime="honour_based").guarded
    assert not lead(**GROWN, crime="theft").guarded


def test_family_or_community_guards_the_referral_whatever_the_crime():
    found = lead(**GROWN, crime="theft", family=True)
    assert found.guarded
    assert "karma_nirvana" in found.services


def test_someone_who_works_here_makes_it_restricted():
    assert lead(**GROWN, insider=True).restricted


@given(
    st.builds(
        Situation,
        about=st.sampled_from([None, "me", "my_child", "cared_for", "friend"]),
        age_group=st.sampled_from([None, UNKNOWN, "under_13", "13_to_17", "18_or_over"]),
        parent_danger=st.sampled_from([None, "no", "yes", "not_sure"]),
        child_age_group=st.sampled_from([None, UNKNOWN, "under_13", "13_to_17", "18_or_over"]),
        clear=st.sampled_from([None, "yes", "help"]),
        seen_asked=st.booleans(),
        insider=st.booleans(),
        family=st.booleans(),
        crime=st.sampled_from([None, *FILE.crimes]),
        nowhere_safe=st.booleans(),
        council=st.sampled_from([None, "Dudley"]),
    )
)
def test_no_answers_lead_anyone_to_the_form_who_must_not_reach_it(situation):
    found = route(situation, FILE, under_18=False)
    if found is not None and found.way == "form":
        assert situation.about in ("me", "my_child")
        assert situation.age_group == "18_or_over"
        assert situation.clear == "yes"
        assert situation.seen_asked and not situation.nowhere_safe
        assert situation.about == "me" or situation.parent_danger == "no"


def test_every_service_named_is_in_the_directory_and_has_something_to_show():
    directory = Directory(ROOT / "data", demo=True)
    named = {one for leads in FILE.routes.values() for one in leads.services}
    named |= set(itertools.chain(*FILE.crimes.values(), FILE.guarded, *(all_.values() for all_ in FILE.local.values())))
    assert named <= set(directory.services)
    assert all(directory.services[one].showable for one in named)


def test_every_route_and_crime_has_words(form):
    assert set(FILE.routes) - {"nowhere_safe"} == set(form.words.routes)
    assert set(FILE.crimes) == set(form.words.crimes)


# --- the same through the questions


@pytest.mark.parametrize("seen", [["phone"], ["phone", "email", "post"], ["not_sure"]])
def test_a_way_that_others_see_is_not_offered(form, seen):
    draft = told(form, **OPENING | {"seen": seen})
    offered = set()
    if "mine" in form.choices(draft, next(f for f in form.file.fields if f.id == "whose")):
        mine = form.answer(draft, "whose", "mine")
        offered = set(form.choices(mine, next(f for f in form.file.fields if f.id == "route")))
    assert offered == ({"email", "letter"} if seen == ["phone"] else set())


def test_where_nothing_of_ones_own_is_safe_a_person_one_trusts_may_be(form):
    draft = complete(form, seen=["not_sure"], whose="trusted")
    assert form.ready(draft)


def test_not_sure_whether_it_is_safe_counts_as_no(form):
    draft = told(form, **OPENING, name="Demo", whose="mine", route="call", phone="07400123456", safe="not_sure")
    assert "phone" not in draft.answers
    mine = form.answer(draft, "whose", "mine")
    assert set(form.question(mine, form.next_field(mine)).choices) == {"email", "letter"}


def test_there_is_none_that_is_safe_ends_the_form(form):
    draft = told(form, **OPENING, name="Demo", whose="nobody")
    assert form.route(draft).do_not_send
    assert form.next_field(draft) is None
    assert not form.ready(draft)


def test_when_every_contact_turns_out_unsafe_the_form_ends(form):
    draft = told(form, **OPENING, name="Demo")
    given = {"phone": "07400123456", "email": "demo@example.org", "address": "Demo House", "safe": "no"}
    for whose in ("mine", "trusted", "relative"):
        for way in ("call", "email", "letter"):
            draft = form.answer(form.answer(draft, "whose", whose), "route", way)
            while "whose" in draft.answers:
                field = form.next_field(draft)
                draft = form.answer(draft, field.id, given[field.id])
    assert form.route(draft).reason == "nowhere_safe"


@pytest.mark.parametrize(
    "mentioned", [{"family": "yes"}, {"family": "not_sure"}, {"crime": "honour_based"}, {"family_mentioned": True}]
)
def test_guarded_means_no_letter_no_landline_no_relative_and_a_code_word(form, mentioned):
    opening = OPENING | {key: value for key, value in mentioned.items() if key == "family"}
    draft = told(form, **opening, name="Demo")
    if "crime" in mentioned:
        draft = form.answer(draft, "crime", "honour_based")
    if "family_mentioned" in mentioned:
        draft = Draft(answers=draft.answers, family_mentioned=True)
    fields = {field.id: field for field in form.file.fields}
    assert "relative" not in form.choices(draft, fields["whose"])
    assert form.answer(draft, "whose", "relative") == form.words.problems["closed"]
    draft = form.answer(draft, "whose", "mine")
    assert "letter" not in form.choices(draft, fields["route"])
    draft = form.answer(draft, "route", "call")
    assert form.answer(draft, "phone", "0121 496 0123") == form.words.problems["landline"]
    assert form.skip(draft, "code_word") == form.words.problems["needed"]


def test_a_landline_is_asked_about_again_once_honour_is_mentioned(form):
    draft = complete(form, phone="0121 496 0123")
    draft = form.answer(draft, "crime", "honour_based")
    question = form.question(draft, form.next_field(draft))
    assert (question.field, question.again) == ("phone", form.words.again)
    assert not form.ready(draft)
    draft = form.answer(draft, "phone", "07400 123456")
    assert form.next_field(draft).id == "safe"


def test_a_guarded_referral_asks_for_no_interpreter_of_ones_own_community_without_asking(form):
    draft = complete(form, family="yes", interpreter="yes")
    assert "other_interpreter" not in [field.id for field in form.fields(draft)]


def test_a_teenager_is_told_that_staff_may_have_to_pass_it_on():
    for reason in ("teenager", "teenager_form"):
        assert "they may have to tell people whose job is to keep you safe" in real_form().words.routes[reason]
