"""Forms, previews, papers and feedback: what a person presses is what the gateway hears."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask
from tests.browser.recorded_replies import RECORDED

pytestmark = pytest.mark.browser


def shown(page: Page, address: str, name: str) -> Page:
    page.goto(address)
    expect(page.locator(".bubble")).to_have_count(1)
    ask(page, name)
    expect(page.locator(".message").last).to_contain_text(RECORDED[name][-1].text.split("\n")[0])
    return page


def heard(page: Page, what: str) -> None:
    """The stand-in engine echoes what it was asked."""
    expect(page.get_by_text(f"echo {what}")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "keyboard"), [("phone", "tel"), ("email", "email"), ("code", "numeric"), ("text", "text")]
)
def test_a_question_gets_its_keyboard_and_its_label_and_no_suggestions(phone, address, name, keyboard):
    page = shown(phone, address, name)
    box = page.get_by_label(RECORDED[name][0].field.label)
    assert box.get_attribute("inputmode") == keyboard
    assert box.get_attribute("autocomplete") == "off"


def test_the_help_of_a_question_is_read_with_its_box(phone, address):
    page = shown(phone, address, "text")
    assert page.locator("#text-help").inner_text() == "A first name is enough."
    assert page.locator("#text").get_attribute("aria-describedby") == "text-help"


def test_after_a_form_any_question_can_be_typed_again(phone, address):
    page = shown(phone, address, "phone")
    ask(page, "what is this for")
    heard(page, "what is this for")
    expect(page.get_by_label("Type your question")).to_be_visible()


def test_one_choice_is_pressed(phone, address):
    page = shown(phone, address, "choice")
    page.get_by_role("button", name="My child").click()
    heard(page, "/choice_1")


def test_several_choices_are_ticked_and_sent_one_a_line(phone, address, engine):
    page = shown(phone, address, "choices")
    page.get_by_label("My phone").check()
    page.get_by_label("My e-mail").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".message")).to_have_count(3)
    assert engine.asked[-1].text == "My phone\nMy e-mail"


def test_what_excludes_the_others_cannot_be_ticked_with_them(phone, address):
    page = shown(phone, address, "choices")
    page.get_by_label("My phone").check()
    page.get_by_label("Nobody can").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("You cannot pick this with others: Nobody can")).to_be_visible()


def test_nothing_ticked_is_no_answer(phone, address):
    page = shown(phone, address, "choices")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Pick at least one.")).to_be_visible()


def test_a_date_is_entered_by_day_month_and_year(phone, address):
    page = shown(phone, address, "date")
    for label, number in (("Day", "3"), ("Month", "11"), ("Year", "2026")):
        page.get_by_label(label, exact=True).fill(number)
    page.get_by_role("button", name="Continue").click()
    heard(page, "2026-11-03")
    expect(page.locator(".bubble.mine").last).to_contain_text("3 11 2026")


def test_a_day_that_does_not_exist_is_asked_again(phone, address):
    page = shown(phone, address, "date")
    for label, number in (("Day", "31"), ("Month", "2"), ("Year", "2026")):
        page.get_by_label(label, exact=True).fill(number)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("That is not a date.")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "day"


def test_a_line_of_the_preview_is_changed_by_its_own_button(phone, address):
    page = shown(phone, address, "preview")
    expect(page.get_by_role("button", name="Change 1")).to_have_count(0)
    page.get_by_role("button", name="Change: Safe number").click()
    heard(page, "/change_2")


def test_a_line_that_cannot_be_changed_has_no_button(phone, address):
    page = shown(phone, address, "preview")
    expect(page.get_by_role("button", name="Change: Identity")).to_have_count(0)


def test_controls_stand_apart_from_answers(phone, address):
    page = shown(phone, address, "choice")
    assert page.locator(".controls button").all_inner_texts() == ["Skip this", "Stop"]


def test_a_pressed_button_keeps_the_focus_and_works_once(phone, address, engine):
    page = shown(phone, address, "choice")
    pressed = page.get_by_role("button", name="My child")
    pressed.click()
    heard(page, "/choice_1")
    pressed.click(force=True)
    assert page.evaluate("document.activeElement.textContent") == "My child"
    assert [request.payload for request in engine.asked].count("/choice_1") == 1


def paper(page: Page) -> None:
    page.route(
        "**/api/v1/papers/complaint",
        lambda route: route.fulfill(
            body="My complaint" if route.request.headers["accept"] == "text/plain" else b"PK",
            status=200 if route.request.headers["authorization"].startswith("Bearer ") else 401,
        ),
    )


def test_a_paper_is_shown_here_and_put_away_again(phone, address):
    paper(phone)
    page = shown(phone, address, "paper")
    page.get_by_role("button", name="Show it here").click()
    expect(page.locator(".paper")).to_have_text("My complaint")
    page.get_by_role("button", name="Hide it").click()
    expect(page.locator(".paper")).to_have_count(0)


def test_a_downloaded_paper_has_a_name_that_tells_nothing(phone, address):
    paper(phone)
    page = shown(phone, address, "paper")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    assert download.value.suggested_filename == "document.docx"


def test_a_paper_that_is_gone_is_said_to_be(phone, address):
    page = shown(phone, address, "paper")
    page.get_by_role("button", name="Show it here").click()
    expect(page.get_by_text("That did not work. Please try again.")).to_be_visible()


def test_the_place_in_the_queue_and_who_is_there_are_said(phone, address):
    page = shown(phone, address, "waiting")
    expect(page.locator("#hand-off")).to_have_text("You are waiting for a person. Your place: 2.")
    ask(page, "talking")
    expect(page.locator("#hand-off")).to_have_text("You are talking to Adviser.")
    ask(page, "ended talk")
    expect(page.locator("#hand-off")).to_contain_text("A computer answers again")


def test_somebody_who_types_is_told_until_their_words_come(phone, address):
    """The event is the staff console's; the stream is played from a recording."""
    phone.route(
        "**/api/v1/replies/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body="event: typing\ndata: {}\n\n"),
    )
    phone.goto(address)
    expect(phone.locator("#state")).to_have_text("Someone is typing.")
    phone.unroute("**/api/v1/replies/stream*")
    ask(phone, "talking")
    expect(phone.get_by_text("Someone is here.")).to_be_visible(timeout=20_000)
    expect(phone.locator("#state")).to_have_text("")


def test_feedback_reaches_staff_with_its_reason_and_without_words(phone, address, feedback):
    page = shown(phone, address, "answer")
    group = page.get_by_role("group", name="Did this help?")
    group.get_by_role("button", name="No").click()
    group.get_by_role("button", name="It was hard to understand").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    page.wait_for_function("performance.getEntriesByName(location.origin + '/api/v1/feedback').length === 2")
    assert [(one.topic, one.helped, one.why) for one in feedback.all()] == [
        ("right_06/investigation_updates", False, "hard")
    ]


def test_only_answers_ask_whether_they_helped(phone, address):
    page = shown(phone, address, "card")
    expect(page.get_by_text("Did this help?")).to_have_count(0)
