"""The chat on somebody else's site: one script tag, a strict policy, and nothing leaks in or out."""

import msgspec
import pytest
from playwright.sync_api import expect

from bot.gateway.app import Gateway
from tests.browser.conftest import StandInPool, ask, until

pytestmark = pytest.mark.browser
NEUTRAL = "https://www.bbc.co.uk/weather"


@pytest.fixture
def embedding(host, conversations, settings, served, phone):
    """The host's page with the chat closed; its problems are collected."""
    settings = msgspec.structs.replace(settings, embed_origins=host.address)
    served.start(Gateway(conversations, StandInPool(), settings).app())
    host.chat = served.address
    phone.problems = []
    phone.on("console", lambda message: phone.problems.append(message.text) if message.type == "error" else None)
    phone.on("pageerror", lambda error: phone.problems.append(str(error)))
    phone.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    return phone


def opened(page, host):
    page.goto(host.address)
    page.get_by_role("button", name="Ask about your rights").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator(".bubble")).to_have_count(1)
    return frame


def state(sqlite) -> str:
    with sqlite.connect() as database:
        return database.exec_driver_sql("SELECT state FROM conversations").scalar()


def test_a_question_is_answered_on_a_site_with_a_strict_policy(embedding, host):
    frame = opened(embedding, host)
    ask(frame, "hello there")
    expect(frame.get_by_text("echo hello there")).to_be_visible()
    assert embedding.problems == []


def test_no_style_of_the_host_reaches_the_button_or_the_chat(embedding, host):
    host.style = "div, button, iframe { display: none !important; opacity: 0 !important; font-size: 1px !important }"
    embedding.goto(host.address)
    launcher = embedding.get_by_role("button", name="Ask about your rights")
    expect(launcher).to_be_visible()
    look = "(button) => [getComputedStyle(button).opacity, parseFloat(getComputedStyle(button).fontSize)]"
    assert launcher.evaluate(look) == ["1", 16]
    launcher.click()
    frame = embedding.frame_locator("iframe")
    expect(frame.locator(".bubble")).to_be_visible()
    ask(frame, "hello there")
    expect(frame.get_by_text("echo hello there")).to_be_visible()


def test_no_style_of_ours_reaches_the_host(embedding, host):
    host.style = "a { color: rgb(1, 2, 3); font: italic 21px serif }"
    looks = "getComputedStyle(document.querySelector('a')).cssText + getComputedStyle(document.body).cssText"
    embedding.route("**/widget.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    embedding.goto(host.address)
    without = embedding.evaluate(looks)
    embedding.unroute("**/widget.js")
    opened(embedding, host)
    assert embedding.evaluate(looks) == without


def test_the_host_prints_without_the_chat(embedding, host):
    opened(embedding, host)
    embedding.emulate_media(media="print")
    expect(embedding.locator("iframe")).to_be_hidden()
    expect(embedding.get_by_role("heading", name="A council's page")).to_be_visible()


def test_the_chat_stands_beside_another_tool(embedding, host):
    host.attributes = 'data-side="start" data-bottom="90"'
    embedding.goto(host.address)
    box = embedding.get_by_role("button", name="Ask about your rights").bounding_box()
    assert box["x"] == 16
    assert 640 - (box["y"] + box["height"]) == 90


def test_nothing_is_asked_of_the_service_before_the_chat_is_opened(embedding, host):
    asked = []
    embedding.on("request", lambda request: asked.append(request.url))
    embedding.goto(host.address)
    expect(embedding.get_by_role("button", name="Ask about your rights")).to_be_visible()
    assert [url for url in asked if url.startswith(host.chat)] == [f"{host.chat}/widget.js"]


def test_the_host_can_read_no_word_of_the_chat(embedding, host):
    frame = opened(embedding, host)
    ask(frame, "something private")
    expect(frame.get_by_text("echo something private")).to_be_visible()
    assert "private" not in embedding.evaluate("document.documentElement.outerHTML")
    frame_of_the_host = "document.querySelector('body > div').shadowRoot.querySelector('iframe')"
    assert embedding.evaluate(f"{frame_of_the_host}.src").startswith(host.chat)
    assert embedding.evaluate(f"{frame_of_the_host}.contentDocument") is None


@pytest.mark.parametrize("way", ["button", "keys in the chat", "keys on the page"])
def test_exit_leaves_the_whole_page(embedding, host, way):
    frame = opened(embedding, host)
    if way == "button":
        frame.get_by_role("button", name="Exit this page").click()
    elif way == "keys in the chat":
        frame.locator("#text").focus()
        for _ in range(3):
            embedding.keyboard.press("Shift")
    else:
        embedding.get_by_role("link", name="A link").focus()
        for _ in range(3):
            embedding.keyboard.press("Shift")
    embedding.wait_for_url(NEUTRAL)


def test_exit_ends_the_chat_from_the_hosts_page_too(embedding, host, sqlite):
    opened(embedding, host)
    embedding.get_by_role("link", name="A link").focus()
    for _ in range(3):
        embedding.keyboard.press("Shift")
    embedding.wait_for_url(NEUTRAL)
    until(lambda: state(sqlite) == "ended")


def test_closing_keeps_the_chat_and_gives_the_focus_back(embedding, host):
    frame = opened(embedding, host)
    ask(frame, "keep this")
    expect(frame.get_by_text("echo keep this")).to_be_visible()
    frame.get_by_role("button", name="Close the chat").click()
    launcher = embedding.get_by_role("button", name="Ask about your rights")
    expect(launcher).to_be_focused()
    launcher.click()
    expect(frame.get_by_text("echo keep this")).to_be_visible()


def test_a_site_that_is_not_named_cannot_frame_the_chat(embedding, host):
    embedding.goto(host.address.replace("localhost", "127.0.0.1"))
    with embedding.expect_console_message(lambda message: "frame-ancestors" in message.text):
        embedding.get_by_role("button", name="Ask about your rights").click()
    expect(embedding.frame_locator("iframe").locator("#log")).to_have_count(0)


def test_the_button_speaks_the_language_of_its_tag(embedding, host):
    host.attributes = 'data-language="ur" data-side="start"'
    embedding.goto(host.address)
    button = embedding.get_by_role("button", name="اپنے حقوق کے بارے میں پوچھیں")
    button.click()
    expect(embedding.frame_locator("iframe").locator("html")).to_have_attribute("dir", "rtl")
