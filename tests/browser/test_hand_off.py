"""People on both sides: two victims on the web, two staff in the console, everything in between as it is served."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, until
from tests.browser.staffed import ADVISER, PERSON, SECOND, Staffed, ask_for_a_person, join_the_queue, press

pytestmark = pytest.mark.browser


@pytest.fixture
def service(sqlite, vault, settings, browser):
    service = Staffed(sqlite, vault, settings, browser)
    yield service
    service.close()


def take(member: Page, told: str = "") -> None:
    """Take the first who waits."""
    member.get_by_role("button", name=re.compile("^Take talk")).first.click()
    expect(member.locator("#log")).to_be_visible()
    if told:
        expect(member.locator("aside")).to_contain_text(told)


def write(member: Page, words: str) -> None:
    member.locator("#text").fill(words)
    member.locator("#text").press("Enter")


def said(member: Page) -> list[str]:
    """The lines of the talk as staff see them, those of the service left out."""
    lines = member.locator("#log .app-said").filter(has_not_text="Assistant,")
    return [one.inner_text().split("\n")[-1] for one in lines.all()]


def heard(victim: Page) -> list[str]:
    return [one.inner_text() for one in victim.locator(".message").all()]


def test_two_people_two_staff_and_not_one_word_of_the_assistant_after_the_take_over(service):
    first, second = service.member(ADVISER), service.member(SECOND)
    anna, bela = service.victim(), service.victim()
    join_the_queue(anna, "Anna's question")
    join_the_queue(bela, "Bela's question")
    expect(anna.locator(".message").last).to_contain_text("Your place: 1")
    expect(bela.locator(".message").last).to_contain_text("Your place: 2")

    expect(first.get_by_text("2 people wait")).to_be_visible()
    take(first, "Anna's question")
    take(second, "Bela's question")
    expect(anna.locator(".message").last).to_contain_text("is here now")

    engine_was_asked = len(service.engine.asked)
    for number in range(3):
        ask(anna, f"anna {number}")
        ask(bela, f"bela {number}")
        expect(first.locator("#log")).to_contain_text(f"anna {number}")
        expect(second.locator("#log")).to_contain_text(f"bela {number}")
        write(first, f"to anna {number}")
        write(second, f"to bela {number}")
        expect(anna.locator(".message").last).to_contain_text(f"to anna {number}")
        expect(bela.locator(".message").last).to_contain_text(f"to bela {number}")

    expect(first.locator("#log")).to_contain_text("to anna 2")
    expect(second.locator("#log")).to_contain_text("to bela 2")
    assert said(first) == ["anna 0", "to anna 0", "anna 1", "to anna 1", "anna 2", "to anna 2"]
    assert said(second) == ["bela 0", "to bela 0", "bela 1", "to bela 1", "bela 2", "to bela 2"]
    assert "bela" not in first.locator("main").inner_text()
    assert len(service.engine.asked) == engine_was_asked
    words = heard(anna)
    taken = next(place for place, one in enumerate(words) if "is here now" in one)
    assert words[taken + 1 :] == [f"Demo adviser:\n\nto anna {number}" for number in range(3)]


def test_a_talk_passes_to_a_colleague_and_the_person_says_nothing_twice(service):
    first, second = service.member(ADVISER), service.member(SECOND)
    anna = service.victim()
    join_the_queue(anna)
    take(first)
    ask(anna, "my trial is in May")
    expect(first.locator("#log")).to_contain_text("my trial is in May")
    first.get_by_label("To", exact=True).select_option(label="Second demo adviser")
    first.get_by_role("button", name="Pass it on").click()
    expect(first.get_by_text("Second demo adviser has this talk now.")).to_be_visible()
    expect(anna.locator(".message").last).to_contain_text("goes on with you now")
    second.get_by_role("link", name=re.compile(r"^Talk \d")).click()
    expect(second.locator("#log")).to_contain_text("my trial is in May")
    write(second, "I have read it.")
    expect(anna.locator(".message").last).to_contain_text("I have read it.")


def test_whoever_has_the_page_open_when_the_talk_passes_on_is_taken_away_from_it(service):
    first, lead = service.member(ADVISER), service.member("demo-supervisor")
    anna = service.victim()
    join_the_queue(anna)
    take(first)
    lead.goto(f"{service.console.address}/queue")
    lead.get_by_role("button", name=re.compile("^Give talk")).click()
    expect(first.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(first.get_by_text("This talk is with somebody else now.")).to_be_visible()


def test_a_link_lost_on_the_staff_side_loses_and_doubles_nothing(service):
    first, anna = service.member(ADVISER), service.victim()
    join_the_queue(anna)
    take(first)
    ask(anna, "before")
    expect(first.locator("#log")).to_contain_text("before")
    first.context.set_offline(True)
    expect(first.locator("#link")).to_contain_text("No connection")
    write(first, "written without a link")
    write(first, "and another")
    ask(anna, "said meanwhile")
    expect(first.locator("#unsent")).to_contain_text("written without a link")
    expect(first.locator("#log")).not_to_contain_text("said meanwhile")
    first.context.set_offline(False)
    expect(anna.locator(".message").last).to_contain_text("and another")
    expect(first.locator("#log")).to_contain_text("and another")
    expect(first.locator("#link")).to_contain_text("Connected again")
    expect(first.locator("#unsent li")).to_have_count(0)
    assert said(first) == ["before", "said meanwhile", "written without a link", "and another"]
    assert [words for words in heard(anna) if "written without a link" in words or "and another" in words] == heard(
        anna
    )[-2:]


def test_a_link_lost_on_the_persons_side_keeps_their_place_and_their_words(service):
    first, anna = service.member(ADVISER), service.victim()
    join_the_queue(anna)
    anna.context.set_offline(True)
    ask(anna, "are you there")
    take(first)
    write(first, "I am here")
    expect(first.locator("#log")).to_contain_text("I am here")
    anna.context.set_offline(False)
    expect(anna.locator(".message").filter(has_text="I am here")).to_have_count(1)
    expect(first.locator("#log")).to_contain_text("are you there")
    assert said(first).count("are you there") == 1


def test_the_assistant_comes_back_and_a_second_hand_off_works(service):
    first, anna = service.member(ADVISER), service.victim()
    join_the_queue(anna, "the first time")
    take(first)
    write(first, "Goodbye")
    expect(anna.locator(".message").last).to_contain_text("Goodbye")
    first.locator("#code").select_option("answered")
    first.get_by_role("button", name="End the talk").click()
    expect(first.get_by_text("The talk is closed.")).to_be_visible()
    expect(anna.locator("#messages, .messages, body").first).to_contain_text("A computer answers again")
    press(anna, "I would rather not say")
    join_the_queue(anna, "the second time", again=True)
    take(first, "the second time")
    write(first, "Hello again")
    expect(anna.locator(".message").last).to_contain_text("Hello again")
    expect(first.locator("main")).not_to_contain_text("the first time")


def test_the_person_ends_the_talk_and_staff_see_it_at_once(service):
    first, anna = service.member(ADVISER), service.victim()
    join_the_queue(anna)
    take(first)
    press(anna, "End the talk")
    expect(first.get_by_role("heading", name="This talk has ended")).to_be_visible()
    expect(first.locator("#text")).to_have_count(0)
    first.locator("#code").select_option("other")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_text("The talk is closed.")).to_be_visible()


def test_out_of_hours_nobody_is_offered(service):
    service.member(ADVISER)
    service.clock.forward(hours=11)
    anna = service.victim()
    ask(anna, PERSON)
    expect(anna.locator("body")).to_contain_text("Nobody from staff is there now")
    assert "Who would you like to talk to?" not in "".join(heard(anna))


def test_with_nobody_on_duty_nobody_is_offered(service):
    service.member(ADVISER, on_duty=False)
    anna = service.victim()
    ask(anna, PERSON)
    expect(anna.locator("body")).to_contain_text("Nobody from staff is there now")


def test_danger_jumps_the_queue_and_the_card_still_comes(service):
    first = service.member(ADVISER)
    anna, bela = service.victim(), service.victim()
    join_the_queue(anna, "Anna asked first")
    join_the_queue(bela, "Bela is in danger")
    ask(bela, "he is outside my door with a knife")
    expect(bela.locator("body")).to_contain_text("999")
    expect(first.get_by_text("2 people wait. 2 about safety.")).to_be_visible()
    take(first, "Bela is in danger")
    expect(first.locator("#log")).to_contain_text("he is outside my door with a knife")
    expect(first.locator("#log")).to_contain_text("Card shown: immediate danger")
    expect(first.locator("aside")).to_contain_text("Immediate danger")


def test_each_side_sees_that_the_other_is_typing(service):
    first, anna = service.member(ADVISER), service.victim()
    join_the_queue(anna)
    take(first)
    expect(anna.locator(".message").last).to_contain_text("is here now")
    anna.locator("#text").press_sequentially("hel")
    expect(first.locator("#typing")).to_contain_text("The person is typing")
    first.locator("#text").press_sequentially("hel")
    expect(anna.locator("#state")).to_have_text("Someone is typing.")


def test_leaving_takes_somebody_out_of_the_queue(service):
    first, anna = service.member(ADVISER), service.victim()
    join_the_queue(anna)
    expect(first.get_by_text("1 person waits")).to_be_visible()
    press(anna, "Leave the queue")
    expect(first.get_by_text("0 people wait")).to_be_visible()


def test_nothing_is_shown_to_staff_before_the_person_agrees(service):
    first, anna = service.member(ADVISER), service.victim()
    ask_for_a_person(anna, "not agreed to yet")
    press(anna, "No, show nothing")
    expect(anna.locator(".message").last).to_contain_text("Nothing was shown to anyone")
    until(lambda: not service.desk.queue(service.staff.demo_staff(service.clock.now)[0].staff))
    expect(first.get_by_text("0 people wait")).to_be_visible()
