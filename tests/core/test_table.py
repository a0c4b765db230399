"""A procedure as bytes: what is packed is what is read, and bytes that are no table of this engine are refused."""

from small_table import MINUTE, S, call, decide, small_table, table, tell, watch
from watchword_core import words as w
from watchword_core.table import (
    AGAIN,
    AT,
    EITHER,
    ENGINE_VERSION,
    FAILED,
    MANAGER_TRACKS,
    MAX_RUNGS,
    MAX_TABLE_BYTES,
    MAX_WATCHES,
    NO_END_OF_DAY,
    Forbid,
    Rung,
    Table,
    TableError,
    Watch,
    pack,
    plan_fits,
)

HEAD_BYTES = 22
WATCH_BYTES = 13
RUNG_BYTES = 17
FORBID_BYTES = 5


def refused(what, *arguments):
    try:
        what(*arguments)
    except TableError as e:
        return str(e)
    raise AssertionError("it was taken")


def test_what_is_packed_is_what_is_read():
    watches = [Watch(w.AT_T_END, AGAIN, 0xFFFF, 2, 3, 0x8000, 65535, 200), watch(w.AT_START, 5)]
    rungs = [Rung(0, AT, 0, 65535, w.CALL, 2, 3, 31, 600, 60, 0x4000, 0x8000), Rung(1, EITHER, 0, *range(9))]
    forbids = [Forbid(0x4000, 1, 220), Forbid(2, 3, 221)]
    made = Table(pack(1, 1000, 68, 7200, 900, watches, rungs, forbids, MANAGER_TRACKS, 1110, 3600))
    assert (made.gate, made.minute_ms, made.ends, made.cap_s, made.step_s) == (1, 1000, 68, 7200, 900)
    assert (made.flags, made.day_ends_min, made.late_s) == (MANAGER_TRACKS, 1110, 3600)
    assert [tuple(x) for x in made.watches] == [tuple(x) for x in watches]
    assert [tuple(x) for x in made.rungs] == [tuple(x) for x in rungs]
    assert [tuple(x) for x in made.forbids] == [tuple(x) for x in forbids]
    assert made.rungs_of == [[0], [1]] and [list(rungs) for rungs in made.after] == [[1], []]


def test_what_is_not_said_is_no_end_of_day():
    made = Table(pack(0, MINUTE, 0, 0, 0, [], [], []))
    assert (made.flags, made.day_ends_min, made.late_s) == (0, NO_END_OF_DAY, 0)
    assert len(made.compiled) == HEAD_BYTES


def test_the_golden_bytes_of_engine_5():
    made = table([watch(w.AT_T_END, w.BY_SPEECH)], [tell(0, w.TRACKER)], forbids=[Forbid(1, 0, 220)])
    assert made.compiled.hex() == (
        "574c05010101010000ea6000041c20038400ffff0000"
        "03000000000000020000000000"
        "000000000002"
        "0a02000000000000000000"
        "00010000dc"
    )
    assert made.version.hex() == Table(made.compiled).version.hex() and len(made.version) == 8
    assert made.short_version == int(made.version.hex()[:8], 16)


def test_the_lengths_that_the_protocol_names():
    one = pack(0, MINUTE, 0, 0, 0, [watch(0, 0)], [], [])
    assert len(one) == HEAD_BYTES + WATCH_BYTES
    one = pack(0, MINUTE, 0, 0, 0, [watch(0, 0)], [tell(0, 2)], [Forbid(0, 0, 220)])
    assert len(one) == HEAD_BYTES + WATCH_BYTES + RUNG_BYTES + FORBID_BYTES
    assert ENGINE_VERSION == 5 and (MAX_WATCHES, MAX_RUNGS, MAX_TABLE_BYTES) == (16, 64, 2048)


def test_the_largest_table_fits_and_one_more_does_not():
    watches = [watch(0, 0)] * MAX_WATCHES
    rungs = [tell(0, 2)] * MAX_RUNGS
    whole = Table(pack(0, MINUTE, 0, 0, 0, watches, rungs, []))
    assert len(whole.watches) == MAX_WATCHES and len(whole.rungs) == MAX_RUNGS
    limits = " rungs; the limits are 16 and 64"
    assert refused(pack, 0, MINUTE, 0, 0, 0, watches + watches[:1], rungs, []) == "17 watches and 64" + limits
    assert refused(pack, 0, MINUTE, 0, 0, 0, watches, rungs + rungs[:1], []) == "16 watches and 65" + limits


def test_what_is_no_number_does_not_fit():
    assert refused(pack, b"no", MINUTE, 0, 0, 0, [], [], []).startswith("a number does not fit the table: ")


def test_every_other_length_is_refused():
    whole = small_table().compiled
    for cut in range(len(whole)):
        refused(Table, whole[:cut])
    refused(Table, whole + b"\0")
    assert refused(Table, whole[:21]) == "table has 21 bytes; it needs 22 to 2048"
    assert refused(Table, bytes(2049)) == "table has 2049 bytes; it needs 22 to 2048"
    n = len(whole)
    assert refused(Table, whole + b"more") == "table has %d bytes; its header asks for %d" % (n + 4, n)


def test_a_table_as_long_as_the_limit_is_read_by_its_header():
    assert "engine 0" in refused(Table, bytes(2048))


def test_another_engine_or_no_table_is_refused():
    whole = small_table().compiled
    assert refused(Table, whole[:2] + b"\x06" + whole[3:]) == "table is for engine 6; this is engine 5"
    assert "engine 2" in refused(Table, whole[:2] + b"\x02" + whole[3:])
    refused(Table, b"WX" + whole[2:])


def test_counts_beyond_the_limits_are_refused_when_read():
    head = pack(0, MINUTE, 0, 0, 0, [], [], [])
    for watches, rungs in ((17, 0), (0, 65)):
        rest = bytes(watches * WATCH_BYTES + rungs * RUNG_BYTES)
        assert "its header asks" in refused(Table, head[:3] + bytes([watches, rungs]) + head[5:] + rest)


def test_a_rung_that_points_nowhere_is_refused():
    for wrong in (tell(1, 2), tell(0, 2, 0, FAILED, 2)):
        told = refused(Table, pack(0, MINUTE, 0, 0, 0, [watch(0, 0)], [tell(0, 2), wrong], []))
        assert told == "rung 1 points at a watch or rung that is not there"
    Table(pack(0, MINUTE, 0, 0, 0, [watch(0, 0)], [tell(0, 2, 0, AT, 9), tell(0, 2, 0, FAILED, 1)], []))


def test_what_follows_what():
    rungs = [call(0, 2, 1), decide(1, 3, 0, FAILED, 0), tell(0, 4, 0, AT, 0), tell(0, 4, 0, EITHER, 1)]
    made = table([watch(0, 0), watch(1, 0)], rungs)
    assert made.rungs_of == [[0, 2, 3], [1]] and [list(rungs) for rungs in made.after] == [[1], [3], [], []]


def test_seconds_at_the_tables_own_pace():
    assert small_table().ms(90) == 90_000
    assert small_table(pace=1000).ms(90) == 1500
    assert small_table(pace=100).ms(S) == 100 and small_table(pace=100).ms(1) == 1


def test_a_plan_fits_what_it_has_and_lacks():
    assert plan_fits(5, 0, 0) and plan_fits(5, 4, 2) and plan_fits(5, 5, 0)
    assert not plan_fits(5, 2, 0) and not plan_fits(5, 6, 0) and not plan_fits(5, 0, 1)
