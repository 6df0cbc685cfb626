"""Queue and talk in the console, as axe-core finds them, on a wide and a narrow window, and by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from bot.handoff.model import CallBackAsk, Window
from tests.browser.conftest import ask, violations
from tests.browser.staffed import SUPERVISOR, Staffed, join_the_queue
from tests.handoff.conftest import People

pytestmark = pytest.mark.browser
WIDTHS = {"wide": {"width": 1280, "height": 900}, "400 %": {"width": 320, "height": 256}}


@pytest.fixture
def service(sqlite, vault, settings, browser):
    service = Staffed(sqlite, vault, settings, browser)
    yield service
    service.close()


@pytest.fixture(params=WIDTHS)
def member(service, axe, request):
    """A supervisor, who sees all that there is on these pages, with axe-core in the page."""

    def signed_in(**options: object) -> Page:
        page = service.member(SUPERVISOR, bypass_csp=True, viewport=WIDTHS[request.param], **options)
        page.evaluate(axe)
        return page

    return signed_in


def checked(page: Page, axe: str, address: str = "") -> None:
    """No violation, and nothing to scroll sideways but tables."""
    if address:
        page.goto(address)
    page.evaluate(axe)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def busy(service):
    """Somebody who waits, somebody in danger with a topic, and a call-back whose window is open."""
    people = People(service.store, service.desk)
    now = service.clock.now
    people.ask(topic="Court dates", told="The trial was moved", now=now)
    people.says(
        people.ask(topic="Somebody comes to the house", restricted=True, now=now), "he is here", now, urgent=True
    )
    asked = CallBackAsk(
        organisation="victim_support",
        restricted=False,
        window=Window(start=now - 60, end=now + 7200),
        number="+447700900123",
        code_word="marigold",
    )
    conversation = people.start(now=now)

    def write(db, inbox):
        service.desk.call_backs.ask(db, conversation.id, inbox, asked, language="en", now=now)

    people.work(conversation, "yes", write, now)
    return people


def test_the_queue_is_accessible_empty(member, service, axe):
    checked(member(), axe, f"{service.console.address}/queue")


def test_the_queue_is_accessible_with_all_there_is(member, service, busy, axe):
    page = member()
    expect(page.get_by_text("2 people wait. 1 about safety.")).to_be_visible()
    checked(page, axe)


def test_a_call_back_is_accessible(member, busy, axe):
    page = member()
    page.get_by_role("button", name="Take call-back 1").click()
    expect(page.get_by_text("+447700900123")).to_be_visible()
    checked(page, axe)


def test_a_refusal_is_accessible(member, service, busy, axe):
    page = member()
    checked(page, axe, f"{service.console.address}/talks/99")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_a_talk_is_accessible_with_all_there_is(member, service, busy, axe):
    page = member()
    page.get_by_role("button", name=re.compile("^Take talk")).last.click()
    expect(page.locator("#text")).to_be_visible()
    page.locator("#words").fill("restraining order")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Send this answer")).first).to_be_visible()
    page.locator("#text").fill("Hello")
    page.locator("#text").press("Enter")
    expect(page.locator("#log")).to_contain_text("Hello")
    checked(page, axe)
    page.context.set_offline(True)
    page.locator("#text").fill("without a link")
    page.locator("#text").press("Enter")
    expect(page.locator("#link")).to_contain_text("No connection")
    assert violations(page) == []


def test_an_ended_talk_is_accessible(member, service, busy, axe):
    page = member()
    page.get_by_role("button", name=re.compile("^Take talk")).last.click()
    expect(page.locator("#text")).to_be_visible()
    talk = int(page.url.rpartition("/")[2])
    with service.desk.room.work() as work:
        found = service.desk.room.store.locked(work.db, talk)
        service.desk.room.store.close(work.db, found, "person", service.clock.now)
        work.tell(found)
    expect(page.get_by_role("heading", name="This talk has ended")).to_be_visible()
    checked(page, axe)


# --- by the keyboard alone


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until something with this name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        text, own_id = page.evaluate("[document.activeElement.textContent.trim(), document.activeElement.id]")
        if text.startswith(name) or own_id == name:
            return
    raise AssertionError(f"{name} cannot be reached")


def test_somebody_is_taken_answered_and_let_go_by_the_keyboard(service):
    page = service.member()
    anna = service.victim()
    join_the_queue(anna)
    expect(page.get_by_text("1 person waits")).to_be_visible()
    tab_to(page, "Take")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_visible()
    tab_to(page, "text")
    page.keyboard.type("One")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(anna.locator(".message").last).to_contain_text("One\ntwo")
    # The focus stays where one writes, also after the answer of the person has come.
    ask(anna, "thank you")
    expect(page.locator("#log")).to_contain_text("thank you")
    assert page.evaluate("document.activeElement.id") == "text"
    tab_to(page, "code")
    page.keyboard.press("q")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The talk is closed.")).to_be_visible()


def test_the_focus_stays_on_a_button_while_the_lists_change(service):
    page = service.member()
    anna, bela = service.victim(), service.victim()
    join_the_queue(anna)
    expect(page.get_by_text("1 person waits")).to_be_visible()
    page.get_by_role("button", name="Take talk 1").focus()
    join_the_queue(bela)
    expect(page.get_by_text("2 people wait")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "claim-1"


def test_each_new_message_is_announced_once(service):
    page, anna = service.member(), service.victim()
    join_the_queue(anna)
    page.get_by_role("button", name=re.compile("^Take talk")).click()
    expect(page.locator("#log")).to_contain_text("is here now")
    page.evaluate(
        """() => {
            window.announced = [];
            const note = (records) => records.forEach((record) => record.addedNodes.forEach((node) => {
                if (node.nodeType === 1) window.announced.push(node.querySelector(".app-said__text").textContent);
            }));
            new MutationObserver(note).observe(document.getElementById("log"), {childList: true});
        }"""
    )
    for number in range(3):
        ask(anna, f"anna {number}")
        page.locator("#text").fill(f"staff {number}")
        page.locator("#text").press("Enter")
    expect(page.locator("#log")).to_contain_text("staff 2")
    expect(page.locator("#log")).to_contain_text("anna 2")
    announced = page.evaluate("window.announced")
    assert sorted(announced) == sorted([f"{who} {number}" for who in ("anna", "staff") for number in range(3)])
    assert page.get_attribute("#log", "role") == "log"


def test_without_script_one_takes_somebody_and_answers(service, busy):
    page = service.member(java_script_enabled=False)
    page.get_by_role("button", name=re.compile("^Take")).first.click()
    page.locator("#text").fill("Hello without script")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#log")).to_contain_text("Hello without script")
