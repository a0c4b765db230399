"""The measurements run, on sizes too small to measure, and print what docs/benchmarks.md promises."""

import json

from watchword_hub.cli import app as cli
from watchword_hub.keyring import KeyRing
from watchword_hub.store.chain import verify_chain
from watchword_hub.store.store import Store
from watchword_sim.bench import many
from watchword_sim.bench.commands import bench
from watchword_sim.bench.figures import over, percentile


def measured(capsys, *arguments):
    assert cli.run(bench, [*arguments, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_an_sos_is_timed_beside_its_floor(capsys):
    result = measured(capsys, "sos", "--presses", "1", "--interval-ms", "15")
    run = result["intervals"]["15_ms"]
    assert set(run) == {"floor", "durable", "console", "felt"}
    assert set(run["floor"]) == {"notify", "write", "publish", "commit"}
    for step in ("durable", "console", "felt"):
        assert {"p50_ms", "p99_ms", "floor_p50_ms", "floor_p99_ms", "p50_ratio", "p99_ratio"} <= set(run[step])
    assert run["durable"]["p50_ms"] <= run["console"]["p50_ms"]


def test_intake_is_timed_beside_its_floor(capsys):
    result = measured(capsys, "intake", "--seconds", "0.01", "--pendants", "8")
    assert set(result["frame_to_durable_at_half"]) == {"frames_per_s", "p50_ms", "p99_ms"}
    assert {"durable_frames_per_s", "bare_receive_per_s", "bare_store_rows_per_s"} <= set(result)
    assert {"heartbeats", "mixed", "presses"} <= set(result["sustained"])
    assert result["press_costs_heartbeats"] >= 0
    assert {"unseal", "machines", "store"} <= set(result["engine_us_per_frame"])


def test_events_and_deadlines_are_timed_with_few_and_with_many_visits(capsys):
    result = measured(capsys, "engine", "--visits", "3", "--visits", "12", "--events", "30", "--sittings", "1")
    assert {"heartbeats", "mixed", "presses"} <= set(result["cost_ratio"])
    assert set(result["late_p99_ms"]) == set(result["visits"]) == {"3", "12"}
    assert result["first_rung_s"] > 0
    for number, found in result["visits"].items():
        assert found["restart"]["fired"] == int(number)
        deadlines = found["deadlines"]
        assert deadlines["fired"] == int(number) and len(deadlines["sittings_p99_ms"]) == 1
        assert deadlines["without_disk"]["p50_ms"] <= deadlines["late"]["p50_ms"] <= deadlines["latest_ms"]
        assert {"events_per_s", "engine_us_per_event"} <= set(found["events"]["mixed"])
        assert {"bare_store_rows_per_s", "bare_late", "memory_mb", "prepared_s"} <= set(found)


def test_a_visit_written_in_bulk_is_the_one_that_the_engine_made(tmp_path):
    template = many.Template(tmp_path / "template", KeyRing(tmp_path / "keys"))
    store = Store(tmp_path / "one")
    template.write(store, [0])
    for table, rows in template.rows.items():
        assert many.rows_of(store, table) == rows
    store.close()


def test_many_visits_written_in_bulk_are_chained_and_each_is_its_own(tmp_path):
    made = many.prepare(tmp_path / "many", 5)
    store = Store(made.folder)
    verify_chain(store.connection)
    wearers = store.rows("SELECT c.id, c.roles, p.wearer FROM visit_case c JOIN pendant p ON p.id = c.pendant")
    assert [json.loads(roles)["worker"] for _, roles, _ in wearers] == [wearer for *_, wearer in wearers]
    assert len({wearer for *_, wearer in wearers}) == 5
    assert store.rows("SELECT due_ms FROM visit_case ORDER BY id") == [(many.due_ms(i, 5),) for i in range(5)]
    store.close()


def test_a_percentile_is_one_of_the_values():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(i) for i in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0
    assert over(3, 2) == 1.5
