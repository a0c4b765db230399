"""The site's duress phrase stands in the one call task that needs it, and nowhere else: no other page, log, message or
byte of the store."""

import logging

import pytest
from console_fakes import ELI, PHRASE, a_task, a_visit, an_alarm
from fastapi.testclient import TestClient
from test_whole_hub import PENDANT, Browser
from watchword_core import words as w
from watchword_hub import settings
from watchword_hub.commands import AddPerson, Contact, PlanVisit, RegisterPendant
from watchword_hub.service import HubService

PAGES = ("/", "/case/7", "/plan", "/people", "/pendants", "/api/overview", "/login")


def seen(site) -> set[str]:
    return {path for path in PAGES if "heron" in site.browser.get(path).text}


@pytest.mark.parametrize("who", [w.WORKER, w.CLIENT])
def test_it_is_shown_in_the_task_to_phone_the_worker_or_the_client_with_what_to_do(secret_site, who):
    secret_site.show(a_visit(tasks=(a_task(w.CALL, who_role=who),)))
    assert seen(secret_site) == {"/case/7"}
    page = secret_site.browser.get("/case/7").text
    assert "do not repeat it" in page and "Duress phrase heard" in page
    assert secret_site.browser.get("/case/7").headers["cache-control"] == "no-store"
    assert "Look up the duress phrase" in secret_site.browser.get("/").text


@pytest.mark.parametrize(
    "task",
    [
        a_task(w.CALL, who_role=w.EMERGENCY_CONTACT),
        a_task(w.CALL, who_role=w.TEAM),
        a_task(w.DIAL_999),
        a_task(w.DECIDE),
        a_task(w.TELL, who_role=w.PARTNER_AGENCIES),
    ],
)
def test_it_is_in_no_other_task(secret_site, task):
    secret_site.show(a_visit(tasks=(task,), alarms=(an_alarm(kind=w.DURESS),), contacts=(ELI,)))
    assert seen(secret_site) == set()


def test_it_is_gone_with_its_task(secret_site):
    secret_site.show(a_visit(tasks=(a_task(w.CALL),)))
    assert seen(secret_site) == {"/case/7"}
    assert "heron" not in secret_site.press("safe", task="31").text
    assert seen(secret_site) == set()


def test_whoever_is_not_logged_in_does_not_see_it(secret_site):
    secret_site.show(a_visit(tasks=(a_task(w.CALL),)))
    assert "heron" not in TestClient(secret_site.app).get("/case/7").text


def test_a_site_without_one_says_so_in_the_task(site):
    site.show(a_visit(tasks=(a_task(w.CALL),)))
    assert "This site has no duress phrase" in site.browser.get("/case/7").text


def test_what_people_write_is_kept_free_of_it(secret_site):
    secret_site.press("spoke", text="she said The  Heron\tFILE twice")
    assert secret_site.hub.asked[0].text == "she said [the duress phrase] twice"


def test_it_is_in_no_log_no_message_and_no_byte_of_the_store(tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("WATCHWORD_DURESS_PHRASE", PHRASE)
    told = settings.load({"data_dir": tmp_path / "data", "console_port": 0})
    assert "heron" not in repr(told) + told.model_dump_json()
    with HubService(told) as hub:
        people = {}
        for role in ("worker", "tracker", "manager", "senior"):
            people[role] = hub.ask(AddPerson(role.capitalize(), [Contact("apprise", "json://127.0.0.1:9/none")]))
        hub.keyring.make(PENDANT)
        hub.ask(RegisterPendant(PENDANT, "P3"))
        now = hub.clock.now_ms()
        case = hub.ask(PlanVisit(PENDANT, "derbyshire", people, now - 7_200_000, now - 3_600_000, w.PLAN_RISK))
        browser = Browser(hub)
        tasks = next(t for _ in range(1000) if (t := browser.overview()["cases"][0]["tasks"]))  # it is overdue
        assert "heron" in browser.client.get(f"/case/{case}").text
        browser.press(f"/case/{case}/no_answer", task=str(tasks[0]["id"]), text="no word of the heron file")
        browser.press(f"/case/{case}/heard_duress", text="the heron file")
        assert "[the duress phrase]" in browser.client.get(f"/case/{case}").text
        assert "heron" not in str(hub.engine.counters)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert [path.name for path in files if b"heron" in path.read_bytes().lower()] == []
    assert "heron" not in caplog.text.lower()
