"""What people report on one case: calls, decisions, 999, silence; and who is asked next."""

from one_case import at, hear, inside, planned, run, tell, until
from small_table import ANY, S, call, contacts, decide, dial_999, general, ladder, rung, small_table, table, watch
from small_table import tell as told
from watchword_core import alarm, visit
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.events import new_event
from watchword_core.moments import START
from watchword_core.snapshots import ALARM, DURESS, heading_of, visit_id_of
from watchword_core.table import AGAIN, EITHER, FAILED

BEN, CORA, DEV = w.TRACKER, w.MANAGER, w.SENIOR
BOTH = w.WORK_MOBILE | w.PERSONAL_MOBILE


# -- calls


def overdue(plan=0):
    """From T_end Ben calls Ana's phones, then Cora her contacts; both are asked again nowhere else."""
    rungs = [
        call(0, BEN, w.WORKER, via=BOTH),
        call(0, CORA, w.EMERGENCY_CONTACT, 0, EITHER, 0, via=0),
        decide(0, CORA, 0, EITHER, 1),
    ]
    case = inside(table([watch(w.AT_T_END, ANY)], rungs), plan)
    assert run(case, 60) == [(60, w.CALL, BEN, w.WORKER, BOTH, 0, 0)]
    return case


def test_a_number_that_failed_is_not_asked_for_again():
    case = overdue(contacts(1))
    heard = hear(case, w.CALL_NO_ANSWER, 61, BEN, w.WORKER, w.WORK_MOBILE)
    assert heard == [(61, w.CALL, BEN, w.WORKER, w.PERSONAL_MOBILE, 0, 0)]
    heard = hear(case, w.CALL_VOICEMAIL, 62, BEN, w.WORKER, w.PERSONAL_MOBILE)
    assert heard == [(62, w.CALL, CORA, w.EMERGENCY_CONTACT, 0, 1, 0)]


def test_contacts_are_numbered():
    case = overdue(contacts(2))
    tell(case, w.CALL_NO_ANSWER, 61, BEN, w.WORKER)
    heard = hear(case, w.CALL_NO_ANSWER, 62, CORA, w.EMERGENCY_CONTACT)
    assert heard == [(62, w.CALL, CORA, w.EMERGENCY_CONTACT, 0, 1, 1)]
    assert tell(case, w.CALL_NO_ANSWER, 63, CORA, w.EMERGENCY_CONTACT) == [(w.DECIDE, CORA, 0)]


def test_a_call_that_nobody_reports_on_is_told_to_the_next_layer_by_its_own_rule():
    case = overdue(contacts(1))
    assert run(case, 70) == [
        (70, w.TELL, w.HUB, CORA, 0, w.RULE_UNREPORTED, 0),
        (70, w.CALL, CORA, w.EMERGENCY_CONTACT, 0, 1, 0),
    ]


def test_what_a_person_should_have_told_is_told_to_the_next_layer_as_that():
    case = inside(table([watch(w.AT_T_END, ANY)], [rung(0, w.TELL, CORA, w.PARTNER_AGENCIES, limit=10)]))
    assert run(case, 60) == [(60, w.TELL, CORA, w.PARTNER_AGENCIES, 0, 0, 0)]
    assert run(case, 70) == [
        (70, w.TELL, w.HUB, DEV, 0, w.RULE_UNREPORTED, 0),
        (70, w.TELL, DEV, w.PARTNER_AGENCIES, 0, 0, 0),
    ]


def test_whoever_is_heard_is_relied_on_again():
    case = overdue()
    until(case, 80)
    assert case.ladder.silent == 1 << BEN | 1 << CORA
    tell(case, w.STAND_DOWN, 81, BEN)
    assert case.ladder.silent == 1 << CORA
    tell(case, 250, 82, CORA)  # what this side doesn't know tells it nothing
    tell(case, 250, 83, CORA)
    assert case.ladder.silent == 1 << CORA and case.evidence == 2


def test_a_call_answered_is_speech_about_whatever_is_due():
    made = table([watch(w.AT_T_END, ANY)], [call(0, BEN, w.WORKER)])
    case = planned(table=made)
    assert case.spoken_now() == (w.SPOKE_ARRIVAL, 0)  # before `arrived` it clears nothing
    tell(case, w.ARRIVED, 0)
    assert case.spoken_now() == (w.SPOKE_ARRIVAL, 0)
    tell(case, w.CALL_SAFE, 1, BEN, w.WORKER)
    assert case.state == visit.INSIDE and case.spoken_now() == (w.SPOKE, w.WHATEVER_WAS_DUE)
    until(case, 60)
    tell(case, w.CALL_SAFE, 61, BEN, w.WORKER)
    assert case.state == visit.INSIDE and not case.ladder.running(w.AT_T_END)
    tell(case, w.DEPARTED, 62)
    assert case.spoken_now() == (w.SPOKE_DEPARTURE, 0)
    tell(case, w.CALL_SAFE, 63, BEN, w.WORKER)
    assert case.state == visit.CLOSED


def test_whoever_is_with_her_can_say_that_she_is_safe_and_staff_cannot():
    heard = w.BY_SPEECH
    for who, safe in ((w.WORKER, 1), (w.CLIENT, 1), (w.EMERGENCY_CONTACT, 1), (w.TEAM, 1), (CORA, 0), (0, 0)):
        case = planned(table=table([watch(w.AT_ARRIVED, heard, early_by=heard)], [told(0, CORA, 5)]))
        tell(case, w.ARRIVED, 0)
        tell(case, w.CALL_SAFE, 1, BEN, who)
        assert case.ladder.running(w.AT_ARRIVED) == (not safe)
        assert case.door_open() == (who in (w.WORKER, w.CLIENT)), "only her own voice opens the door"


def test_speech_with_the_client_or_her_family_opens_and_closes_nothing():
    for by in (w.WORKER, w.CLIENT, w.EMERGENCY_CONTACT):
        case = planned()
        tell(case, w.ARRIVED, 0)
        for kind in (w.SPOKE_ARRIVAL, w.SPOKE, w.SPOKE_DEPARTURE):
            assert tell(case, kind, 1, by) == []
        assert case.evidence == 3 and not case.door_open() and not case.finished()


def at_risk():
    rungs = [
        call(0, BEN, w.WORKER, via=BOTH),
        decide(0, CORA, 0, FAILED, 0),
        told(1, CORA),
        dial_999(1, CORA),
    ]
    case = inside(table([watch(w.AT_T_END, ANY), watch(w.AT_AT_RISK, w.BY_RESOLVED)], rungs))
    until(case, 60)
    return case


def test_at_risk_is_the_next_rung_and_the_999_task_both_at_once():
    case = at_risk()
    heard = tell(case, w.CALL_AT_RISK, 61, BEN, w.WORKER, w.WORK_MOBILE)
    assert heard == [(w.DECIDE, CORA, 0), (w.TELL, w.HUB, CORA), (w.DIAL_999, CORA, w.EMERGENCY_SERVICES)]
    assert tell(case, w.CALL_AT_RISK, 62, BEN, w.WORKER) == []  # known, and nobody is called any more
    assert case.ladder.running(w.AT_AT_RISK)


def test_duress_heard_on_a_call_is_duress():
    case = inside()
    tell(case, w.CALL_DURESS, 5, BEN, w.WORKER)
    assert case.slots[DURESS].stage == alarm.RAISED and case.slots[DURESS].kind == w.CALL_DURESS
    assert case.slots[ALARM].stage == alarm.NONE


def test_a_call_that_ended_in_duress_is_answered_and_nobody_is_asked_to_call_once_more():
    rungs = [call(0, BEN, w.WORKER), call(1, BEN, w.CLIENT), decide(2, CORA), told(3, CORA)]
    watches = [watch(w.AT_T_END, ANY, flags, again_s=20 * S) for flags in (AGAIN, 0, 0)]
    case = inside(table(watches + [watch(w.AT_DURESS, w.BY_TAKEN)], rungs))
    until(case, 60)
    assert tell(case, w.CALL_DURESS, 61, BEN, w.WORKER) == [(w.TELL, w.HUB, CORA)]
    assert case.ladder.open_rungs() == [1, 2]
    assert case.next_deadline_ms() == at(70)
    tell(case, w.CALL_DURESS, 62, BEN, w.CLIENT)
    assert case.ladder.open_rungs() == [2]
    assert (81, w.CALL, BEN, w.WORKER) in until(case, 81)


# -- outcomes


def test_999_dialled_ends_the_tasks_and_tells_who_must_know():
    made = general((w.AT_999_DIALLED, w.BY_RESOLVED, [told(0, DEV)]), (w.AT_T_END, ANY, [dial_999(0, BEN)]))
    case = inside(made)
    tell(case, w.SOS, 58)
    until(case, 60)
    assert case.ladder.open_rungs() == [1, 5]
    assert tell(case, w.DONE, 61, CORA, what=w.DIAL_999) == [(w.TELL, w.HUB, DEV)]
    assert case.ladder.open_rungs() == []


def test_what_was_told_ends_the_tellers_task_and_what_is_below_it():
    rungs = [rung(0, w.TELL, role, w.PARTNER_AGENCIES, limit=10) for role in (BEN, CORA)]
    case = inside(table([watch(w.AT_T_END, ANY)], rungs))
    until(case, 60)
    tell(case, w.DONE, 61, 0, what=w.TELL)  # nobody says which of them
    tell(case, w.DONE, 61, BEN, w.CLIENT, what=w.TELL)
    assert case.ladder.open_rungs() == [0, 1]
    tell(case, w.DONE, 61, CORA, what=w.CALL)
    assert case.ladder.open_rungs() == [0, 1]
    tell(case, w.DONE, 61, BEN, what=w.TELL)
    assert case.ladder.open_rungs() == [1]
    tell(case, w.DONE, 61, DEV, what=w.TELL)  # who stands above the teller may have got it too
    assert case.ladder.open_rungs() == []


def test_what_only_one_role_was_to_tell_is_told_whoever_says_so():
    for who, told_ in ((0, [0]), (w.PARTNER_AGENCIES, [0]), (w.CLIENT, [0, 1])):
        rungs = [told(0, CORA, limit=10), rung(0, w.TELL, CORA, w.PARTNER_AGENCIES, limit=10)]
        case = inside(table([watch(w.AT_T_END, ANY)], rungs))
        until(case, 60)
        tell(case, w.DONE, 61, 0, who, what=w.TELL)
        assert case.ladder.open_rungs() == told_, "that the hub told Cora is nobody's task"


def test_of_two_who_were_to_tell_somebody_each_the_one_whom_it_was_about_is_done():
    rungs = [rung(0, w.TELL, BEN, w.CLIENT, limit=10), rung(0, w.TELL, CORA, w.PARTNER_AGENCIES, limit=10)]
    case = inside(table([watch(w.AT_T_END, ANY)], rungs))
    until(case, 60)
    tell(case, w.DONE, 61, 0, w.CLIENT, what=w.TELL)
    assert case.ladder.open_rungs() == [1]


def deciding(flags=0):
    watches = [watch(w.AT_T_END, ANY, flags, again_s=20 * S), watch(w.AT_POLICE, w.BY_RESOLVED)]
    case = inside(table(watches, [call(0, BEN, w.WORKER), decide(0, CORA), dial_999(1, CORA)]))
    until(case, 60)
    return case


def test_a_decision_ends_what_it_was_asked_for_and_the_police_are_a_persons_task():
    case = deciding()
    assert tell(case, w.DECIDED, 61, CORA, what=w.CALL_POLICE) == [(w.DIAL_999, CORA, w.EMERGENCY_SERVICES)]
    assert case.ladder.open_rungs() == [2]
    case = deciding()
    assert tell(case, w.DECIDED, 61, CORA, what=w.NOT_POLICE) == []
    assert case.ladder.open_rungs() == [] and case.next_deadline_ms() is None


def test_a_decision_against_the_police_is_the_outcome_of_a_999_task():
    case = deciding()
    tell(case, w.DECIDED, 61, CORA, what=w.CALL_POLICE)
    tell(case, w.DECIDED, 63, CORA, what=w.NOT_POLICE)
    assert case.ladder.open_rungs() == [] and case.next_deadline_ms() is None


def test_while_the_police_look_for_her_nobody_begins_again_until_there_is_an_outcome():
    for outcome, due in ((w.NOT_POLICE, 90), (0, 90)):
        case = deciding(AGAIN)
        tell(case, w.DECIDED, 61, CORA, what=w.CALL_POLICE)
        tell(case, w.DONE, 63, CORA, what=w.DIAL_999)
        assert case.next_deadline_ms() is None and case.ladder.running(w.AT_T_END)
        case = restore(case.table, case.snapshot())
        tell(case, w.DECIDED if outcome else w.RESOLVED, 70, CORA, what=outcome)
        assert case.next_deadline_ms() == at(due)


def test_nobody_is_reminded_of_an_outcome_once_it_was_decided_unless_an_alarm_is_open():
    for raised, reminded in ((0, []), (w.SOS, [(100, w.TELL, w.HUB, CORA)])):
        case = inside(general((w.AT_T_END, w.BY_SPEECH, [decide(0, CORA)])))
        until(case, 60)
        tell(case, w.DECIDED, 61, CORA, what=w.CALL_POLICE)
        if raised:
            tell(case, raised, 62)
            tell(case, w.ACKNOWLEDGED, 62.5, CORA)
        tell(case, w.DONE, 63, CORA, what=w.DIAL_999)
        tell(case, w.DECIDED, 70, CORA, what=w.NOT_POLICE)
        assert until(case, 110) == reminded


def test_while_the_police_look_for_her_somebody_silent_anew_is_asked_about_anew():
    case = inside(table([watch(w.AT_SILENT, w.BY_SEEN)], [decide(0, CORA)]))
    for minutes in (5, 15):
        assert tell(case, w.SILENT, minutes) == [(w.DECIDE, CORA, 0)]
        tell(case, w.DECIDED, minutes + 1, CORA, what=w.CALL_POLICE)


def test_after_a_decision_an_open_visit_is_watched_again():
    case = deciding(AGAIN)
    tell(case, w.DECIDED, 61, CORA, what=w.NOT_POLICE)
    assert case.next_deadline_ms() == at(81)
    case = deciding(AGAIN)
    case.state = visit.CLOSED
    tell(case, w.DECIDED, 61, CORA, what=w.NOT_POLICE)
    assert case.next_deadline_ms() is None


def test_a_decision_answers_what_waits_for_one_elsewhere_by_being_recorded():
    case = inside(table([watch(w.AT_T_END, w.BY_RECORDED)], [told(0, CORA, 0, limit=10)]))
    until(case, 60)
    tell(case, w.DECIDED, 61, CORA, what=w.NOT_POLICE)
    assert not case.ladder.running(w.AT_T_END)


def test_a_decision_during_an_alarm_is_followed_until_it_is_resolved():
    case = inside(general())
    tell(case, w.SOS, 5)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    tell(case, w.DECIDED, 6, CORA, what=w.NOT_POLICE)
    assert until(case, 40) == [(36, w.TELL, w.HUB, CORA)]


def test_what_is_recorded_during_an_alarm_is_followed_until_it_is_resolved():
    case = inside(general())
    tell(case, w.DONE, 4, BEN)
    assert not case.ladder.running(w.AT_RECORDED)  # no alarm
    tell(case, w.SOS, 5)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    assert case.ladder.running(w.AT_ACKNOWLEDGED)
    tell(case, w.DONE, 6, BEN)
    assert not case.ladder.running(w.AT_ACKNOWLEDGED)
    assert until(case, 70) == [(36, w.TELL, w.HUB, CORA), (66, w.TELL, w.HUB, CORA)]
    tell(case, w.RESOLVED, 71, CORA)
    assert case.next_deadline_ms() is None and not case.alarm_open()


def test_who_acknowledged_and_records_nothing_is_followed_by_the_next():
    for owner, then in ((BEN, CORA), (CORA, DEV), (DEV, BEN)):
        case = inside(general())
        tell(case, w.SOS, 5)
        tell(case, w.ACKNOWLEDGED, 5.5, owner)
        assert until(case, 7.5) == [(7.5, w.TELL, w.HUB, then)]
    case = inside(general(), w.PLAN_NO_SENIOR)
    tell(case, w.SOS, 5)
    tell(case, w.ACKNOWLEDGED, 5.5, CORA)
    assert until(case, 7.5) == [(7.5, w.TELL, w.HUB, CORA)]


def test_an_acknowledgement_of_nothing_is_evidence():
    case = inside(general())
    assert tell(case, w.ACKNOWLEDGED, 5, BEN) == []
    assert case.evidence == 1 and not case.ladder.running(w.AT_ACKNOWLEDGED)


def test_every_acknowledgement_of_nothing_is_counted():
    case = inside(general())
    for n in range(1, 4):
        tell(case, w.ACKNOWLEDGED, 5, BEN)
        assert case.evidence == n


def test_an_acknowledgement_is_nothing_else():
    case = planned(table=general((w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN, [told(0, BEN)])))
    tell(case, w.ARRIVED, 4)
    tell(case, w.SOS, 5)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    assert case.ladder.running(w.AT_ARRIVED) and not case.ladder.running(w.AT_ALARM)


def test_what_is_resolved_needs_no_999_call_any_more():
    case = inside(general())
    tell(case, w.SOS, 5)
    until(case, 6)
    assert case.ladder.open_rungs() == [1]
    tell(case, w.RESOLVED, 7, CORA)
    assert case.ladder.open_rungs() == [] and not case.ladder.running(w.AT_ALARM)


def test_both_alarms_are_taken_by_one_acknowledgement():
    case = inside(small_table())
    tell(case, w.SOS, 5, what=1)
    tell(case, w.DURESS, 5, what=2)
    tell(case, w.ACKNOWLEDGED, 5.5, DEV)
    assert [slot.owner for slot in case.slots] == [DEV, DEV]
    assert [slot.ref for slot in case.slots] == [1, 2]
    assert [slot.kind for slot in case.slots] == [w.SOS, w.DURESS]
    assert not case.ladder.running(w.AT_ALARM) and not case.ladder.running(w.AT_DURESS)


def test_pressed_again_it_is_told_again_to_both_and_keeps_its_owner():
    case = inside()
    tell(case, w.MAN_DOWN, 5, what=1)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    assert hear(case, w.SOS, 6, what=2) == [(6, w.TELL, w.HUB, who, 0, w.RULE_RETELL, 0) for who in (BEN, CORA)]
    assert tuple(case.slots[ALARM]) == (alarm.WITH_PERSON, w.MAN_DOWN, BEN, 2)


def test_what_else_is_heard_of_an_alarm_takes_it_from_nobody():
    case = inside()
    tell(case, w.SOS, 5)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    for kind in (w.DURABLE, w.RESOLVED, w.ACKNOWLEDGED):
        tell(case, kind, 6, CORA if kind != w.DURABLE else 0)
        assert case.slots[ALARM].owner == BEN
    assert case.slots[DURESS].owner == 0


def test_two_roles_that_one_person_fills_are_asked_once():
    case = planned(w.PLAN_NO_TRACKER, table=general())
    assert tell(case, w.SOS, 5) == [(w.TELL, w.HUB, CORA)]
    assert tell(case, w.SOS, 5.5) == [(w.TELL, w.HUB, CORA)]


def test_raised_anew_after_it_was_resolved_it_belongs_to_nobody():
    case = inside()
    tell(case, w.SOS, 5, what=1)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    tell(case, w.RESOLVED, 6, BEN)
    tell(case, w.MAN_DOWN, 7, what=3)
    assert tuple(case.slots[ALARM]) == (alarm.RAISED, w.MAN_DOWN, 0, 3)


# -- what the hub notices


def test_what_is_known_is_not_told_again_until_it_is_over():
    kinds = ((w.SILENT, w.AT_SILENT), (w.WORRIED_FAMILY, w.AT_WORRIED), (w.NO_SIGNAL, w.AT_NO_SIGNAL))
    for kind, anchor in kinds:
        case = inside(general((anchor, w.BY_SEEN | w.BY_SPEECH, [told(0, BEN)])))
        assert tell(case, kind, 5) == [(w.TELL, w.HUB, BEN)]
        assert tell(case, kind, 6) == []
        tell(case, w.SPOKE, 7, BEN)
        assert tell(case, kind, 8) == [(w.TELL, w.HUB, BEN)]


def test_somebody_seen_again_is_no_contact():
    case = inside(general((w.AT_SILENT, w.BY_SEEN, [told(0, BEN)]), (w.AT_T_END, ANY, [told(0, BEN, 1)])))
    tell(case, w.SILENT, 5)
    tell(case, w.SEEN, 6)
    assert not case.ladder.running(w.AT_SILENT) and case.ladder.running(w.AT_T_END)
    assert until(case, 61) == [(61, w.TELL, w.HUB, BEN)]


def test_durable_is_no_answer():
    case = inside()
    tell(case, w.SOS, 5, what=4)
    tell(case, w.DURABLE, 5)
    assert tuple(case.slots[ALARM]) == (alarm.AT_HUB, w.SOS, 0, 4) and case.ladder.running(w.AT_ALARM)


# -- carrying it elsewhere


def test_what_a_snapshot_says_without_its_table():
    case = inside(plan=w.PLAN_RISK)
    tell(case, w.DURESS, 5, what=70_000)
    stored = case.snapshot()
    said = heading_of(stored)
    assert (said.visit_id, said.plan, said.state) == (7, w.PLAN_RISK, visit.INSIDE)
    assert said.slots == case.slots and visit_id_of(stored) == 7
    for wrong in (b"", stored[:10], stored[:29]):
        try:
            heading_of(wrong)
        except ValueError as e:
            assert str(e).startswith("these bytes are no snapshot: ")
            continue
        raise AssertionError("%d bytes were taken" % len(wrong))


def test_a_snapshot_of_another_table_or_of_no_state_is_refused():
    stored = inside().snapshot()
    other = table([watch(w.AT_T_END, ANY)], [call(0, BEN, w.WORKER)])
    for made, bytes_ in (
        (other, stored),
        (small_table(), stored + b"x"),
        (small_table(), stored[:6] + b"\x05" + stored[7:]),
    ):
        try:
            restore(made, bytes_)
        except ValueError:
            continue
        raise AssertionError("it was taken")


def test_a_snapshots_length_is_as_the_protocol_says():
    assert len(Case(small_table()).snapshot()) == 16 + 2 * 7 + 1 + 4 + 4
    assert len(planned().snapshot()) == 16 + 2 * 7 + 3 * 4 + 1 + 4 + 4 + 4


def test_an_event_has_only_what_most_kinds_need():
    event = new_event(w.SOS, 5)
    assert (event.kind, event.at_ms, event.by, event.who, event.what, event.value) == (w.SOS, 5, 0, 0, 0, 0)
    assert Case(ladder([told(0, BEN)]).table).times[START] is None
