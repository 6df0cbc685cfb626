"""On the device: what a page keeps, whom it asks, and how it is left (shared/protection.md, "On the device")."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ask, until

pytestmark = pytest.mark.browser
NEUTRAL = "https://www.bbc.co.uk/weather"


@pytest.fixture
def neutral(phone):
    phone.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    return phone


def begun(page, address):
    page.goto(address)
    expect(page.locator(".bubble")).to_have_count(1)
    ask(page, "something private")
    expect(page.get_by_text("echo something private")).to_be_visible()
    return page


def lock(page) -> None:
    page.locator("summary").click()
    page.get_by_role("button", name="Hide this chat now").click()


def test_each_press_of_shift_is_announced(phone, address):
    begun(phone, address)
    phone.keyboard.press("Shift")
    expect(phone.locator("#leaving")).to_have_text("Press Shift 2 more times to leave this page.")
    phone.keyboard.press("Shift")
    expect(phone.locator("#leaving")).to_have_text("Press Shift once more to leave this page.")


def test_capital_letters_do_not_leave_the_page(phone, address):
    begun(phone, address)
    for _ in range(3):
        phone.locator("#text").press("Shift+A")
    assert phone.locator("#text").input_value() == "AAA"
    assert phone.url.startswith(address)


def test_leaving_ends_the_chat_at_once(neutral, address, sqlite):
    begun(neutral, address)
    neutral.get_by_role("button", name="Exit this page").click()
    neutral.wait_for_url(NEUTRAL)

    def state() -> str:
        with sqlite.connect() as database:
            return database.exec_driver_sql("SELECT state FROM conversations").scalar()

    until(lambda: state() == "ended")


def test_leaving_takes_the_place_of_the_page_in_the_history(neutral, address):
    neutral.goto(f"{address}/rights")
    begun(neutral, address)
    neutral.get_by_role("button", name="Exit this page").click()
    neutral.wait_for_url(NEUTRAL)
    neutral.go_back()
    assert neutral.url == f"{address}/rights"


def test_a_reload_shows_nothing_of_before(phone, address):
    begun(phone, address)
    phone.reload()
    expect(phone.locator(".bubble")).to_have_count(1)
    expect(phone.get_by_text("something private")).to_have_count(0)


def test_the_token_of_a_closed_page_ends_within_two_minutes(phone, address, conversations, sqlite):
    begun(phone, address)
    phone.goto("about:blank")

    def seconds_left() -> float:
        with sqlite.connect() as database:
            ends = database.exec_driver_sql("SELECT token_expires FROM conversations").scalar()
        return ends - conversations._now()

    until(lambda: seconds_left() <= 120)


def test_a_hidden_chat_shows_no_word_until_it_is_asked_for(phone, address):
    begun(phone, address)
    lock(phone)
    expect(phone.get_by_text("something private").first).to_be_hidden()
    phone.get_by_role("button", name="Show the chat").click()
    expect(phone.get_by_text("echo something private")).to_be_visible()
    ask(phone, "still here")
    expect(phone.get_by_text("echo still here")).to_be_visible()


def test_a_page_left_alone_hides_its_chat(phone, address, settings):
    phone.clock.install()
    begun(phone, address)
    phone.clock.run_for(1000 * 60 * settings.lock_minutes + 1000)
    expect(phone.get_by_role("heading", name="This chat is hidden")).to_be_visible()
    expect(phone.get_by_text("echo something private")).to_be_hidden()


def test_a_page_left_alone_for_long_forgets_its_chat(phone, address, settings):
    phone.clock.install()
    begun(phone, address)
    phone.clock.run_for(1000 * 60 * (settings.lock_minutes + settings.idle_minutes) + 5000)
    expect(phone.get_by_text("something private")).to_have_count(0)
    expect(phone.locator("#state")).to_contain_text("This chat has ended")


def test_with_a_pin_only_the_pin_shows_the_chat_again(phone, address):
    begun(phone, address)
    phone.locator("summary").click()
    phone.get_by_label("Set a PIN").fill("4711")
    phone.get_by_role("button", name="Save the PIN").click()
    phone.get_by_role("button", name="Hide this chat now").click()
    phone.get_by_role("textbox", name="PIN", exact=True).fill("0000")
    phone.get_by_role("button", name="Show the chat").click()
    expect(phone.get_by_text("Tries left: 4")).to_be_visible()
    expect(phone.locator("#options")).to_be_hidden()
    phone.get_by_role("textbox", name="PIN", exact=True).fill("4711")
    phone.get_by_role("button", name="Show the chat").click()
    expect(phone.get_by_text("echo something private")).to_be_visible()


def test_a_pin_that_is_guessed_at_ends_the_chat(phone, address):
    begun(phone, address)
    phone.locator("summary").click()
    phone.get_by_label("Set a PIN").fill("4711")
    phone.get_by_role("button", name="Save the PIN").click()
    phone.get_by_role("button", name="Hide this chat now").click()
    for guess in range(5):
        phone.get_by_role("textbox", name="PIN", exact=True).fill(f"000{guess}")
        phone.get_by_role("button", name="Show the chat").click()
    expect(phone.locator("#state")).to_contain_text("this chat has ended")
    expect(phone.get_by_text("something private")).to_have_count(0)


def test_a_pin_of_letters_is_not_taken(phone, address):
    begun(phone, address)
    phone.locator("summary").click()
    phone.get_by_label("Set a PIN").fill("abcd")
    phone.get_by_role("button", name="Save the PIN").click()
    expect(phone.get_by_text("Use 4 to 6 numbers.")).to_be_visible()


def test_no_state_of_the_page_asks_anybody_else_or_stores_anything(phone, address):
    asked = []
    phone.on("request", lambda request: asked.append(request.url))
    begun(phone, address)
    for name in ("answer", "card", "choices", "preview", "timeline", "paper", "waiting", "right to left"):
        ask(phone, name)
    expect(phone.locator(".message").last).to_contain_text("0808 2000 247")
    phone.locator("summary").click()
    phone.get_by_label("Language").select_option("ur")
    expect(phone.locator("html")).to_have_attribute("lang", "ur")
    assert len(asked) > 10
    assert {url for url in asked if not url.startswith(address)} == set()
    assert phone.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert phone.evaluate("async () => [...await indexedDB.databases(), ...await caches.keys()]") == []
    assert phone.context.cookies() == []


def test_the_words_of_a_device_page_promise_nothing(phone, address):
    phone.goto(f"{address}/device")
    expect(phone.get_by_text("monitoring app")).to_have_count(2)
    expect(phone.get_by_text("999")).to_be_visible()
