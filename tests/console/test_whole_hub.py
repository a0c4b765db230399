"""The console over the real engine, store, reader and broker: an act is recorded, seen, and still there afterwards."""

import json
import socket
import threading

import httpx
import pytest
from watchword_core import words as w
from watchword_hub import settings
from watchword_hub.commands import AddPerson, Contact, PlanVisit, Refusal
from watchword_hub.console.server import ConsolePortInUse
from watchword_hub.control import ask
from watchword_hub.service import HubService
from watchword_hub.store.lock import DirectoryInUse

PENDANT = 0x00C0FFEE
WAIT_S = 20.0


def settings_of(tmp_path, **flags):
    return settings.load({"data_dir": tmp_path / "data", "console_port": 0, **flags})


@pytest.fixture
def hub(tmp_path):
    with HubService(settings_of(tmp_path)) as hub:
        yield hub


class Browser:
    """A console that is logged in, with its event stream read by a thread."""

    def __init__(self, hub: HubService) -> None:
        self.client = httpx.Client(base_url=hub.console_url, headers={"origin": hub.console_url}, timeout=WAIT_S)
        token = hub.login_link().rpartition("=")[2]
        assert self.client.post("/login", data={"token": token}).status_code == 303
        self.csrf = self.client.get("/api/overview").json()["csrf"]

    def press(self, path: str, **fields: str) -> str:
        answer = self.client.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    def overview(self):
        return self.client.get("/api/overview").json()

    def listen(self, until: str, after: int) -> "Heard":
        return Heard(self.client, until, after)


class Heard:
    """Reads the event stream until an event of kind `until` came."""

    def __init__(self, client: httpx.Client, until: str, after: int) -> None:
        self.events: list[tuple[str, dict]] = []
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(client, until, after))
        self._thread.start()
        assert self._open.wait(WAIT_S)

    def _read(self, client: httpx.Client, until: str, after: int) -> None:
        with client.stream("GET", "/events", headers={"last-event-id": str(after)}) as answer:
            self._open.set()
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    self.events.append((kind, json.loads(line[6:])))
                    if kind == until:
                        return

    def wait(self) -> list[tuple[str, dict]]:
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        return self.events


@pytest.fixture
def visit(hub) -> int:
    """Ana's planned visit; its case."""
    people = {}
    for role, name in (("worker", "Ana"), ("tracker", "Ben"), ("manager", "Cora"), ("senior", "Dev")):
        people[role] = hub.ask(AddPerson(name, [Contact("apprise", "json://127.0.0.1:9/none")]))
    ask(hub.settings.data_dir, "make_key", pendant=PENDANT)
    ask(hub.settings.data_dir, "register", pendant=PENDANT, label="Pendant 3")
    now = hub.clock.now_ms()
    plan = PlanVisit(
        PENDANT,
        "homemaker-enhanced",
        people,
        now,
        now + 3_600_000,
        w.PLAN_FIRST_VISIT,
        personal={"address": "12 Mill Lane"},
    )
    return hub.ask(plan)


def test_a_planned_visit_is_on_the_overview_with_its_people(hub, visit):
    (case,) = Browser(hub).overview()["cases"]
    assert case["id"] == visit
    assert case["people"][str(w.TRACKER)]["name"] == "Ben"
    assert case["personal"] == {"address": "12 Mill Lane"}


def test_every_page_renders_from_the_real_store(hub, visit):
    browser = Browser(hub)
    for path in ("/", f"/case/{visit}", "/plan", "/pendants", "/people"):
        answer = browser.client.get(path)
        assert answer.status_code == 200
        assert "Ana" in answer.text


def test_numbers_beyond_any_row_are_answered_and_not_failed_on(hub, visit):
    browser = Browser(hub)
    for after in (10**12, 1 << 63, int("9" * 40)):
        (reset, *_) = browser.listen("reset", after).wait()
        assert reset[0] == "reset"
    for path in (f"/case/{1 << 63}", f"/case/{10**12}"):
        assert browser.client.get(path).status_code == 404


def test_an_act_reaches_the_open_consoles_and_the_record(hub, visit):
    browser = Browser(hub)
    heard = browser.listen("change", browser.overview()["last_seq"])
    page = browser.press(f"/case/{visit}/spoke", text="all well")
    assert "Recorded." in page
    assert "spoke with the worker" in page
    (event,) = [body for kind, body in heard.wait() if kind == "change"]
    assert (event["case"], event["kind"]) == (visit, w.SPOKE)


def test_a_double_press_is_one_record(hub, visit):
    browser = Browser(hub)
    for _ in range(2):
        page = browser.press(f"/case/{visit}/spoke", key="same")
    assert page.count('<span class="kind">spoke with the worker</span>') == 1


def test_a_phrase_heard_raises_duress_and_an_owner_takes_it(hub, visit):
    browser = Browser(hub)
    heard = browser.listen("alarm", browser.overview()["last_seq"])
    browser.press(f"/case/{visit}/call", role=str(w.TRACKER), who=str(w.WORKER), result="duress")
    heard.wait()
    page = browser.client.get("/").text
    assert "DURESS" in page
    assert "NOBODY HAS IT YET" in page
    page = browser.press(f"/case/{visit}/acknowledge", role=str(w.MANAGER))
    assert "<b>Cora</b> (manager) has it" in page
    page = browser.press(f"/case/{visit}/resolve", text="Ana is with Cora", sure="yes")
    assert "NOBODY HAS IT" not in page
    assert "Ana is with Cora" in page


def test_the_engine_ticks_without_anything_to_do(hub):
    browser = Browser(hub)
    kinds = [kind for kind, _ in browser.listen("tick", browser.overview()["last_seq"]).wait()]
    assert kinds[-1] == "tick"


def test_a_visit_is_planned_in_the_form(hub, visit):
    browser = Browser(hub)
    page = browser.client.post("/plan", data={"csrf": browser.csrf}).text
    assert "Start:" in page


def test_revoking_by_the_console_shows_on_the_list(hub, visit):
    browser = Browser(hub)
    assert "Revoked" in browser.press("/pendants/revoke", pendant=str(PENDANT), sure="yes")
    assert ask(hub.settings.data_dir, "pendants")[0]["revoked"]


def test_a_second_hub_on_the_same_data_is_refused(hub, tmp_path):
    with pytest.raises(DirectoryInUse, match="in use by another hub"):
        HubService(settings_of(tmp_path)).start()
    assert Browser(hub).overview()["cases"] == []


def test_a_port_in_use_is_said_so_and_nothing_is_left_running(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConsolePortInUse, match=f"console port {port} .*--port"):
            HubService(settings_of(tmp_path, console_port=port)).start()
    with HubService(settings_of(tmp_path)) as hub:
        assert Browser(hub).overview()["cases"] == []


def test_a_console_stays_logged_in_over_a_restart_of_the_hub(tmp_path):
    with HubService(settings_of(tmp_path)) as hub:
        browser = Browser(hub)
    with HubService(settings_of(tmp_path)) as hub:
        browser.client.base_url = hub.console_url
        assert browser.overview()["csrf"] == browser.csrf


def test_a_hub_stops_while_consoles_listen(tmp_path):
    hub = HubService(settings_of(tmp_path))
    hub.start()
    browser = Browser(hub)
    heard = browser.listen("never", browser.overview()["last_seq"])
    hub.stop()
    heard.wait()
    assert not [t for t in threading.enumerate() if t.name in ("engine", "notify", "console", "control")]


def test_a_bridge_is_given_its_own_user(hub):
    told = ask(hub.settings.data_dir, "bridge", bridge="van-2")
    assert told["user"] == "van-2"
    assert told["url"] == str(hub.address)


def test_a_visit_that_can_not_be_is_refused_by_the_hub(hub, visit):
    with pytest.raises(Refusal):
        hub.ask(PlanVisit(PENDANT, "homemaker-enhanced", {"worker": 2}, 0, 1))


def test_a_hub_told_that_it_was_restored_begins_a_new_epoch_and_only_then(tmp_path):
    epochs = []
    for restored in (False, False, True):
        with HubService(settings_of(tmp_path), restored=restored) as hub:
            epochs.append(hub.engine._state.epoch)
    assert epochs[0] == epochs[1] != epochs[2]


def test_a_visit_is_handed_over_by_a_button(hub, visit):
    browser = Browser(hub)
    fay = hub.ask(AddPerson("Fay", [Contact("apprise", "json://127.0.0.1:9/none")]))
    page = browser.press(f"/case/{visit}/hand_over", role=str(w.TRACKER), person=str(fay), text="end of shift")
    assert "Handed over, and they are told." in page and "tracker: Ben to Fay. end of shift" in page
    (case,) = browser.overview()["cases"]
    assert case["people"][str(w.TRACKER)]["name"] == "Fay"
    again = browser.press(f"/case/{visit}/hand_over", role=str(w.TRACKER), person=str(fay))
    assert "Fay is the tracker already" in again
