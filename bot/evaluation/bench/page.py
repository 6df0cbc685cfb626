"""What the chat page costs a phone: bytes of its first load, time to the first words, memory of a long chat.

Measured in a real Chromium, with the assistant as it is served. The bars are those of the page's issue: 40 kB of script
and style, compressed, and no memory beyond that of the messages.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.evaluation.bench.commit import commit
from bot.evaluation.bench.figures import BenchError, PageBudget, percentile
from bot.evaluation.bench.processes import Child
from bot.evaluation.bench.sides import Steps, serve_ours
from bot.evaluation.bench.texts import typed_examples
from bot.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

LOADS = 3
PATIENCE_MS = 60_000
PHONE = {"width": 360, "height": 740}
# Lighthouse's slow phone: 150 ms away, 1.6 Mbit/s down, 0.75 up (here in bytes a second), a quarter of the processor.
SLOW_LINK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
SLOWER = 4
ANSWERED = """() => document.getElementById("log").lastElementChild?.matches(".message")
    && document.getElementById("state").textContent === "" """
FIRST_LOAD = ("Document", "Script", "Stylesheet")


def chromium() -> str | None:
    """Where Chromium is, if it is anywhere."""
    return shutil.which("chromium") or shutil.which("google-chrome")


def measure_page(folder: Path, settings: Settings, messages: int, steps: Steps) -> PageBudget:
    """Serve this assistant and measure its page.

    Args:
        folder: where it keeps its data; an empty one.
        settings: those of the assistant; its model must be trained.
        messages: how many are typed; an even number.
        steps: where progress is shown.

    Raises:
        BenchError: Chromium is missing, or the page did not answer.
    """
    # Questions about rights: what sounds like danger would fold the page away or leave a form open.
    asked = list(typed_examples(sorted((settings.data_path / "nlu" / "en").glob("right_*.yml"))))
    questions = spread_out(asked, messages)
    with _chromium() as browser, serve_ours(folder, settings) as (child, url):
        with steps.step("Page: start"):
            _wait_for_engines(child, url, settings.engines)
        with steps.step("Page: first load"):
            loaded = _loaded(browser, url)
            first_words = percentile([_first_words_ms(browser, url) for _ in range(LOADS)], 0.5)
        with steps.step("Page: messages", messages) as tick:
            heap, nodes = _talked(browser, url, questions, tick)
    return PageBudget(
        commit=commit(),
        date=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        requests=loaded["requests"],
        document_bytes=loaded["Document"],
        script_style_bytes=loaded["Script"] + loaded["Stylesheet"],
        first_words_ms=round(first_words),
        messages=messages,
        heap_mb=[round(size / 1e6, 2) for size in heap],
        nodes=nodes,
    )


def spread_out(texts: Sequence[str], count: int) -> list[str]:
    """`count` of some texts, by even steps through them."""
    return [texts[int(step * len(texts) / count)] for step in range(count)]


@contextmanager
def _chromium() -> "Iterator[Browser]":
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise BenchError("Playwright is missing. Run: make setup") from error
    path = chromium()
    if path is None:
        raise BenchError("Chromium is missing: the page was not measured. Install the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        except Error as error:
            raise BenchError(f"The page did not answer: {error.message}") from error
        finally:
            browser.close()


def _wait_for_engines(child: Child, url: str, engines: int) -> None:
    child.wait_for(f"{url}/health", lambda answer: answer.json()["engines"] >= engines)


@contextmanager
def _opened(browser: "Browser") -> "Iterator[tuple[Page, CDPSession]]":
    context = browser.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    yield page, context.new_cdp_session(page)
    context.close()


def _show(page: "Page", url: str) -> None:
    page.goto(f"{url}/chat")
    page.locator(".bubble").first.wait_for()


def _loaded(browser: "Browser", url: str) -> dict[str, int]:
    """Bytes of the first load as they come over the wire, by kind, and how many requests there were."""
    kinds: dict[str, str] = {}
    sizes = {"requests": 0, **dict.fromkeys(FIRST_LOAD, 0)}

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]
        sizes["requests"] += 1

    def came(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "")
        if kind in sizes:
            sizes[kind] += int(event["encodedDataLength"])

    with _opened(browser) as (page, session):
        session.on("Network.responseReceived", answered)
        session.on("Network.loadingFinished", came)
        session.send("Network.enable")
        _show(page, url)
    return sizes


def _first_words_ms(browser: "Browser", url: str) -> float:
    with _opened(browser) as (page, session):
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_LINK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        began = time.perf_counter()
        _show(page, url)
        return 1000 * (time.perf_counter() - began)


def _talked(
    browser: "Browser", url: str, questions: Sequence[str], tick: Callable[[], object]
) -> tuple[list[int], list[int]]:
    """Heap in bytes and number of nodes: at the start, after half the questions, after all, and after erasing."""
    with _opened(browser) as (page, session):
        session.send("HeapProfiler.enable")
        session.send("Performance.enable")
        heap: list[int] = []
        nodes: list[int] = []

        def look() -> None:
            session.send("HeapProfiler.collectGarbage")
            heap.append(int(session.send("Runtime.getHeapUsage")["usedSize"]))
            metrics = session.send("Performance.getMetrics")["metrics"]
            nodes.append(int(next(one["value"] for one in metrics if one["name"] == "Nodes")))

        _show(page, url)
        look()
        half = len(questions) // 2
        for part in (questions[:half], questions[half:]):
            for question in part:
                page.locator("#text").fill(question)
                page.locator("#text").press("Enter")
                page.wait_for_function(ANSWERED)
                tick()
            look()
        page.locator("summary").first.click()
        page.locator("#erase").click()
        page.locator("#erase-yes").click()
        page.locator("#over").wait_for()
        look()
    return heap, nodes
