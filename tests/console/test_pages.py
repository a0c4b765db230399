"""What a tired person reads: what is wrong, who is it, what do I do now, who has it."""

import re
from dataclasses import replace

import pytest
from console_fakes import ANA, BEN, CORA, DEV, PENDANT, START_MS, Settings, a_task, a_visit, an_alarm
from fastapi.testclient import TestClient
from watchword_core import alarm as a
from watchword_core import words as w
from watchword_hub.commands import Contact
from watchword_hub.console import views
from watchword_hub.console.app import create_app

HOSTILE = '<img src=x onerror="alert(1)">\'{{7*7}}'


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_alarms_that_nobody_has_come_first(site):
    site.show(a_visit())
    taken = an_alarm(stage=a.WITH_PERSON, owner_role=w.TRACKER, owner_name="Ben", raised_ms=START_MS - 900_000)
    site.show(replace(a_visit(), id=8, people={w.WORKER: views.Person(8, "Taken")}, alarms=(taken,)))
    site.show(replace(a_visit(), id=9, people={w.WORKER: views.Person(9, "Waiting")}, alarms=(an_alarm(),)))
    page = text_of(site.browser.get("/").text)
    main = page[page.index("SOS") :]
    assert main.index("Waiting") < main.index("Taken") < main.index("Open visits") < main.index("Ana")


def test_a_task_says_who_does_what_by_when_and_why(site):
    site.show(a_visit(tasks=(a_task(w.CALL),)))
    page = text_of(site.browser.get("/").text)
    assert "Ben Okafor : phone Ana Ferreira" in page
    assert "in 10:00 ( 10:10:00 )" in page
    assert "clause 4.2.2" in page
    assert "work mobile: 07700 900001" in page and "personal mobile: 07700 900011" in page
    for outcome in ("Safe", "No answer", "Voicemail", "At risk", "Duress phrase heard"):
        assert outcome in page


def test_a_late_task_says_late_in_a_word(site):
    site.show(a_visit(tasks=(a_task(w.CALL, due_ms=START_MS - 65_000),)))
    page = text_of(site.browser.get("/").text)
    assert "LATE" in page
    assert "01:05 late" in page


def test_a_call_to_the_client_shows_the_clients_number(site):
    site.show(a_visit(tasks=(a_task(w.CALL, who_role=w.CLIENT, who_name="", via=w.CLIENT_MOBILE),)))
    assert "07700 900100" in site.browser.get("/").text


def test_the_999_task_says_what_to_say(site):
    site.show(a_visit(alarms=(an_alarm(),), tasks=(a_task(w.DIAL_999),)))
    page = text_of(site.browser.get("/").text)
    for part in ("Ana Ferreira, a lone worker", "12 Mill Lane", "AB12 CDE", "SOS at 09:59:40", "I have dialled 999"):
        assert part in page


def test_duress_says_not_to_call_the_worker_first(site):
    site.show(a_visit(alarms=(an_alarm(kind=w.DURESS),), tasks=(a_task(w.CALL),)))
    page = text_of(site.browser.get("/case/7").text)
    assert "do not call the worker first" in page
    assert "Do not reveal it" in page


def test_a_suspect_alarm_says_so(site):
    site.show(a_visit(alarms=(an_alarm(suspect="the pendant was revoked"),)))
    assert "Suspect: the pendant was revoked" in site.browser.get("/").text


def test_an_alarm_with_no_visit_is_shown_with_its_pendant(site):
    lone = replace(a_visit(), procedure="", state=4, people={}, personal={}, alarms=(an_alarm(),))
    site.show(replace(lone, start_ms=None, end_ms=None))
    for path in ("/", "/case/7"):
        page = text_of(site.browser.get(path).text)
        assert "Pendant 3" in page
        assert "NOBODY HAS IT YET" in page


@pytest.mark.parametrize("path", ["/plan", "/people", "/pendants"])
def test_every_other_page_points_at_an_alarm_that_nobody_has(site, path):
    assert "Go to it now" not in site.browser.get(path).text
    site.show(a_visit(alarms=(an_alarm(),)))
    assert "Go to it now" in site.browser.get(path).text


def test_the_cases_page_does_not_point_at_itself(site):
    site.show(a_visit(alarms=(an_alarm(),)))
    assert "Go to it now" not in site.browser.get("/case/7").text


def test_a_full_disk_is_shown_on_every_page(site):
    site.stream.publish(0, START_MS, ("store_full",))
    assert "write its record" in site.browser.get("/people").text


def test_hostile_names_stay_text(site):
    evil = views.Person(1, HOSTILE)
    personal = dict.fromkeys(("client", "address", "car", "client_mobile", "notes"), HOSTILE)
    tasks = (a_task(w.CALL, by_name=HOSTILE, who_name=HOSTILE, clause=HOSTILE), a_task(w.DIAL_999, id=32))
    site.show(a_visit(people={w.WORKER: evil}, personal=personal, tasks=tasks, alarms=(an_alarm(suspect=HOSTILE),)))
    site.hub.persons = [evil]
    site.hub.worn = [views.Pendant(PENDANT, HOSTILE, evil)]
    site.hub.add_line("task", text=HOSTILE, by=HOSTILE)
    for path in ("/", "/case/7", "/plan", "/pendants", "/people"):
        page = site.browser.get(path).text
        assert "<img" not in page
        assert "{{7*7}}" in page or "7*7" not in page
        assert "&lt;img" in page


def test_a_pendants_page_says_what_its_clock_goes_by(site):
    said = "from GNSS, not from the hub yet"
    site.hub.worn = [views.Pendant(PENDANT, "P3", None, clock=said), views.Pendant(PENDANT + 1, "P4", None)]
    page = text_of(site.browser.get("/pendants").text)
    assert page.count("Clock") == 1 and f"Clock {said}." in page


def test_unknown_pendants_are_listed(site):
    site.hub.unknown = [views.Stranger(0xDEADBEEF, START_MS, 12)]
    assert "1 unknown pendant" in text_of(site.browser.get("/").text)
    assert "deadbeef" in site.browser.get("/pendants").text


def test_a_note_stays_long_enough_to_be_read_and_then_goes(site):
    assert "Recorded." in site.press("spoke").text
    site.clock.ms += 5_000
    assert "Recorded." in site.browser.get("/case/7").text
    site.clock.ms += 6_000
    assert "Recorded." not in site.browser.get("/case/7").text


def test_an_alarm_takes_away_the_note_of_what_was_recorded_before_it(site):
    assert "Recorded." in site.press("spoke").text
    site.clock.ms += 2_000
    site.show(a_visit(alarms=(an_alarm(raised_ms=site.clock.ms - 1_000),)))
    assert "Recorded." not in site.browser.get("/").text


def test_the_timeline_shows_when_late_news_arrived(site):
    site.hub.lines.append(views.JournalLine(1, 7, START_MS, START_MS - 60_000, w.CHECKED_IN, "", ANA.name))
    page = text_of(site.browser.get("/case/7").text)
    assert "09:59:00" in page
    assert "reached the hub 10:00:00" in page


def test_the_overview_is_there_for_programs(site):
    site.show(a_visit(alarms=(an_alarm(),)))
    body = site.browser.get("/api/overview").json()
    assert body["csrf"] == site.csrf
    assert body["cases"][0]["alarms"][0]["kind"] == w.SOS
    assert body["cases"][0]["people"][str(w.TRACKER)]["name"] == BEN.name


def test_controls_have_labels(site):
    site.show(a_visit(alarms=(an_alarm(),), tasks=(a_task(w.DECIDE),)))
    for path in ("/", "/case/7", "/plan", "/people", "/pendants"):
        page = site.browser.get(path).text
        labelled = set(re.findall(r'<label for="([^"]+)"', page))
        for tag in re.findall(r"<(?:input|select|textarea) [^>]*>", page):
            if 'type="hidden"' in tag or 'type="checkbox"' in tag:
                continue
            assert re.search(r'id="([^"]+)"', tag).group(1) in labelled, tag


def test_what_several_people_were_asked_is_one_card_in_the_readers_own_name(site):
    tasks = (
        a_task(w.CALL, id=31, by_role=w.MANAGER, by_name="Cora Lindqvist", by_person=3),
        a_task(w.CALL, id=32, by_person=BEN.id),
        a_task(w.CALL, id=33, rung=9, who_role=w.CLIENT, who_name=""),
    )
    site.show(a_visit(tasks=tasks))
    page = site.browser.get("/case/7").text
    assert page.count('class="task ') == 3  # the card for speech at the door, and two calls
    assert "Ben Okafor or Cora Lindqvist : phone Ana Ferreira" in text_of(page)
    assert 'name="task" value="32"' in page and 'name="task" value="31"' not in page
    assert "phone the client" in text_of(page)


def test_a_number_that_nobody_wrote_down_is_said_so_and_can_be_passed_over(site):
    site.show(a_visit(tasks=(a_task(w.CALL, via=w.PERSONAL_MOBILE | w.HOME),)))
    page = text_of(site.browser.get("/case/7").text)
    assert "home phone: no number on record" in page and "Can&#39;t be tried: home phone" in page


def test_a_forbidden_visit_says_so_with_its_clause(site):
    site.show(a_visit(state=0, forbidden="No tracker: no visit [3]"))
    for path in ("/", "/case/7"):
        assert "No tracker: no visit [3]" in text_of(site.browser.get(path).text)


@pytest.mark.parametrize(
    ("who", "there", "absent"),
    [
        (w.WORKER, ("Safe", "Duress phrase heard"), "They know"),
        (w.CLIENT, ("Spoke with Ana Ferreira: safe", "Duress phrase heard"), "They know"),
        (w.EMERGENCY_CONTACT, ("They know that Ana Ferreira is safe", "they don&#39;t know"), "Duress phrase heard"),
        (w.TEAM, ("They know that Ana Ferreira is safe",), "Duress phrase heard"),
    ],
)
def test_how_a_call_ended_is_said_of_the_worker_whoever_was_called(site, who, there, absent):
    site.show(a_visit(tasks=(a_task(w.CALL, who_role=who, via=0),), contacts=(CORA,)))
    page = text_of(site.browser.get("/").text)
    assert all(label in page for label in there) and absent not in page


def test_a_visit_that_can_not_be_read_says_so_and_what_to_do(site):
    site.show(a_visit(unreadable=True, start_ms=None, end_ms=None, arrived_ms=None))
    assert "Phone Ana Ferreira now, and plan the visit anew" in text_of(site.browser.get("/case/7").text)
    assert site.browser.get("/").status_code == 200


def test_nobody_is_offered_to_let_a_worker_into_a_forbidden_visit(site):
    site.show(a_visit(forbidden="No tracker: no visit [3]"))
    for path in ("/", "/case/7"):
        page = text_of(site.browser.get(path).text)
        assert "may go in" not in page and "Spoke: told not to go in" in page
    site.show(a_visit(forbidden="No tracker: no visit [3]", alarms=(an_alarm(),)))
    assert "may go in" not in text_of(site.browser.get("/case/7").text)


@pytest.mark.parametrize(
    "place, said",
    [
        (
            views.Place(515_000_000, -1_278_000, 12, START_MS - 60_000, False),
            "51.50000, -0.12780, to within 12 m, 01:00 ago",
        ),
        (
            views.Place(515_000_000, -1_278_000, 65_535, None, True),
            "51.50000, -0.12780, nobody knows when: last known place, from before a restart",
        ),
        (
            views.Place(515_000_000, -1_278_000, 12, START_MS - 65_534_000, True, or_earlier=True),
            "more than 18 h 12 min ago : last known place, from before a restart",
        ),
    ],
)
def test_where_the_pendant_was_is_said_with_its_age__to_999_too(site, place, said):
    site.show(a_visit(place=place, alarms=(an_alarm(),), tasks=(a_task(w.DIAL_999),)))
    page = text_of(site.browser.get("/case/7").text)
    assert page.count(said) == 2


def test_without_a_place_nothing_is_said_of_one(site):
    site.show(a_visit(tasks=(a_task(w.DIAL_999),)))
    assert "last known place" not in site.browser.get("/case/7").text


def test_staff_whom_no_message_can_reach_are_named_before_it_matters(site):
    reached = create_app(
        site.hub, site.hub.submit, site.stream, Settings(), site.login, site.clock, ["clarendon"], kinds=("mail",)
    )
    cora = replace(CORA, contacts=(Contact("work_mobile", "07700 900003"), Contact("mail", "cora@example.org")))
    site.show(a_visit(people={w.WORKER: ANA, w.TRACKER: BEN, w.MANAGER: cora, w.SENIOR: DEV}))
    with TestClient(reached) as browser:
        site.enter(browser)
        assert "No message can reach Ben Okafor: their ways are not set up" in browser.get("/").text
        assert "07700 900002 (<b>not set up on this hub</b>)" in browser.get("/people").text
    assert "No message can reach" not in site.browser.get("/").text


def test_which_procedure_is_never_chosen_by_the_order_of_a_list(site):
    names = ["clarendon", "homemaker-enhanced"]
    several = create_app(site.hub, site.hub.submit, site.stream, Settings(), site.login, site.clock, names)
    with TestClient(several) as browser:
        site.enter(browser)
        page = browser.get("/plan").text
    assert '<option value="">choose…</option><option value="clarendon">Clarendon' in re.sub(r">\s+<", "><", page)


def test_who_plans_reads_why_a_file_of_the_site_is_not_offered(site):
    reason = "harbour.toml:12: this id is used twice; give each rung its own"
    told = create_app(
        site.hub, site.hub.submit, site.stream, Settings(), site.login, site.clock, ["clarendon"], refused=[reason]
    )
    with TestClient(told) as browser:
        site.enter(browser)
        assert f"not offered: {reason}" in text_of(browser.get("/plan").text)
    assert "not offered" not in site.browser.get("/plan").text


@pytest.mark.parametrize("path", ["/", "/case/7", "/pendants"])
def test_what_comes_while_a_page_is_read_is_news_to_it(site, path):
    site.hub.add_line(w.ARRIVED, case=7)
    before = site.hub.last_seq()
    overview, people = site.hub.overview, site.hub.people

    def overtaken(read):
        def reading():
            found = read()
            site.hub.add_line(w.SOS, case=7)
            return found

        return reading

    site.hub.overview, site.hub.people = overtaken(overview), overtaken(people)
    page = site.browser.get(path).text
    assert int(re.search(r'data-seq="(\d+)"', page)[1]) == before  # its stream goes on from there, and brings the SOS
