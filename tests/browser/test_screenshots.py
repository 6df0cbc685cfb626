"""Each state of the page has its picture, in the size of a phone and of a desktop, and the docs show no other."""

import re

import msgspec
import pytest
from playwright.sync_api import expect

from bot.gateway.app import Gateway
from bot.settings import ROOT
from tests.browser.conftest import StandInPool
from tests.browser.pictures import ASKED, HOST, KEPT, SIZES, STATES, TAKEN, answered, names, take

LINK = re.compile(r"\(((?:\.\./)*(?:docs/)?screenshots/([\w-]+\.png))\)")


def taken(name: str) -> bool:
    return all((TAKEN / f"{name}-{size}.png").stat().st_size > 1000 for size in SIZES)


@pytest.mark.browser
@pytest.mark.parametrize("name", STATES)
def test_a_state_has_its_picture(browser, address, name):
    path, act = STATES[name]
    take(browser, name, address + path, act)
    assert taken(name)


@pytest.mark.browser
def test_the_chat_on_another_site_has_its_picture(browser, conversations, settings, served, host):
    settings = msgspec.structs.replace(settings, embed_origins=host.address)
    served.start(Gateway(conversations, StandInPool(), settings).app())
    host.chat = served.address

    def opened(page):
        page.get_by_role("button", name="Ask about your rights").click()
        expect(page.frame_locator("iframe").locator(".bubble")).to_have_count(1)

    for name, act in zip(HOST, (lambda page: None, opened), strict=True):
        take(browser, name, host.address, act)
        assert taken(name)


@pytest.mark.browser
@pytest.mark.model
@pytest.mark.parametrize("name", ASKED)
def test_an_answer_of_the_whole_assistant_has_its_picture(browser, running, name):
    take(browser, name, f"{running.http.base_url}chat", answered(ASKED[name]))
    assert taken(name)


def test_the_docs_hold_the_picture_of_each_state_and_no_other():
    assert {picture.name for picture in KEPT.glob("*.png")} == names(), "Run: make screenshots"


def test_every_picture_a_page_of_the_docs_shows_is_there():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    shown = {found[2] for page in pages for found in LINK.finditer(page.read_text(encoding="utf-8"))}
    assert shown
    assert shown <= names()
