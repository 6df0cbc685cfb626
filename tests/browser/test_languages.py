"""The page in other languages, from right to left where they are, with numbers that stay readable."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ask

pytestmark = pytest.mark.browser


def test_languages_are_picked_by_their_own_names(phone, address):
    phone.goto(address)
    names = phone.locator("#language option").all_text_contents()
    assert names[0] == "English"
    assert {"اردو", "Cymraeg", "Polski"} <= set(names)


@pytest.mark.parametrize(
    ("tag", "direction"), [("ur", "rtl"), ("ar", "rtl"), ("fa", "rtl"), ("ps", "rtl"), ("cy", "ltr")]
)
def test_the_page_and_the_chat_go_on_in_the_language_picked(phone, address, tag, direction):
    phone.goto(address)
    expect(phone.locator(".bubble")).to_have_count(1)
    phone.locator("summary").click()
    phone.get_by_label("Language").select_option(tag)
    expect(phone.locator("html")).to_have_attribute("dir", direction)
    expect(phone.locator(f".bubble[lang={tag}]").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("tag", "exit_words"), [("ur", "اس صفحے سے نکلیں"), ("cy", "Gadael y dudalen hon")])
def test_the_front_door_opens_in_the_language_of_the_browser(browser, address, tag, exit_words):
    context = browser.new_context(locale=tag, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("button", name=exit_words)).to_be_visible()
    expect(page.locator(".bubble").first).to_have_attribute("lang", tag)
    context.close()


def test_what_is_not_translated_says_that_it_is_english(phone, address):
    phone.goto(f"{address}/chat?language=es")
    expect(phone.locator(".bubble")).to_have_count(1)
    assert phone.locator("html").get_attribute("lang") == "es"
    assert phone.locator("[data-words=pin_help]").get_attribute("lang") == "en"


def test_the_groups_of_a_number_stay_in_their_order_in_a_text_from_right_to_left(phone, address):
    phone.goto(address)
    expect(phone.locator(".bubble")).to_have_count(1)
    ask(phone, "right to left")
    number = phone.locator(".message").last.locator("p bdi")
    expect(number).to_have_text("0808 2000 247")
    places = number.evaluate(
        """(bdi) => [0, 5, 10].map((at) => {
            const range = document.createRange();
            range.setStart(bdi.firstChild, at);
            range.setEnd(bdi.firstChild, at + 3);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert places == sorted(places)
