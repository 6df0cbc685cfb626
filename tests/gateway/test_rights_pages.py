"""The plain pages: every answer without script, found by its words, from the same files as the chat."""

import functools
import re
from datetime import date

import msgspec
import pytest
from starlette.testclient import TestClient

from bot.gateway.app import Gateway
from bot.gateway.rights_pages import RightsPages
from bot.rights.catalogue import load_catalogue
from bot.rights.facts import load_facts
from bot.settings import load as load_settings
from tests.conftest import DATA

TOPICS = load_facts(DATA).topics


class Pool:
    ready = 1

    def start(self) -> None: ...

    def watch(self) -> None: ...

    async def close(self) -> None: ...


@functools.cache
def every_page() -> RightsPages:
    """The pages, read once for all tests: they only show files."""
    return RightsPages(load_settings({}, demo=True), today=lambda: date(2026, 11, 24))


@pytest.fixture
def client(conversations, settings):
    gateway = Gateway(conversations, Pool(), settings)
    gateway._pages._rights = every_page()
    with TestClient(gateway.app()) as client:
        yield client


def test_every_topic_is_linked_from_the_first_page_and_stands_where_the_link_goes(client):
    found = re.findall(r'href="(/rights/[\w]+)#([\w]+)"', client.get("/rights").text)
    assert len(found) == len(TOPICS) == 95
    for address, anchor in found:
        assert f'id="{anchor}"' in client.get(address).text


def test_all_answers_stand_on_the_page_to_print(client):
    page = client.get("/rights/all").text
    assert page.count("<article") == 95
    assert "Checked" in page


def test_no_page_has_a_script_or_anything_from_elsewhere(client):
    for address in ("/rights", "/rights/right_06", "/rights/all"):
        page = client.get(address).text
        assert "<script" not in page
        assert re.findall(r'(?:src|action)="(?!/)', page) == []


def test_every_page_carries_the_emergency_numbers_and_the_way_out(client, settings):
    for address in ("/rights", "/rights/code", "/rights/all"):
        page = client.get(address).text
        assert "tel:999" in page
        assert settings.exit_url in page
        assert "Demonstration" in page


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("train fare", "right_10/expenses"),
        ("ombudsman", "right_12/ombudsman"),
        ("interpreters", "right_01/interpreter"),
        ("victim personal statement", "right_07/what_is_a_vps"),
    ],
)
def test_words_find_the_answer(client, words, topic):
    page = client.post("/rights/search", data={"words": words}).text
    right, _, anchor = topic.partition("/")
    assert f"/rights/{right}#{anchor}" in page


@pytest.mark.parametrize(
    "words", ["", "   ", '" OR 1=1 --', "((((", "xyzzyq", "a" * 5_000, "<script>alert(1)</script>"]
)
def test_odd_searches_get_a_polite_page(client, words):
    answer = client.post("/rights/search", data={"words": words})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_what_was_searched_for_stands_in_no_address(client):
    assert 'method="post"' in client.get("/rights").text


def test_a_right_that_does_not_exist_says_so(client):
    assert client.get("/rights/right_13").status_code == 404


def test_an_unapproved_answer_is_not_shown_outside_demonstration_mode(settings):
    live = RightsPages(msgspec.structs.replace(settings, demo=False), today=lambda: date(2026, 11, 24))
    page = live.right("right_06")
    assert page is not None
    assert "I do not have an approved answer" in page


def test_the_pages_say_what_the_chat_says():
    answer = load_catalogue(DATA).entries["2021", "right_06/how_long"].answer.strip().split(".")[0]
    assert answer in every_page().right("right_06").replace("&#39;", "'")


def test_a_cry_for_help_in_the_search_gets_the_card_and_the_answers_below(client):
    page = client.post("/rights/search", data={"words": "he is outside with a knife"}).text
    assert 'aria-label="Help"' in page
    assert "press 55" in page
    assert page.index('aria-label="Help"') < page.index("<h1>Answers")


def test_many_form_fields_do_no_harm(client):
    assert client.post("/rights/search", content="&".join(f"a{n}=1" for n in range(500))).status_code == 200
