"""Every button asks the engine for the right thing, in the name of the person who pressed it."""

import pytest
from console_fakes import ANA, BEN, CORA, DEV, ELI, PENDANT, START_MS, a_task, a_visit, an_alarm
from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_hub.commands import (
    AssignWearer,
    FindPendant,
    HandOver,
    PlanVisit,
    Record,
    RevokePendant,
    SetDefaultRoles,
)


def asked(site) -> Record:
    assert len(site.hub.asked) == 1
    return site.hub.asked[0]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("safe", w.CALL_SAFE),
        ("no_answer", w.CALL_NO_ANSWER),
        ("voicemail", w.CALL_VOICEMAIL),
        ("at_risk", w.CALL_AT_RISK),
        ("duress", w.CALL_DURESS),
    ],
)
def test_a_calls_outcome_is_recorded_for_whom_it_was_asked(site, act, kind):
    site.show(a_visit(tasks=(a_task(w.CALL, by_role=w.MANAGER, who_role=w.CLIENT, via=w.CLIENT_MOBILE),)))
    page = site.press(act, task="31")
    record = asked(site)
    assert (record.case, record.kind, record.by_role, record.by_person) == (7, kind, w.MANAGER, BEN.id)
    assert (record.who, record.via, record.idempotency_key) == (w.CLIENT, "client_mobile", "k")
    assert "Recorded." in page.text


def test_a_task_that_is_over_is_not_recorded(site):
    page = site.press("safe", task="31")
    assert "already over" in page.text
    assert site.hub.asked == []


def test_999_is_recorded_as_dialled(site):
    site.show(a_visit(tasks=(a_task(w.DIAL_999, by_role=w.MANAGER),)))
    site.press("dialled_999", task="31")
    record = asked(site)
    assert (record.kind, record.what, record.by_role) == (w.DONE, w.DIAL_999, w.MANAGER)


def test_dialling_999_is_no_answer_to_another_task(site):
    site.show(a_visit(tasks=(a_task(w.CALL),)))
    assert "not a 999 call" in site.press("dialled_999", task="31").text


def test_calling_the_police_is_decided(site):
    site.show(a_visit(tasks=(a_task(w.DECIDE),)))
    site.press("police", task="31")
    assert (asked(site).kind, asked(site).what) == (w.DECIDED, w.CALL_POLICE)


def test_not_calling_the_police_needs_a_reason(site):
    site.show(a_visit(tasks=(a_task(w.DECIDE),)))
    assert "write why" in site.press("not_police", task="31", text="  ").text
    site.press("not_police", task="31", text="at the office")
    assert (asked(site).kind, asked(site).what, asked(site).text) == (w.DECIDED, w.NOT_POLICE, "at the office")


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("spoke_arrival", w.SPOKE_ARRIVAL),
        ("spoke_departure", w.SPOKE_DEPARTURE),
        ("spoke", w.SPOKE),
        ("arrived", w.ARRIVED),
        ("departed", w.DEPARTED),
        ("stand_down", w.STAND_DOWN),
        ("abandon", w.ABANDONED),
        ("cancel", w.CANCELLED),
    ],
)
def test_what_the_tracker_hears_is_recorded(site, act, kind):
    site.press(act)
    assert (asked(site).kind, asked(site).by_role, asked(site).by_person) == (kind, w.TRACKER, BEN.id)


def test_an_alarm_is_acknowledged_with_an_owner(site):
    site.show(a_visit(alarms=(an_alarm(),)))
    page = site.press("acknowledge", role=str(w.MANAGER))
    assert (asked(site).kind, asked(site).by_role, asked(site).by_person) == (w.ACKNOWLEDGED, w.MANAGER, BEN.id)
    assert f"<b>{CORA.name}</b>" in page.text
    assert "NOBODY HAS IT" not in page.text


@pytest.mark.parametrize("role", ["", str(w.WORKER), "x", "-1"])
def test_an_alarm_needs_an_owner_that_can_have_it(site, role):
    site.show(a_visit(alarms=(an_alarm(),)))
    assert "Not recorded" in site.press("acknowledge", role=role).text
    assert site.hub.asked == []


def test_what_is_being_done_is_recorded(site):
    site.show(a_visit(alarms=(an_alarm(stage=a.WITH_PERSON),)))
    assert "write what is being done" in site.press("done").text
    site.press("done", text="Cora drives there")
    assert (asked(site).kind, asked(site).what, asked(site).text) == (w.DONE, 0, "Cora drives there")


def test_resolving_needs_an_outcome_and_a_confirmation(site):
    site.show(a_visit(alarms=(an_alarm(),)))
    assert "write how the alarm ended" in site.press("resolve", sure="yes").text
    refused = site.press("resolve", text="spoken to Ana")
    assert "tick the box" in refused.text
    assert "spoken to Ana" in refused.text  # what was typed is not lost
    site.press("resolve", text="spoken to Ana", sure="yes")
    assert (asked(site).kind, asked(site).text) == (w.RESOLVED, "spoken to Ana")


def test_an_alarm_that_came_unseen_is_not_resolved_with_the_one_on_the_page(site):
    shown = an_alarm(ref=4)
    site.show(a_visit(alarms=(shown,)))
    seen = f"{shown.slot}-{shown.kind}-{shown.ref}"
    assert f'name="alarms" value="{seen}"' in site.browser.get("/case/7").text
    raised_anew = an_alarm(ref=9)  # somebody else had resolved the first one
    for now_open in ((shown, an_alarm(kind=w.DURESS, slot=1)), (raised_anew,)):
        site.show(a_visit(alarms=now_open))
        page = site.press("resolve", text="spoken to Ana", sure="yes", alarms=seen)
        assert "another alarm has come" in page.text
    assert site.hub.asked == []
    site.show(a_visit(alarms=(shown,)))
    site.press("resolve", text="spoken to Ana", sure="yes", alarms=seen)
    assert asked(site).alarms == seen  # the engine looks once more


@pytest.mark.parametrize("act", ["acknowledge", "resolve"])
def test_an_alarm_that_is_over_is_left_alone(site, act):
    page = site.press(act, role=str(w.TRACKER), text="x", sure="yes")
    assert "no alarm is open here any more" in page.text


def test_a_visit_is_extended_to_a_time_of_the_site(site):
    site.press("extend", end="2026-03-02T11:30")
    assert (asked(site).kind, asked(site).value) == (w.EXTENDED, START_MS + 90 * 60_000)


def test_a_visit_is_extended_by_one_step_of_its_procedure(site):
    site.press("extend", end="")
    assert asked(site).value == 0


def test_a_call_that_nobody_asked_for_is_recorded(site):
    site.press("call", role=str(w.MANAGER), who=str(w.WORKER), result="voicemail")
    assert (asked(site).kind, asked(site).by_role, asked(site).who) == (w.CALL_VOICEMAIL, w.MANAGER, w.WORKER)


@pytest.mark.parametrize("fields", [{"who": "1", "result": "well"}, {"who": "99", "result": "safe"}])
def test_a_call_needs_a_known_end_and_a_known_person(site, fields):
    assert "Not recorded: choose" in site.press("call", **fields).text


def test_an_unknown_button_is_refused(site):
    assert "no such button" in site.press("explode").text


def test_a_refusal_is_told_in_its_own_words(site):
    site.hub.refuse = "Ana's visit is already closed."
    page = site.press("spoke")
    assert "Ana&#39;s visit is already closed." in page.text
    assert "Recorded." not in page.text


def test_a_hub_that_gives_no_answer_is_told_as_not_known(site, monkeypatch):
    monkeypatch.setattr("watchword_hub.console.app.ANSWER_S", 0.01)
    site.hub.silent = True
    assert "it is not known whether this was recorded" in site.press("spoke").text


def test_a_case_that_is_not_there_is_said_so(site):
    answer = site.browser.post("/case/99/spoke", data={"csrf": site.csrf})
    assert answer.status_code == 404
    assert "There is no such case." in answer.text


PLAN = {
    "pendant": str(PENDANT),
    "procedure": "homemaker-enhanced",
    "worker": str(ANA.id),
    "tracker": str(BEN.id),
    "manager": str(CORA.id),
    "start": "2026-03-02T14:00",
    "end": "2026-03-02T15:00",
    "address": "12 Mill Lane",
    "first_visit": "yes",
}


def plan(site, **changes: str):
    return site.browser.post("/plan", data={"csrf": site.csrf, "key": "k", **PLAN, **changes})


def test_a_visit_is_planned(site):
    page = plan(site)
    command = site.hub.asked[0]
    assert isinstance(command, PlanVisit)
    assert command.roles == {"worker": 1, "tracker": 2, "manager": 3}
    assert (command.start_ms, command.end_ms) == (START_MS + 4 * 3_600_000, START_MS + 5 * 3_600_000)
    assert command.plan_bits == w.PLAN_FIRST_VISIT | w.PLAN_NO_SENIOR | w.PLAN_NO_CLIENT_PHONES
    assert command.personal == {"address": "12 Mill Lane"}
    assert "Visit planned." in page.text


def test_a_forbidden_visit_is_shown_with_its_clause_and_planned_only_on_purpose(site):
    answer = plan(site, tracker="")
    assert answer.status_code == 422 and site.hub.asked == []
    assert "Forbidden: No tracker = no visit [" in answer.text and 'name="anyway"' in answer.text
    plan(site, tracker="", anyway="yes")
    assert site.hub.asked[0].plan_bits & w.PLAN_NO_TRACKER


def checked(site, **changes: str) -> str:
    return site.browser.get("/plan/check", params={**PLAN, **changes}).text


def test_a_forbidden_visit_is_shown_while_it_is_planned(site):
    assert "Must not take place" not in checked(site)
    assert "No tracker = no visit [" in checked(site, tracker="")
    assert "Must not take place" in checked(site, tracker="", start="")  # as far as it is filled in
    assert 'hx-get="/plan/check"' in site.browser.get("/plan").text


def test_out_of_hours_is_worked_out_shown_and_may_be_said_otherwise(site):
    assert "In office hours" in checked(site)
    late = {"start": "2026-03-02T16:30", "end": "2026-03-02T17:30"}
    assert "Out of hours: the office closes at 17:00" in checked(site, **late)
    assert "In office hours: as you say" in checked(site, **late, out_of_hours="no")
    assert "Finish: it must be after the start" in checked(site, end="2026-03-02T13:00")
    for said, expected in (("", w.PLAN_OUT_OF_HOURS), ("no", 0), ("yes", w.PLAN_OUT_OF_HOURS)):
        plan(site, **late, out_of_hours=said)
        assert site.hub.asked.pop().plan_bits & w.PLAN_OUT_OF_HOURS == expected
    plan(site)
    assert not site.hub.asked.pop().plan_bits & w.PLAN_OUT_OF_HOURS


def test_what_was_agreed_is_planned(site):
    plan(site, check_in="2026-03-02T14:30", return_by="2026-03-02T16:00", last_of_day="yes")
    command = site.hub.asked[0]
    assert command.check_in_ms == START_MS + 4 * 3_600_000 + 30 * 60_000
    assert command.return_by_ms == START_MS + 6 * 3_600_000
    assert command.plan_bits & w.PLAN_RETURNING and command.plan_bits & w.PLAN_LAST_OF_DAY


def test_several_emergency_contacts_are_planned_in_their_order(site):
    site.hub.persons.append(ELI)
    plan(site, emergency_contact=str(ELI.id), contact2=str(DEV.id), contact3=str(ELI.id))
    assert site.hub.asked[0].contacts == (ELI.id, DEV.id)
    assert "emergency_contact" not in site.hub.asked[0].roles


def test_a_second_worker_lifts_that_pairs_are_required(site):
    alone = {"pairs_required": "yes", "first_visit": ""}
    plan(site, **alone)
    assert site.hub.asked.pop().plan_bits & w.PLAN_ALONE
    plan(site, **alone, joint="yes", second_worker="Femi Adeyemi")
    command = site.hub.asked.pop()
    assert not command.plan_bits & w.PLAN_ALONE and command.personal["second_worker"] == "Femi Adeyemi"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"end": "2026-03-02T13:00"}, "Finish: it must be after the start"),
        ({"start": "soon"}, "Start: &#39;soon&#39; is no time"),
        ({"start": "2026-03-29T01:30", "end": "2026-03-29T03:30"}, "the clocks go forward"),
        ({"address": " "}, "Address: write where the visit is"),
        ({"tracker": str(ANA.id)}, "nobody can watch their own visit"),
        ({"worker": str(CORA.id), "manager": str(BEN.id)}, "is worn by Ana Ferreira"),
        ({"worker": "99"}, "Worker: choose a person"),
        ({"manager": ""}, "Manager: every visit needs one"),
        ({"pendant": "1"}, "Pendant: choose one"),
        ({"procedure": "../etc"}, "Procedure: choose one"),
        ({"check_in": "2026-03-02T13:00"}, "Agreed check-in: it can"),
        ({"return_by": "2026-03-02T14:30"}, "Expected back: it can"),
        ({"joint": "yes"}, "Second worker: write who"),
        ({"emergency_contact": str(ANA.id)}, "can&#39;t be their own"),
        ({"contact2": "77"}, "Contact2: choose a person"),
    ],
)
def test_a_plan_that_can_not_be_is_refused_and_nothing_typed_is_lost(site, changes, said):
    answer = plan(site, notes="dog in the yard", **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert "dog in the yard" in answer.text
    assert site.hub.asked == []


def test_a_plan_that_the_hub_refuses_is_shown_again(site):
    site.hub.refuse = "Pendant 3 has an open visit."
    answer = plan(site)
    assert answer.status_code == 422
    assert "Pendant 3 has an open visit." in answer.text


def test_a_wearer_is_assigned_and_taken_away(site):
    for person, expected in ((str(BEN.id), BEN.id), ("", None)):
        site.browser.post("/pendants/assign", data={"csrf": site.csrf, "pendant": str(PENDANT), "person": person})
        assert site.hub.asked.pop() == AssignWearer(PENDANT, expected)


def test_a_pendant_is_asked_to_buzz(site):
    page = site.browser.post("/pendants/find", data={"csrf": site.csrf, "pendant": str(PENDANT)})
    assert site.hub.asked == [FindPendant(PENDANT, by=BEN.id)] and "asked to buzz" in page.text


def test_revoking_needs_a_confirmation(site):
    fields = {"csrf": site.csrf, "pendant": str(PENDANT)}
    assert "tick the box" in site.browser.post("/pendants/revoke", data=fields).text
    site.browser.post("/pendants/revoke", data={**fields, "sure": "yes"})
    assert site.hub.asked == [RevokePendant(PENDANT, by=BEN.id)]


def test_a_closed_visit_offers_no_speaking(site):
    site.show(a_visit(state=v.CLOSED))
    assert "You have spoken" not in site.browser.get("/case/7").text


def test_who_is_told_of_alarms_with_no_visit_is_chosen(site):
    fields = {"csrf": site.csrf, "tracker": "", "manager": str(CORA.id), "senior": "4"}
    assert "they are told" in site.browser.post("/people/defaults", data=fields).text
    assert site.hub.asked == [SetDefaultRoles({"manager": CORA.id, "senior": 4})]
    assert "Manager: choose" in site.browser.post("/people/defaults", data={"csrf": site.csrf}).text


def test_going_in_is_offered_only_at_the_door(site):
    assert "Spoke on arrival" in site.browser.get("/case/7").text
    site.show(a_visit(state=v.PLANNED))
    page = site.browser.get("/case/7").text
    assert "Spoke on arrival" not in page
    assert "Worker is at the door" in page


def test_an_alarm_with_no_visit_and_nobody_chosen_for_it_offers_a_role_to_take_it(site):
    site.show(a_visit(procedure="", people={w.WORKER: ANA}, alarms=(an_alarm(),)))
    page = site.browser.get("/case/7").text
    assert f'<option value="{w.TRACKER}" selected>Ben Okafor, as tracker</option>' in page


SEVERAL = w.WORK_MOBILE | w.PERSONAL_MOBILE


def test_one_number_that_is_not_answered_is_recorded_by_itself(site):
    site.show(a_visit(tasks=(a_task(w.CALL, via=SEVERAL),)))
    page = site.browser.get("/case/7").text
    assert "No answer: work mobile" in page and "No answer from any of them" in page
    site.press("no_answer", task="31", via=str(w.WORK_MOBILE))
    record = asked(site)
    assert (record.kind, record.who, record.what, record.via) == (
        w.CALL_NO_ANSWER,
        w.WORKER,
        w.WORK_MOBILE,
        "work_mobile",
    )


def test_no_answer_from_any_number_is_one_press(site):
    site.show(a_visit(tasks=(a_task(w.CALL, via=SEVERAL),)))
    site.press("no_answer", task="31")
    assert (asked(site).what, asked(site).via) == (0, "work_mobile personal_mobile")


@pytest.mark.parametrize("via", [str(w.HOME), "x", "64", "-1"])
def test_a_number_that_the_task_does_not_have_is_not_recorded(site, via):
    site.show(a_visit(tasks=(a_task(w.CALL, via=SEVERAL),)))
    assert "not in the task any more" in site.press("no_answer", task="31", via=via).text
    assert site.hub.asked == []


def test_which_emergency_contact_did_not_answer_is_recorded(site):
    task = a_task(w.CALL, by_role=w.MANAGER, who_role=w.EMERGENCY_CONTACT, who_name="Eli", via=0, what=1)
    site.show(a_visit(tasks=(task,), contacts=(DEV, ELI)))
    assert "07700 900005" in site.browser.get("/case/7").text
    site.press("no_answer", task="31")
    assert (asked(site).who, asked(site).what, asked(site).value) == (w.EMERGENCY_CONTACT, 0b10, 1)


def test_partner_agencies_are_told_by_the_person_who_was_asked(site):
    site.show(a_visit(tasks=(a_task(w.TELL, by_role=w.MANAGER, who_role=w.PARTNER_AGENCIES, who_name="", via=0),)))
    assert "I have told the partner agencies" in site.browser.get("/case/7").text
    site.press("told", task="31")
    assert (asked(site).kind, asked(site).what, asked(site).by_role) == (w.DONE, w.TELL, w.MANAGER)


def test_who_was_told_by_the_hub_has_nobody_to_tell(site):
    site.show(a_visit(tasks=(a_task(w.TELL, by_role=w.MANAGER, who_role=w.MANAGER, who_name="Cora", via=0),)))
    assert "does not ask to tell anybody" in site.press("told", task="31").text


@pytest.mark.parametrize(
    ("act", "kind", "who"),
    [
        ("confirmed", w.CONFIRMED, 0),
        ("risk_checked", w.RISK_CHECKED, 0),
        ("left", w.LEFT_FOR_VISIT, 0),
        ("returned", w.RETURNED, 0),
        ("worried", w.WORRIED_FAMILY, 0),
        ("no_signal", w.NO_SIGNAL, 0),
        ("heard_at_risk", w.CALL_AT_RISK, w.WORKER),
        ("heard_duress", w.CALL_DURESS, w.WORKER),
    ],
)
def test_something_else_that_happened_is_recorded(site, act, kind, who):
    site.show(a_visit(state=v.PLANNED))
    assert f"/case/7/{act}" in site.browser.get("/case/7").text
    site.press(act)
    assert (asked(site).kind, asked(site).who, asked(site).by_role) == (kind, who, w.TRACKER)


def test_a_decision_that_no_task_asked_for_needs_its_reason(site):
    assert "choose what was decided" in site.press("decide", text="x").text
    assert "write what was decided" in site.press("decide", decision="police").text
    site.press("decide", decision="police", text="shouting heard", role=str(w.MANAGER))
    assert (asked(site).kind, asked(site).what, asked(site).by_role) == (w.DECIDED, w.CALL_POLICE, w.MANAGER)


def test_the_next_check_in_is_a_time_of_the_site(site):
    assert "write when" in site.press("check_in", at="").text
    site.press("check_in", at="2026-03-02T10:30")
    assert (asked(site).kind, asked(site).what, asked(site).value) == (
        w.EXTENDED,
        w.AT_FINISH,
        START_MS + 30 * 60_000,
    )


def test_the_tracker_hands_over_and_the_tasks_go_with_it(site):
    site.show(a_visit(tasks=(a_task(w.CALL),)))
    assert "Hand over and tell them" in site.browser.get("/case/7").text
    assert "choose who takes over" in site.press("hand_over", role=str(w.TRACKER), person="").text
    assert "choose what is handed over" in site.press("hand_over", person=str(DEV.id)).text
    assert "Not recorded" in site.press("hand_over", role=str(w.CLIENT), person=str(DEV.id)).text
    page = site.press("hand_over", role=str(w.TRACKER), person=str(DEV.id), text="my shift ends")
    assert site.hub.asked == [HandOver(7, w.TRACKER, DEV.id, BEN.id, "my shift ends", "k")]
    assert "Handed over, and they are told." in page.text
    assert "<b>Dev Sharma</b>: phone Ana Ferreira" in page.text


def test_a_999_task_that_needs_no_call_any_more_is_ended_with_the_reason(site):
    site.show(a_visit(tasks=(a_task(w.DIAL_999, by_role=w.MANAGER),)))
    assert "999 is not needed" in site.browser.get("/case/7").text
    assert "write why 999" in site.press("not_needed", task="31").text
    site.press("not_needed", task="31", text="she came back to the office")
    assert (asked(site).kind, asked(site).what, asked(site).by_role) == (w.RESOLVED, w.DIAL_999, w.MANAGER)
    assert asked(site).alarms == ""  # none may have come meanwhile


def test_with_an_alarm_open_the_999_task_ends_with_the_alarm(site):
    site.show(a_visit(alarms=(an_alarm(),), tasks=(a_task(w.DIAL_999),)))
    assert "999 is not needed" not in site.browser.get("/case/7").text
    assert "an alarm is open" in site.press("not_needed", task="31", text="x").text
    site.show(a_visit(tasks=(a_task(w.CALL),)))
    assert "not a 999 call" in site.press("not_needed", task="31", text="x").text
