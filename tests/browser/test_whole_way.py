"""The whole assistant in a browser, with its trained model: a right, a case, a referral, on a small phone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ask, until

pytestmark = [pytest.mark.browser, pytest.mark.model]
PATIENCE_MS = 30_000
REFERENCE = re.compile(r"Your reference is \d{4} \d{4} \d{4}")
# How somebody answers the questions of a referral who is an adult, is alone, and wants to be rung.
PRESSED = ["Yes, about me", "18 or over", "Mine", "A phone call", "Yes, it is safe", "No", "Yes"]


@pytest.fixture
def chat(phone, running) -> Page:
    phone.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    phone.goto(f"{running.http.base_url}chat")
    expect(phone.locator(".bubble")).to_have_count(1)
    yield phone
    expect.set_options(timeout=5000)


def last(page: Page) -> Locator:
    return page.locator(".message").last


def after(page: Page, act) -> Locator:
    """What was said last once the page has heard everything an act comes to."""
    before = page.locator(".message").count()
    act()
    expect(page.locator(".message")).not_to_have_count(before)
    expect(page.locator("#state")).to_have_text("")
    return last(page)


def test_a_right_is_asked_about_and_asked_further(chat):
    ask(chat, "when will i get my phone back from the police")
    expect(chat.locator(".source").first).to_contain_text("Victims' Code")
    ask(chat, "what if they dont")
    expect(chat.locator(".bubble.mine")).to_have_count(2)
    expect(last(chat).get_by_role("button", name="Talk to a person")).to_be_visible()


def test_an_unclear_question_gets_choices_and_a_choice_its_answer(chat):
    ask(chat, "the thing with the form")
    choices = last(chat).locator(".choices button")
    expect(last(chat).get_by_role("button", name="None of these")).to_be_visible()
    choices.first.click()
    expect(chat.locator(".source").first).to_be_visible()


def test_a_case_is_shown_after_the_code_was_read_on_another_page(chat, running):
    ask(chat, "where does my case stand")
    expect(chat.get_by_label("Crime number")).to_be_visible()
    ask(chat, "00/000107/26")
    expect(chat.get_by_label("Code")).to_be_visible()
    outbox = chat.context.new_page()

    def code() -> str | None:
        outbox.goto(f"{running.http.base_url}demo/outbox")
        found = re.search(r"Your code is (\d{6})", outbox.locator("main").inner_text())
        return found[1] if found else None

    found: list[str] = []
    until(lambda: found.append(code() or "") or found[-1] != "")
    outbox.close()
    ask(chat, found[-1])
    expect(chat.get_by_text("The suspect is let go without bail")).to_be_visible()
    expect(chat.locator("ol.timeline li").first).to_be_visible()


def answer(page: Page) -> None:
    """Answer the open question of a referral in the way of PRESSED, or skip it."""
    question = last(page)
    if question.locator("input[type=checkbox]").count():
        question.locator("input[type=checkbox]").first.check()
        question.get_by_role("button", name="Continue").click()
        return
    offered = question.locator("button").all_inner_texts()
    pressed = next((title for title in PRESSED if title in offered), None)
    skip = next((title for title in offered if title.startswith("Skip")), None)
    if page.locator("#text-label").inner_text() == "Phone number":
        ask(page, "07400 123456")
    elif pressed or skip:
        question.get_by_role("button", name=pressed or skip, exact=True).click()
    else:
        ask(page, "Test")


def test_a_referral_is_filled_in_read_over_and_sent_to_its_reference(chat):
    after(chat, lambda: ask(chat, "please ask victim support to contact me"))
    for _ in range(40):
        if last(chat).locator("dl.lines").count():
            break
        after(chat, lambda: answer(chat))
    preview = last(chat)
    expect(preview.locator("dl.lines")).to_contain_text("+44 7400 123456")
    sent = after(chat, lambda: preview.locator(".choices button").first.click())
    assert REFERENCE.search(sent.inner_text())
