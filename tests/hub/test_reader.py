"""What the console reads of the store: who needs what, by when, by which clause."""

from collections.abc import Iterator

import pytest
from stage import MINUTE, PENDANT, SECOND, FakePendant, Stage
from watchword_core import alarm, visit
from watchword_core import words as w
from watchword_core.frames import CLOCK_GNSS, CLOCK_SET, NO_AGE, OLD_PLACE, WATCHED
from watchword_hub.commands import Contact, RevokePendant
from watchword_hub.console.views import JournalLine, Place, Reader
from watchword_hub.feed import Feed
from watchword_hub.reader import StoreReader


@pytest.fixture
def reader(stage: Stage) -> Iterator[StoreReader]:
    reader = StoreReader(stage.store.path)
    yield reader
    reader.close()


def test_it_is_what_the_console_asks_for(reader: StoreReader) -> None:
    asked: Reader = reader
    assert (asked.overview().cases, asked.last_seq(), asked.case(1)) == ((), 1, None)  # a new store says so


def test_a_visit_is_shown_with_its_people_its_times_and_what_to_do(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    planned_ms = stage.clock.at_ms
    for _ in range(20):
        stage.later(MINUTE, MINUTE)
        stage.carry(ana.heartbeat())
    (case,) = reader.overview().cases
    assert (case.worker, case.people[w.TRACKER].name, case.pendant_label) == ("Ana", "Ben", "P1")
    assert case.people[w.TRACKER].contacts[1] == Contact("sms", "+441")
    assert (case.state, case.visit_open, case.procedure) == (visit.INSIDE, True, "homemaker-enhanced")
    assert (case.arrived_ms, case.cleared_ms, case.end_ms) == (planned_ms, planned_ms, planned_ms + 60 * MINUTE)
    assert case.last_heard_ms == stage.clock.at_ms
    (task,) = case.tasks
    assert (task.verb, task.by_name, task.who_name, task.clause) == (w.CALL, "Ben", "Ana", "4.2.2")
    assert task.due_ms is not None and task.due_ms > stage.clock.at_ms
    assert reader.case(case.id) == case


def test_an_alarm_is_shown_with_its_owner_and_when_it_was_raised(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    raised_ms = stage.clock.at_ms
    stage.carry(ana.frame(w.SOS))
    stage.later(5 * SECOND)
    (waiting,) = reader.overview().with_alarm
    assert waiting.nobody_has_it and waiting.alarms[0].stage == alarm.AT_HUB
    assert (waiting.alarms[0].kind, waiting.alarms[0].raised_ms) == (w.SOS, raised_ms)
    stage.record(ana.visit, w.ACKNOWLEDGED, w.MANAGER)
    taken = reader.case(ana.visit)
    assert taken is not None and not taken.nobody_has_it
    assert (taken.alarms[0].owner_name, taken.alarms[0].suspect) == ("Cora", "")


def test_an_alarm_that_is_raised_anew_has_its_own_time(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.record(ana.visit, w.RESOLVED, text="a drill")
    stage.later(10 * MINUTE)
    raised_ms = stage.clock.at_ms
    stage.carry(ana.frame(w.SOS))
    stage.later(5 * SECOND)
    stage.carry(ana.frame(w.SOS))  # pressed again: the alarm is the same
    (waiting,) = reader.overview().with_alarm
    assert waiting.alarms[0].raised_ms == raised_ms


def test_an_alarm_with_no_visit_of_a_revoked_pendant_is_shown_as_suspect(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.do(RevokePendant(ana.id, stage.cora))
    stage.carry(ana.frame(w.SOS))
    (case,) = reader.overview().with_alarm
    assert (case.procedure, case.visit_open, case.worker) == ("", False, "Ana")
    assert "revoked" in case.alarms[0].suspect


def lines(reader: StoreReader, case: int) -> list[tuple[int | str, str, str]]:
    return [(line.kind, line.text, line.by) for line in reader.journal_of(case, 100)]


def test_the_journal_reads_as_what_happened(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED, lat_e7=515_000_000, lon_e7=-1_000_000, accuracy_m=5, fix_age_s=2))
    stage.record(ana.visit, w.SPOKE_ARRIVAL, text="all well")
    stage.carry(ana.frame(w.DEPARTED, visit=ana.visit + 1))
    found = lines(reader, ana.visit)
    assert found[0] == ("opened", "", "")
    assert (w.ARRIVED, "", "") in found
    assert ("tell", "tracker (Ben) to be told [3.1]", "") in found
    assert (w.SPOKE_ARRIVAL, "all well", "Ben") in found
    assert found[-1] == (w.DEPARTED, "kept as evidence, changed nothing", "")


def test_lines_go_on_after_a_number_and_are_bounded(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    everything = reader.journal_after(0, 1_000)
    assert [line.seq for line in everything] == list(range(1, reader.last_seq() + 1))
    assert reader.journal_after(3, 2) == everything[3:5]
    newest: list[JournalLine] = list(reader.journal_of(ana.visit, 2))
    assert [line.seq for line in newest] == [line.seq for line in everything if line.case == ana.visit][-2:]


def test_a_closed_case_can_still_be_read(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    assert reader.overview().cases == ()
    case = reader.case(ana.visit)
    assert case is not None and case.closed_ms == stage.clock.at_ms and case.tasks == ()


def test_details_stand_beside_the_case(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    case_id = stage.plan(ana, personal={"address": "12 Mill Lane", "client": "Mr Hargreaves"})
    case = reader.case(case_id)
    assert case is not None and case.personal["client"] == "Mr Hargreaves"


def test_pendants_and_strangers_are_listed(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stranger = FakePendant(bytes(64), stage.clock, 77)
    stage.carry(stranger.heartbeat(), ana.heartbeat(battery_mv=3712))
    (pendant,) = reader.pendants()
    assert (pendant.id, pendant.label, pendant.case, pendant.battery_mv) == (PENDANT, "P1", ana.visit, 3712)
    assert pendant.wearer is not None and pendant.wearer.name == "Ana"
    assert [(s.pendant, s.frames) for s in reader.strangers()] == [(77, 1)]
    assert [person.name for person in reader.people()] == ["Ana", "Ben", "Cora", "Dev", "Eli"]


def test_messages_that_wait_too_long_are_a_warning(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    assert reader.overview().warnings == ()
    stage.later(90 * SECOND)
    assert any("wait to be delivered" in warning for warning in reader.overview().warnings)


def test_the_feed_beats_with_every_commit_and_while_idle(stage: Stage) -> None:
    feed: Feed = stage.engine.feed
    heard: list[int] = []
    feed.also(lambda last_seq, _now_ms, _banners: heard.append(last_seq))
    ana = stage.visit()
    assert heard[-1] == stage.store.last_id("journal")
    before = feed.latest.number
    assert feed.wait(before, 0) is None
    stage.later(11 * SECOND)
    beat = feed.wait(before, 0)
    assert beat is not None and beat.number == before + 2 and beat.now_ms == stage.clock.at_ms - SECOND
    assert ana.visit


def test_numbers_greater_than_any_row_find_nothing(stage: Stage, reader: StoreReader) -> None:
    stage.visit()
    assert (reader.case(1 << 63), list(reader.journal_after(1 << 63, 10))) == (None, [])


def test_who_is_called_next_and_what_was_recorded_reads_by_name_and_number(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    case_id = stage.plan(ana, procedure="northamptonshire", plan_bits=w.PLAN_RISK, contacts=[stage.dev])
    for _ in range(121):
        stage.later(MINUTE, MINUTE)
        stage.carry(ana.heartbeat())
    stage.record(case_id, w.CALL_NO_ANSWER, w.MANAGER, who=w.WORKER, via="work_mobile personal_mobile")
    stage.record(case_id, w.CALL_NO_ANSWER, w.MANAGER, who=w.EMERGENCY_CONTACT, text="rang for a minute")
    case = reader.case(case_id)
    assert case is not None and [person.name for person in case.contacts] == ["Eli", "Dev"]
    (task,) = case.tasks
    assert (task.who_name, task.what, task.by_person) == ("Dev (emergency contact 2 of 2)", 1, stage.cora)
    found = lines(reader, case_id)
    assert (w.CALL_NO_ANSWER, "worker by work mobile, personal mobile", "Cora") in found
    assert (w.CALL_NO_ANSWER, "emergency contact 1. rang for a minute", "Cora") in found
    assert ("call", "Cora to call the emergency contact 2 [4.6]", "") in found


def test_a_visit_that_must_not_take_place_says_why(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    case = reader.case(ana.visit)
    assert case is not None and case.forbidden == ""
    stage.record(ana.visit, w.CANCELLED)
    bits = w.PLAN_UNSCHEDULED | w.PLAN_FIRST_VISIT | w.PLAN_RETURNING
    back_ms = stage.clock.at_ms + 90 * MINUTE
    agreed_ms = stage.clock.at_ms + 30 * MINUTE
    forbidden = stage.plan(ana, procedure="derbyshire", plan_bits=bits, check_in_ms=agreed_ms, return_by_ms=back_ms)
    case = reader.case(forbidden)
    assert case is not None and case.forbidden.endswith("nscheduled]") and "never" in case.forbidden
    assert (case.check_in_ms, case.return_by_ms) == (agreed_ms, back_ms)
    stage.carry(ana.frame(w.ARRIVED))
    assert any(kind == "refuse" and "never" in text for kind, text, _ in lines(reader, forbidden))


def test_a_new_time_is_in_the_journal_as_a_time(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    later_ms = stage.clock.at_ms + 90 * MINUTE
    stage.record(ana.visit, w.EXTENDED, value=later_ms)
    line = reader.journal_of(ana.visit, 100)[-1]
    assert (line.kind, line.text, line.until_ms) == (w.EXTENDED, "new finish", later_ms)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE visit_case SET snapshot = x'00'",
        "UPDATE procedure_version SET compiled = CAST(x'574C01' || substr(compiled, 4) AS BLOB)",
    ],
)
def test_a_visit_of_another_engines_version_hides_no_other(stage: Stage, reader: StoreReader, change: str) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.later(90 * SECOND)
    stage.store.connection.execute(change)
    (case,) = reader.overview().cases
    assert case.unreadable and [task.verb for task in case.tasks] == [w.DIAL_999] and case.tasks[0].clause
    assert any("phone Ana, then plan anew" in warning for warning in reader.overview().warnings)
    assert lines(reader, ana.visit)


def test_a_pendant_says_what_its_clock_goes_by(stage: Stage, reader: StoreReader) -> None:
    stage.cast()
    ana = stage.provision()
    (unheard,) = reader.pendants()
    assert unheard.clock == ""
    stage.greet(ana)
    said = []
    for flags in (0, CLOCK_GNSS, CLOCK_SET):
        stage.carry(ana.heartbeat(flags=flags | WATCHED))
        said.append(reader.pendants()[0].clock)
    assert said == ["not set", "from GNSS, not from the hub yet", "from the hub"]
    stage.restart()
    stage.carry(ana.frame(w.SOS, flags=CLOCK_GNSS))
    assert reader.pendants()[0].clock.startswith("from GNSS"), "and it outlives a restart of the hub"


def place_of(stage: Stage, reader: StoreReader, ana: FakePendant, **said: int) -> Place | None:
    """Of Ana's open case, after a heartbeat that says so."""
    stage.carry(ana.heartbeat(**said))
    case = reader.case(ana.visit)
    assert case is not None
    return case.place


def test_where_the_pendant_was_is_shown_with_its_age_and_as_what_it_is(stage: Stage, reader: StoreReader) -> None:
    ana = stage.visit()
    assert place_of(stage, reader, ana) is None
    here = {"lat_e7": 515_000_000, "lon_e7": -1_000_000, "accuracy_m": 5}
    kept = place_of(stage, reader, ana, flags=OLD_PLACE, fix_age_s=NO_AGE, **here)
    assert kept == Place(515_000_000, -1_000_000, 5, None, before_restart=True)
    now_ms = stage.clock.at_ms
    assert place_of(stage, reader, ana, fix_age_s=90, **here) == Place(*here.values(), now_ms - 90_000, False)
    oldest = place_of(stage, reader, ana, flags=OLD_PLACE, fix_age_s=NO_AGE - 1, **here)
    assert oldest is not None and oldest.or_earlier and oldest.before_restart
    stage.restart()
    assert place_of(stage, reader, ana, flags=OLD_PLACE, fix_age_s=NO_AGE - 1, **here) == oldest
    stage.record(ana.visit, w.CANCELLED)
    closed = reader.case(ana.visit)
    assert closed is not None and closed.place is None, "by now somebody else may wear it"
