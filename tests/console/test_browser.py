"""Ben plays a visit and an SOS in Chromium. Screenshots go to build/console/, to be looked at."""

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from console_fakes import ANA, BEN, CORA, DEV, ELI, PHRASE, FakeHub, a_task, a_visit, an_alarm
from pydantic import SecretStr
from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_hub import settings
from watchword_hub.clock import SystemClock
from watchword_hub.commands import RegisterPendant
from watchword_hub.console import views
from watchword_hub.console.app import create_app
from watchword_hub.console.login import Login, Operator
from watchword_hub.console.stream import Stream
from watchword_hub.service import HubService

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[2] / "build" / "console"
SHOTS_PX = {"width": 1280, "height": 900}
STALE_MS = 15_000  # as in live.js

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")


class Settings:
    timezone = "Europe/London"
    console_names = ("127.0.0.1",)
    duress_phrase = SecretStr(PHRASE)
    office_hours = "Mon-Fri 09:00-17:00"
    office_closed = ()


class Served:
    """The console over a fake hub, on a free port; `beat` is the engine's life."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        now = self.clock.now_ms()
        shift = now - an_alarm().raised_ms - 20_000
        self.hub = FakeHub(_moved(a_visit(), shift))
        self.shift = shift
        self.login = Login(self.clock)
        self.stream = Stream(self.hub)
        app = create_app(
            self.hub, self._submit, self.stream, Settings(), self.login, self.clock, ["homemaker-enhanced"]
        )
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._alive = threading.Event()
        self._alive.set()
        self._ended = threading.Event()
        self._beats = threading.Thread(target=self._live)

    def _submit(self, command):
        answer = self.hub.submit(command)
        self.beat()
        return answer

    def _live(self) -> None:
        while not self._ended.wait(0.5):
            if self._alive.is_set():
                self.beat()

    def beat(self) -> None:
        self.stream.publish(self.hub.last_seq(), self.clock.now_ms())

    def freeze(self) -> None:
        """The engine stands still; the web server does not."""
        self._alive.clear()

    def thaw(self) -> None:
        self._alive.set()

    def show(self, case: views.Case, kind: int, text: str = "") -> None:
        self.hub.cases[case.id] = case
        line = self.hub.add_line(kind, case=case.id, text=text, by=ANA.name)
        self.hub.lines[-1] = replace(line, at_ms=self.clock.now_ms(), event_ms=self.clock.now_ms())
        self.beat()

    def link(self) -> str:
        return f"{self.url}/login?token={self.login.new_token(Operator(BEN.id, BEN.name))}"

    def __enter__(self) -> "Served":
        self._thread.start()
        self._beats.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.should_exit = True
        self._thread.join(20)
        self._beats.join(20)


def _moved(item, shift: int):
    """The same, `shift` ms later."""
    times = {
        name: getattr(item, name) + shift
        for name in item.__dataclass_fields__
        if name.endswith("_ms") and getattr(item, name) is not None
    }
    return replace(item, **times)


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as served:
        yield served


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        args = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=args)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, served):
    context = browser.new_context(viewport=SHOTS_PX, color_scheme="dark", timezone_id="Europe/London")
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.complaints = complaints
    page.goto(served.link())
    shot(page, "1-login")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Live, ").wait_for()
    yield page
    context.close()


def shot(page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page="cover" not in name, caret="initial")


def test_ben_tracks_a_visit_and_an_sos(page, served):
    shot(page, "2-overview-at-the-door")
    page.get_by_role("link", name=ANA.name).first.click()
    page.get_by_role("button", name="Spoke on arrival: may go in").click()
    page.locator("#notice", has_text="Recorded.").wait_for()
    shot(page, "3-case-cleared")
    inside = served.hub.cases[7]
    assert inside.state == v.INSIDE

    page.goto(served.url)
    call = _moved(a_task(w.CALL), served.shift)
    served.show(replace(inside, tasks=(call,)), w.SPOKE, "call-back due")
    page.get_by_role("button", name="No answer from any of them").wait_for()  # without loading the page again
    shot(page, "4-overview-call")

    alarmed = replace(inside, alarms=(_moved(an_alarm(), served.shift),), tasks=(call,))
    served.show(alarmed, w.SOS, "SOS from Ana")
    page.get_by_text("NOBODY HAS IT YET").wait_for()
    page.locator("#silence").wait_for()
    shot(page, "5-overview-sos")
    page.locator("#silence").click()
    page.locator("#silence").wait_for(state="hidden")
    assert not served.hub.cases[7].alarms[0].taken  # silence is not acknowledge

    page.get_by_role("button", name="Acknowledge: this person has it").click()
    page.get_by_text("has it.").wait_for()
    shot(page, "6-overview-acknowledged")
    assert served.hub.cases[7].alarms[0].taken
    page.get_by_role("link", name=ANA.name).first.click()
    served.show(
        replace(served.hub.cases[7], tasks=(_moved(a_task(w.DIAL_999, id=32, clause="2"), served.shift),)), w.SPOKE
    )
    page.get_by_role("button", name="I have dialled 999").wait_for()
    shot(page, "7-case-999")
    page.get_by_role("button", name="I have dialled 999").click()
    page.locator("#notice", has_text="Recorded.").wait_for()

    page.get_by_text("Resolve the alarm: it is over").click()
    page.get_by_label("How the alarm ended").fill("Spoke with Ana, she is safe in her car.")
    page.get_by_label("this alarm is over").check()
    shot(page, "8-case-resolving")
    page.get_by_role("button", name="Resolve the alarm", exact=True).click()
    page.get_by_role("heading", name="SOS").wait_for(state="detached")
    assert [command.kind for command in served.hub.asked] == [w.SPOKE_ARRIVAL, w.ACKNOWLEDGED, w.DONE, w.RESOLVED]
    shot(page, "9-case-resolved")
    assert page.complaints == []


def test_ben_works_through_the_numbers_and_hands_over(page, served):
    asked = [
        a_task(w.CALL, via=w.WORK_MOBILE | w.PERSONAL_MOBILE | w.HOME),
        a_task(w.CALL, id=32, by_role=w.MANAGER, by_name=CORA.name, by_person=CORA.id),
        a_task(w.TELL, id=33, rung=5, by_role=w.MANAGER, by_name=CORA.name, who_role=w.PARTNER_AGENCIES, who_name=""),
        a_task(
            w.CALL,
            id=34,
            rung=6,
            by_role=w.MANAGER,
            by_name=CORA.name,
            who_role=w.EMERGENCY_CONTACT,
            who_name="Eli Ferreira (emergency contact 1 of 2)",
            via=0,
        ),
    ]
    tasks = tuple(_moved(task, served.shift) for task in asked)
    served.hub.persons.append(ELI)
    served.show(replace(served.hub.cases[7], state=v.INSIDE, tasks=tasks, contacts=(ELI, DEV)), w.SPOKE)
    page.get_by_role("link", name="Look up the duress phrase").click()
    page.get_by_text(PHRASE).wait_for()
    shot(page, "30-case-call-by-numbers")
    page.get_by_text("Hand over to somebody else").click()
    page.get_by_label("Who takes over").select_option(DEV.name)
    page.get_by_text("The worker may be in danger").click()
    page.get_by_text("New times:").click()
    shot(page, "31-something-else")
    page.get_by_role("button", name="Hand over and tell them").click()
    page.locator("#notice", has_text="they are told").wait_for()
    page.get_by_role("button", name="No answer: personal mobile").click()
    page.locator("#notice", has_text="No answer").wait_for()
    assert [type(command).__name__ for command in served.hub.asked] == ["HandOver", "Record"]
    assert served.hub.asked[1].what == w.PERSONAL_MOBILE
    assert page.complaints == []


def test_what_a_plan_comes_to_is_shown_while_it_is_filled_in(page, served):
    page.goto(f"{served.url}/plan")
    page.get_by_label("What else is known").fill("dog in the yard")
    page.get_by_label("Start").fill("2026-03-02T16:30")
    page.get_by_label("Expected finish").fill("2026-03-02T17:30")
    page.get_by_text("Out of hours: the office closes at 17:00").wait_for()
    page.get_by_label("Tracker (").select_option("")
    page.get_by_text("Must not take place:").wait_for()
    assert page.get_by_label("What else is known").input_value() == "dog in the yard"
    page.get_by_text("More emergency contacts").click()
    shot(page, "32-plan-forbidden")
    page.get_by_label("Tracker (").select_option(BEN.name)
    page.get_by_text("Must not take place:").wait_for(state="detached")
    assert page.complaints == []


BEHIND_ANOTHER = """window.requestAnimationFrame = () => 0;  // a page that is not in sight is drawn no frame
window.tones = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };"""


def test_an_alarm_comes_while_the_console_is_behind_another_page__it_sounds_and_stands_there(page, served):
    page.add_init_script(BEHIND_ANOTHER)
    page.reload()
    page.get_by_text("Live, ").wait_for()
    served.show(replace(served.hub.cases[7], alarms=(_moved(an_alarm(), served.shift),)), w.SOS, "SOS from Ana")
    page.get_by_text("NOBODY HAS IT YET").wait_for()
    page.wait_for_function("() => window.tones > 0", polling=50, timeout=2_000)  # sooner than its timer's next turn
    assert page.title().startswith("ALARM (1)")


def test_a_browser_that_allows_no_sound_says_so_before_there_is_an_alarm(page):
    page.locator("#sound-on").wait_for(state="hidden")
    page.add_init_script("Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'});")
    page.reload()
    page.get_by_role("button", name="Sound is off: press to allow it").wait_for()


def test_a_frozen_engine_covers_the_page_and_a_living_one_uncovers_it(page, served):
    served.freeze()
    page.locator("#not-live").wait_for(timeout=STALE_MS + 10_000)
    assert page.locator("#not-live-title").inner_text().startswith("NOT LIVE since")
    assert page.evaluate("document.getElementById('main').inert")
    shot(page, "10-cover")
    served.thaw()
    page.locator("#not-live").wait_for(state="hidden")
    assert not page.evaluate("document.getElementById('main').inert")


def test_the_cover_goes_only_when_what_lies_under_it_is_of_now(page, served):
    served.freeze()
    page.locator("#not-live").wait_for(timeout=STALE_MS + 10_000)
    page.evaluate(
        """() => { window.uncovered = new Promise(resolve => new MutationObserver(() => {
        if (document.getElementById("not-live").hidden) resolve(document.getElementById("main").innerText);
        }).observe(document.getElementById("not-live"), {attributes: true})); }"""
    )
    served.hub.cases[7] = replace(served.hub.cases[7], alarms=(_moved(an_alarm(), served.shift),))
    served.hub.add_line(w.SOS, case=7, by=ANA.name)
    served.thaw()
    assert "NOBODY HAS IT YET" in page.evaluate("window.uncovered")


def test_a_press_while_a_refresh_is_on_its_way_is_answered(page, served):
    page.goto(f"{served.url}/case/7")
    page.get_by_text("Live, ").wait_for()
    held: list = []
    page.route("**/case/7", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/case/7"):
        served.show(served.hub.cases[7], w.CHECKED_IN)
    page.get_by_role("button", name="Spoke on arrival: may go in").click()
    page.locator("#notice", has_text="Recorded.").wait_for()
    served.show(replace(served.hub.cases[7], state=v.LEAVING), w.DEPARTED)
    page.locator("h1 .state", has_text="leaving").wait_for()  # and the page goes on being refreshed


def test_what_is_being_typed_is_not_taken_away(page, served):
    taken = _moved(an_alarm(stage=a.WITH_PERSON, owner_role=w.TRACKER, owner_name=BEN.name), served.shift)
    served.show(replace(served.hub.cases[7], alarms=(taken,)), w.SOS)
    page.goto(f"{served.url}/case/7")
    page.get_by_label("What is being done").fill("Cora drives th")
    page.evaluate(
        """() => { const bar = document.getElementById("put-off");
        window.settled = new Promise(resolve => new MutationObserver(() => {
        if (!bar.hidden) resolve(document.getElementById("main").classList.contains("settling"));
        }).observe(bar, {attributes: true})); }"""
    )
    served.show(replace(served.hub.cases[7], state=v.INSIDE), w.ARRIVED)
    page.get_by_role("button", name="Show it now").wait_for()
    assert page.evaluate("window.settled")  # the bar moves what is below it: no press counts for a moment
    assert page.get_by_label("What is being done").input_value() == "Cora drives th"
    served.show(replace(served.hub.cases[7], alarms=(replace(taken, stage=a.AT_HUB),)), w.SOS, "SOS again")
    page.locator("#put-off.with-alarm", has_text="ALARM.").wait_for()
    page.locator("#silence:not([data-off])").wait_for()  # it sounds
    assert page.get_by_label("What is being done").input_value() == "Cora drives th"
    shot(page, "11-typing")
    page.get_by_role("button", name="Show it now").click()
    page.get_by_text("NOBODY HAS IT YET").wait_for()


def test_an_alarm_shows_on_a_page_with_a_form_and_loses_no_typing(page, served):
    page.goto(f"{served.url}/plan")
    page.get_by_label("Address, with postcode").fill("12 Mill")
    served.show(replace(served.hub.cases[7], alarms=(_moved(an_alarm(), served.shift),)), w.SOS)
    page.get_by_text("Go to it now").wait_for()
    assert page.get_by_label("Address, with postcode").input_value() == "12 Mill"
    shot(page, "12-plan-with-alarm")


def test_targets_are_large_enough_to_hit(page, served):
    alarmed = replace(served.hub.cases[7], alarms=(_moved(an_alarm(), served.shift),))
    served.show(replace(alarmed, tasks=(_moved(a_task(w.DECIDE), served.shift),)), w.SOS)
    for path in ("/", "/case/7", "/plan", "/pendants", "/people"):
        page.goto(served.url + path)
        small = page.evaluate(
            """[...document.querySelectorAll(`button, select, summary, label.check, nav a,
            input:not([type=hidden]):not([type=checkbox])`)].filter(e => e.checkVisibility())
            .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
            .filter(([, r]) => r.height < 44 || r.width < 24).map(([html]) => html)"""
        )
        assert small == [], path
        shot(page, f"13{path.replace('/', '-')}")


def test_a_phone_sees_it_too(page, served):
    served.show(replace(served.hub.cases[7], alarms=(_moved(an_alarm(), served.shift),)), w.SOS)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(served.url)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(page, "14-phone")


@pytest.fixture
def hub(tmp_path):
    with HubService(settings.load({"data_dir": tmp_path, "console_port": 0})) as hub:
        yield hub


def a_person(page, url: str, name: str, number: str) -> None:
    page.goto(f"{url}/people")
    form = page.locator("form[action='/people/person']")
    form.get_by_label("Name").fill(name)
    form.get_by_label("number or address").first.fill(number)
    form.get_by_role("button", name="Add").click()
    page.locator("#notice", has_text="Person added.").wait_for()


def test_a_duress_phrase_is_heard_on_a_call_and_cora_takes_it__with_the_real_hub(browser, hub):
    hub.keyring.make(0xC0FFEE)
    hub.ask(RegisterPendant(0xC0FFEE, "Pendant 3"))
    context = browser.new_context(viewport=SHOTS_PX, color_scheme="light", timezone_id="Europe/London")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(hub.login_link())
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("No open visit.").wait_for()
    for i, name in enumerate(("Ana Ferreira", "Ben Okafor", "Cora Lindqvist", "Dev Sharma")):
        a_person(page, hub.console_url, name, f"07700 90000{i}")

    page.goto(f"{hub.console_url}/plan")
    page.get_by_label("Worker (wears the pendant)").select_option("Ana Ferreira")
    page.get_by_label("Pendant", exact=True).select_option("Pendant 3")
    page.get_by_label("Tracker (").select_option("Ben Okafor")
    page.get_by_label("Manager (").select_option("Cora Lindqvist")
    page.get_by_label("Senior (").select_option("Dev Sharma")
    page.get_by_label("Address, with postcode").fill("12 Mill Lane, Northampton NN1 4AB")
    page.get_by_label("Procedure", exact=True).select_option("Homemaker: enhanced tracking")
    page.get_by_label("First visit to this client").check()
    page.get_by_role("button", name="Plan the visit").click()
    page.locator("#notice", has_text="Visit planned.").wait_for()
    shot(page, "20-real-planned")

    page.get_by_text("A call that was not asked for").click()
    page.get_by_label("How the call ended").select_option("Duress phrase heard")
    page.get_by_role("button", name="Record the call").click()
    page.get_by_text("NOBODY HAS IT YET").wait_for()
    page.get_by_text("Do not reveal it, and do not call the worker first.").wait_for()
    shot(page, "21-real-duress")
    page.get_by_label("Who has it now").select_option("Cora Lindqvist (manager)")
    page.get_by_role("button", name="Acknowledge: this person has it").click()
    page.get_by_text("(manager) has it.").wait_for()
    page.get_by_label("What is being done").fill("Police are on their way")
    page.get_by_role("button", name="Record what is being done").click()
    page.get_by_text("Police are on their way").wait_for()
    shot(page, "22-real-taken")
    page.goto(hub.console_url)
    shot(page, "23-real-overview")
    context.close()
