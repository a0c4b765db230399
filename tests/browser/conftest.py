"""Chromium over the real stage: the hub, a phone, a radio and the firmware, with the pages that people use."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import Console, Pendant
from watchword_sim.demo import Demo
from watchword_sim.stage import Stage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
MINUTE_S = 1.0  # of the procedure: the call-back comes 20 s after the arrival was spoken
START_S = 60.0
WAIT_MS = 20_000
LARGE = {"width": 1280, "height": 900}


class RunningDemo:
    """`watchword demo` in a thread with a loop of its own, so that the tests read as a person acts: in order."""

    def __init__(self, folder: Path) -> None:
        self._demo = Demo(folder, "homemaker-enhanced", MINUTE_S, 0)
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._began = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self.stage: Stage

    @property
    def pendant_url(self) -> str:
        return self._demo.page_url

    def __enter__(self) -> "RunningDemo":
        self._thread.start()
        assert self._began.wait(START_S), "the stage was not set in time"
        if self._failed is not None:
            self._thread.join()
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(START_S)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._play())
        except BaseException as e:  # noqa: BLE001 -- raised again in the test's thread
            self._failed = e
        finally:
            self._began.set()
            self._loop.close()

    async def _play(self) -> None:
        async with self._demo.running() as self.stage:
            self._began.set()
            await self._ended.wait()


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[RunningDemo]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt install chromium")
    with RunningDemo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")  # not longer: while it is open, no other test can start a loop in this thread
def browser(demo):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=ARGS)  # a fresh profile each time
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Opens an address in a browser of its own; whatever its page complains of fails the test."""
    contexts, complaints = [], []

    def open_it(url: str, **options):
        context = browser.new_context(
            viewport=LARGE,
            color_scheme="dark",
            timezone_id="Europe/London",
            locale="en-GB",
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.goto(url)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def pendant(demo, open_page) -> Pendant:
    page = open_page(demo.pendant_url)
    page.get_by_text("of Ana").wait_for()
    return Pendant(page)


@pytest.fixture
def console(demo, open_page) -> Console:
    """Ben's, not logged in yet."""
    return Console(open_page(demo.stage.login_link("tracker")))
