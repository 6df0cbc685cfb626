"""The chat page, as a person on a phone meets it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ask

pytestmark = pytest.mark.browser
QUESTION = "when do i get my phone back"


def test_the_first_words_are_there_before_anything_is_typed(phone, address):
    phone.goto(address)
    expect(phone.get_by_role("log")).to_contain_text("A computer answers")
    expect(phone.get_by_text("In danger now? Call 999").first).to_be_visible()


def test_a_question_is_answered(phone, address):
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text(f"echo {QUESTION}")


def test_nothing_is_wider_than_a_small_phone(phone, address):
    phone.goto(address)
    ask(phone, "w" * 1500)
    expect(phone.get_by_role("log")).to_contain_text("echo www")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


HOSTILE = {
    "markup": "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>",
    "address": "javascript:document.title='owned' https://evil.example/",
    "bidi": "\u202eabc\u202c \u2066\u2067 \u200f" * 50,
    "emoji": "\U0001f600" * 10_000,
    "combining": "z" + "\u0300" * 2000,
    "one word": "w" * 20_000,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_typed_is_shown_as_words_only(phone, address, hostile):
    phone.goto(address)
    ask(phone, hostile)
    expect(phone.locator(".bubble.mine")).to_have_count(1)
    expect(phone.locator(".message")).not_to_have_count(1)
    assert phone.locator("#log :is(img, script, iframe, a[href^=javascript])").count() == 0
    assert phone.title() == "Rights"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_message_that_is_too_long_to_take_is_given_back(phone, address):
    phone.goto(address)
    expect(phone.locator(".bubble")).to_have_count(1)
    ask(phone, "w" * 1_000_000)
    expect(phone.locator("#state")).to_contain_text("too long")
    expect(phone.locator(".bubble.mine")).to_have_count(0)
    assert len(phone.locator("#text").input_value()) == 1_000_000
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_card_can_be_hidden(phone, address):
    phone.goto(address)
    ask(phone, "he is outside with a knife and he is trying to break in")
    phone.get_by_role("button", name="Hide this").click()
    expect(phone.get_by_role("button", name="Hide this")).to_have_count(0)


def test_the_quiet_card_folds_everything_else_away(phone, address):
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text("echo")
    ask(phone, "hes sat right here")
    expect(phone.get_by_role("button", name="Numbers")).to_be_visible()
    expect(phone.get_by_role("log")).not_to_contain_text("echo")
    expect(phone.get_by_text("In danger now?")).to_have_count(1)
    expect(phone.get_by_text("In danger now?")).to_be_hidden()


def test_after_go_on_the_page_says_again_whom_to_call(phone, address):
    phone.goto(address)
    ask(phone, "hes sat right here")
    phone.get_by_role("button", name="Numbers").click()
    expect(phone.get_by_text("999 then 55 from a mobile")).to_be_visible()
    expect(phone.locator(".emergency")).to_be_hidden()
    phone.get_by_role("button", name="Go on").click()
    expect(phone.locator(".emergency")).to_be_visible()
    expect(phone.locator(".emergency")).to_contain_text("999")


@pytest.mark.parametrize("way", ["button", "shift"])
def test_exit_blanks_the_page_and_leaves_it(phone, address, way):
    phone.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    phone.goto(address)
    expect(phone.get_by_role("log")).to_contain_text("A computer answers")
    if way == "button":
        phone.get_by_role("button", name="Exit this page").click()
    else:
        for _ in range(3):
            phone.keyboard.press("Shift")
    phone.wait_for_url("https://www.bbc.co.uk/weather")


@pytest.mark.parametrize("look", ["400 %", "largest text", "phone"])
def test_exit_stays_in_reach_however_far_somebody_has_read(phone, address, look):
    if look == "400 %":
        phone.set_viewport_size({"width": 320, "height": 256})
    phone.goto(address)
    if look == "largest text":
        phone.locator("summary").click()
        phone.get_by_label("Text size").select_option("largest")
        phone.locator("summary").click()
    for _ in range(3):
        ask(phone, "answer")
    expect(phone.locator(".message")).to_have_count(7)
    for place in (phone.locator(".message").last, phone.locator("#send"), phone.locator(".message").first):
        place.scroll_into_view_if_needed()
        expect(phone.locator("#exit")).to_be_in_viewport(ratio=1)


def test_exit_is_first_in_tab_order(phone, address):
    phone.goto(address)
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.id") == "exit"


def test_going_back_shows_nothing_of_before(phone, address):
    phone.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text("echo")
    phone.get_by_role("button", name="Exit this page").click()
    phone.wait_for_url("https://www.bbc.co.uk/weather")
    phone.go_back()
    expect(phone.get_by_text(QUESTION)).to_have_count(0)


def test_erasing_empties_the_page_and_says_what_may_remain(phone, address):
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text("echo")
    phone.get_by_text("Options").click()
    phone.get_by_role("button", name="End and erase").click()
    expect(phone.get_by_text("A safety alert to staff stays for up to 730 days")).to_be_visible()
    phone.get_by_role("button", name="Yes, erase it").click()
    expect(phone.locator("#state")).to_contain_text("Your device may keep its own copy")
    expect(phone.get_by_text(QUESTION)).to_have_count(0)


def test_the_page_asks_nobody_else_for_anything(phone, address):
    asked = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text("echo")
    assert asked
    assert all(url.startswith(address) for url in asked)


def test_the_browser_stores_nothing(phone, address):
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text("echo")
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    assert phone.context.cookies() == []


def test_the_rights_pages_work_without_script_on_a_small_phone(browser, address):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/rights")
    page.get_by_label("Search the answers").fill("train fare")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Claiming witness expenses").click()
    assert page.get_by_role("heading", name="Claiming witness expenses").is_visible()
    assert "train" not in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_right_to_left_answers_are_shown_right_to_left(phone, address):
    phone.goto(address)
    phone.get_by_label("Type your question").fill("مجھے عدالت کی تاریخ کب بتائی جائے گی")
    phone.get_by_role("button", name="Send").click()
    greeting = phone.locator(".bubble[lang=ur]").first
    greeting.wait_for()
    assert greeting.get_attribute("dir") == "rtl"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_printed_chat_is_all_of_it_in_black_on_white_without_its_controls(browser, address):
    context = browser.new_context(viewport={"width": 360, "height": 640}, color_scheme="dark", locale="en-GB")
    page = context.new_page()
    page.goto(address)
    for _ in range(2):
        ask(page, "answer")
    expect(page.locator(".message")).to_have_count(5)
    page.emulate_media(media="print", color_scheme="dark")
    for control in ("#exit", "#options", "#form", "#state", ".choices"):
        expect(page.locator(control).first).to_be_hidden()
    assert page.locator("#log").evaluate("(log) => log.scrollHeight === log.clientHeight")
    inks = page.evaluate(
        """[...document.querySelectorAll(".bubble, .bubble p, .bubble a")].map((one) => getComputedStyle(one).color)"""
    )
    assert set(inks) == {"rgb(0, 0, 0)"}
    papers = page.evaluate(
        """[...document.querySelectorAll("body, .bubble")].map((one) => getComputedStyle(one).backgroundColor)"""
    )
    assert set(papers) == {"rgb(255, 255, 255)"}
    address_of_the_link = "getComputedStyle(document.querySelector('.bubble a[href^=http]'), '::after').content"
    assert "gov.uk" in page.evaluate(address_of_the_link)
    context.close()


def test_a_hidden_chat_is_not_printed(phone, address):
    phone.goto(address)
    ask(phone, QUESTION)
    expect(phone.get_by_role("log")).to_contain_text("echo")
    phone.locator("summary").click()
    phone.get_by_role("button", name="Hide this chat now").click()
    phone.emulate_media(media="print")
    expect(phone.locator("#log")).to_be_hidden()
