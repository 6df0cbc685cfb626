"""Takes the screenshots of docs/: python scripts/screenshots.py http://127.0.0.1:8080/ (a running `make run`)."""

import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

OUT = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
STATES = {
    "answer": "been four months and heard nowt",
    "choices": "the thing with the form",
    "card": "he is outside with a knife and he is trying to get in",
    "quiet": "hes sat right here",
    "signpost": "can i get a divorce",
    "polish": "kiedy dostanę z powrotem mój telefon od policji",
    "polish-card": "pomocy on jest pod drzwiami z nożem",
    "two-questions": "when do i get my phone back and who pays my train fare",
    "form": "please ask victim support to contact me",
    "case-number": "where does my case stand",
}
PAGES = {"rights": "rights", "right": "rights/right_06", "device": "device"}
FRONT_DOORS = {"urdu": "ur", "welsh": "cy"}


def ask(page: Page, words: str) -> None:
    """Type a message and wait until the page has answered it."""
    before = page.locator(".bubble:not(.mine)").last.inner_text()
    page.locator("#text").fill(words)
    page.locator("#send").click()
    expect(page.locator("#state")).to_have_text("", timeout=20_000)
    expect(page.locator(".bubble:not(.mine)").last).not_to_have_text(before, timeout=20_000)


def main(address: str) -> None:
    """One picture for each state, at the size of a small phone."""
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, words in {"start": "", **STATES}.items():
            context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
            page = context.new_page()
            page.goto(address)
            expect(page.get_by_role("log")).to_contain_text("A computer answers", timeout=20_000)
            if words:
                ask(page, words)
                page.wait_for_timeout(400)
            page.screenshot(path=OUT / f"{name}.png")
            context.close()
        for name, language in FRONT_DOORS.items():
            context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
            page = context.new_page()
            page.goto(f"{address}chat?language={language}")
            expect(page.locator(".bubble")).to_have_count(1, timeout=20_000)
            page.screenshot(path=OUT / f"{name}.png")
            context.close()
        for name, path in PAGES.items():
            context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
            page = context.new_page()
            page.goto(address + path)
            page.screenshot(path=OUT / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
